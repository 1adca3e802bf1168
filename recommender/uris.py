"""Addresses on the web as URIs (RFC 3986), however their source wrote them. Pure.

Browsers take nearly anything. Clients that find links in plain text, reference managers and feed
readers end at the first quotation mark or angle bracket.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_AT_A_HOST: Final = re.compile(r"(https?://)([^/?#]*)(.*)", re.DOTALL | re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9.:-]+")
_NO_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ALLOWED: Final = "/:?#@!$&'()*+,;=~-._%"


def as_uri(address: str) -> str:
    """Return an address with all that no URI may hold percent-encoded, and what is so already left.

    Examples
    --------
    >>> as_uri('https://example.org/a%20{b}?c="d"<e>&f=5%')
    'https://example.org/a%20%7Bb%7D?c=%22d%22%3Ce%3E&f=5%25'
    >>> as_uri("https://bücher.example/ä"), as_uri("http://[::1]/[a]")
    ('https://xn--bcher-kva.example/%C3%A4', 'http://[::1]/%5Ba%5D')
    """
    found = _AT_A_HOST.fullmatch(address)
    if found is None:
        return _encoded(address)
    return found[1] + _encoded(_host(found[2]), "[]") + _encoded(found[3])


def _host(name: str) -> str:
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        return name
    # Some characters stand for a slash there, and would end the host's name.
    return ascii_name if _HOST.fullmatch(ascii_name) else name


def _encoded(text: str, further: str = "") -> str:
    text = _NO_ESCAPE.sub("%25", text)
    return quote(text, safe=_ALLOWED + further, errors="replace")
