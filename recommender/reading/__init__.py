"""Reading: what comes from outside is parsed in processes of their own, within limits.

`pool` starts and ends them, and is what others use; `process` is what runs there; `answers` is what
crosses over. Nothing here knows what is parsed: a parser is a function of bytes, handed in by name.
"""
