"""Room 1, what comes in: digest files become `Digest` values, and papers are told apart.

`formats.parse_digest` recognises a document by its content and hands it to the module that
reads it: `digest_text`, `daily_papers`, `json_lines` or `feeds`. These are pure: they are
handed bytes or text and today's date, and give a `Digest` or raise `DigestError`. `identity`
says when two entries are one paper, `plain_text` takes markup away. `references` reads what a
person names papers by (`bibtex`, `ris`, `identifiers`; `latex` takes their markup away). `dataset`
reads and writes the portable form of papers with their ratings. Only `incoming` (the watched
folder) and `dataset_files` touch files, and only `intake` touches the store.
"""
