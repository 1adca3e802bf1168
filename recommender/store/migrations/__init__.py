"""Store: how the schema came to be what it is, step by step.

A migration spells out what it does and imports nothing of today's code, so that it does the same
for ever. The newest one is `database.SCHEMA_REVISION`.
"""
