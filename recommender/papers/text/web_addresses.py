"""Room 1, papers: whether foreign text is an address that a reader may be led to. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2_000
"""Characters. Beyond, browsers and mail programs differ."""
# An address that leaves nothing to look into, as nearly all are.
_USUAL: Final = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?:/[!-~]*)?")


def web_address(text: object) -> str | None:
    """Return text where it is an http or https address that names a host, else None.

    One with a user name is none: ``https://github.com@example.org`` leads elsewhere than it says.

    Examples
    --------
    >>> web_address(" https://example.org/code ")
    'https://example.org/code'
    >>> web_address("javascript:alert(1)") is None
    True
    """
    if not isinstance(text, str):
        return None
    address = text.strip()
    if len(address) > LONGEST or not address.isprintable() or " " in address:
        return None
    if _USUAL.fullmatch(address):
        return address
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        # Read only to see that it is a number.
        _ = parts.port
    except ValueError:
        return None
    return address if usable else None
