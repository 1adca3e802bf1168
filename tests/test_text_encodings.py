"""Names of encodings: those of text are known, the others of Python's codecs are none."""

from __future__ import annotations

import pytest

from recommender.text_encodings import encoding_named


@pytest.mark.parametrize("name", ["UTF-8", "latin1", "windows-1251", "Shift_JIS", "gb18030"])
def test_an_encoding_of_documents_is_known_by_any_of_its_names(name: str) -> None:
    encoding = encoding_named(name)

    assert encoding is not None
    assert "Boats".encode(encoding) == b"Boats"


@pytest.mark.parametrize(
    "name",
    [
        *("", "x-unknown", "rot13", "hex", "zlib", "idna", "punycode", "utf-7", "undefined"),
        *("unicode_escape", "raw-unicode-escape", "a\0b", "ü", "x" * 10_000),
    ],
)
def test_what_is_no_encoding_of_documents_is_none(name: str) -> None:
    assert encoding_named(name) is None
