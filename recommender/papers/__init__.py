"""Room 1, what comes in: documents become `Digest` values, and papers are told apart.

`formats.parse_digest` recognises a document by its content and hands it to the wing that reads it:
`digests`, `feeds`, `json_lists`, `references` or `mails`. These are pure: they are handed bytes or
text and today's date, and give a `Digest` or raise `DigestError`. `text` is what all of them need.
`identity` says which descriptions are of one paper; `intake` what of a digest is new. `sources`
says when a source is asked and what it means that it is silent. `datasets` reads and writes the
portable form of papers with their ratings. Only `files` and `datasets.dataset_files` touch files,
and only `intake` and `sources.news` touch the store.
"""
