"""The room that keeps things: the only SQL of the project.

`database` opens and migrates, `tables` says what a row holds, and one module per noun reads and
writes domain values. Functions take the session that they work in; who opens it decides what
happens together. Nothing here decides.
"""
