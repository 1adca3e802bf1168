"""The encodings of text that documents and servers name, as far as they are any; for every room."""

from __future__ import annotations

import codecs
from typing import Final

# Python's codecs that are no encodings of documents; some take the square of the length.
_NO_ENCODINGS: Final = frozenset({"idna", "punycode", "undefined", "utf-7"})


def encoding_named(name: str) -> str | None:
    """Return Python's name of an encoding, None where it is none or none of documents.

    Examples
    --------
    >>> encoding_named("Latin1"), encoding_named("rot13"), encoding_named("x-unknown")
    ('iso8859-1', None, None)
    """
    try:
        found = codecs.lookup(name)
    except (LookupError, UnicodeError, ValueError):
        return None
    is_text = getattr(found, "_is_text_encoding", False)
    is_none = found.name in _NO_ENCODINGS or found.name.endswith("unicode-escape")
    return found.name if is_text and not is_none else None
