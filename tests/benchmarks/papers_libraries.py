"""Libraries that are bad for their parsers; tables for `papers_parsers`."""

from __future__ import annotations

from typing import Final

from linear import numbered, repeated

ITEM: Final = '[{"key": "A", "data": {"itemType": "book", "title": "t", '
ZOTERO: Final = {
    "a long title": repeated("a ", before=ITEM + '"title": "', after='"}}]'),
    "tags in a title": repeated("<i>", before=ITEM + '"title": "', after='"}}]'),
    "angle brackets in an abstract": repeated("<", before=ITEM + '"abstractNote": "', after='"}}]'),
    "lines of extra": repeated("DOI: \\n", before=ITEM + '"extra": "', after='"}}]'),
    "DOIs in extra": repeated("DOI:10.1/a,10.1/", before=ITEM + '"extra": "', after='"}}]'),
    "a DOI of slashes": repeated("10.1234/", before=ITEM + '"DOI": "', after='"}}]'),
    "creators": repeated(
        '{"creatorType": "author", "lastName": "a"},',
        before=ITEM + '"creators": [',
        after="{}]}}]",
    ),
    "nested lists": repeated("[", before=ITEM + '"extra": '),
    "items": repeated(f"{ITEM[1:]}}}}},".replace(", }", "}"), before="[", after="{}]"),
    "unknown fields": numbered('"x{}": 1, ', before=ITEM, after='"y": 1}}]'),
    "backslashes": repeated("\\\\", before=ITEM + '"extra": "', after='"}}]'),
}
ZOTERO_KEYS: Final = {
    "keys": repeated("AAAA1111\n"),
    "one long key": repeated("A"),
    "blanks": repeated(" \n"),
}
