"""Room 1, what comes in: digest files become `Digest` values, and papers are told apart.

`formats.parse_digest` recognises a document by its content and hands it to the module that
reads it: `digest_text`, `daily_papers`, `json_lines` or `feeds`. These are pure: they are
handed bytes or text and today's date, and give a `Digest` or raise `DigestError`. `identity`
says when two entries are one paper, `plain_text` takes markup away. Only `incoming` touches
files (the watched folder), and only `intake` touches the store.
"""
