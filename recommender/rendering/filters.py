"""Rendering: what templates do with text in any language: its lines, and links in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from recommender.formulas import readable, spans_read_as_one
from recommender.uris import as_uri
from recommender.wording import one_line

TEXT_WIDTH = 72
"""Columns of a text part: what RFC 3676 recommends, and still whole when it is quoted once."""

SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
"""Schemes that a link may have; ``javascript:`` and ``data:`` run code in the reader's client."""

LONGEST_SHOWN_WORD = 60
"""Letters; the longest words of real titles, names of substances, have hyphens."""

_URL = re.compile(r"\W{0,3}https?://", re.IGNORECASE)
_URL_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
# Lines break at hyphens, and within words of scripts that put no space between them.
_UNBROKEN = (
    r"[^\s\-\u00ad\u200b\u2010\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uabff\uf900-\uffff"
    r"\U00020000-\U0003ffff]"
)
_TOO_LONG = re.compile(rf"({_UNBROKEN}{{{LONGEST_SHOWN_WORD - 1}}}){_UNBROKEN}{{2,}}")


@lru_cache(maxsize=5_000)
def safe_url(url: str | None) -> str:
    """Return a URL that may stand in a link, as a URI, or an empty string where it may not.

    Only absolute ``http``, ``https`` and ``mailto`` URLs pass. Browsers drop control characters
    before they look at the scheme, so a URL that holds any is refused as well.
    """
    if not url or _URL_BREAKS.search(url := url.strip()):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    has_target = parts.path if parts.scheme == "mailto" else parts.netloc
    return as_uri(url) if parts.scheme in SAFE_SCHEMES and has_target else ""


@lru_cache(maxsize=5_000)
def as_title(title: str) -> str:
    """Return a title as people read it, without the end of a word that would bury the page."""
    title = readable(title)
    # To look for a word that is too long takes longer than to see that none is.
    if max(map(len, title.split()), default=0) <= LONGEST_SHOWN_WORD:
        return title
    return _TOO_LONG.sub(r"\1…", title)


def marked(pieces: Sequence[tuple[str, bool]]) -> Markup:
    """Return as HTML a text that comes in pieces, each with whether it was looked for.

    What was looked for within a formula is not marked: the formula would be shown as its source.
    """
    whole = "".join(text for text, _ in pieces)
    # Most texts are read as they are written, which is seen sooner of the whole than of each piece.
    if as_title(whole) != whole:
        pieces = [(as_title(text), found) for text, found in _with_formulas_whole(whole, pieces)]
    said = [f"<mark>{escape(text)}</mark>" if found else escape(text) for text, found in pieces]
    return Markup("".join(said))  # noqa: S704, each is escaped


def _with_formulas_whole(
    whole: str, pieces: Sequence[tuple[str, bool]]
) -> Iterator[tuple[str, bool]]:
    within = {at for begin, end in spans_read_as_one(whole) for at in range(begin + 1, end)}
    begin = end = 0
    for text, is_found in pieces:
        start, end = end, end + len(text)
        if is_found and start not in within and end not in within:
            yield whole[begin:start], False
            yield text, True
            begin = end
    yield whole[begin:], False


@lru_cache(maxsize=5_000)
def shortened(text: str, columns: int) -> str:
    """Return a text in one line of at most so many columns, cut behind a word and marked ``…``."""
    text = one_line(text)
    if len(text) <= _fitting(text[: columns + 1], columns):
        return text
    head = text[: _fitting(text[:columns], columns - 1)]
    words, _, part = head.rpartition(" ")
    # A word that is most of the line is cut itself.
    cut = words if len(words) > len(part) and text[len(head)] != " " else head
    return cut.rstrip(" ,;:.–-") + "…"


@lru_cache(maxsize=5_000)
def wrapped(text: str, indent: int = 0) -> str:
    """Wrap a paragraph of a text part at `TEXT_WIDTH`; continued lines start at ``indent``.

    The first line is not indented: the template puts it, behind a number for instance. A URL stays
    one word, however long it is.
    """
    text = one_line(text)
    width = TEXT_WIDTH - indent
    lines = []
    start = 0
    # By hand and kept, because textwrap took two thirds of the time of rendering an issue, and
    # the papers of one day are the same for many readers.
    is_ascii = text.isascii()
    while len(text) - start > (
        fitting := width if is_ascii else _fitting(text[start : start + width], width)
    ):
        end = text.rfind(" ", start, start + fitting + 1)
        if end < 0 and _URL.match(text, start):
            end = text.find(" ", start)
            if end < 0:
                break
        lines.append(text[start:end] if end >= 0 else text[start : start + fitting])
        start = end + 1 if end >= 0 else start + fitting
    return f"\n{' ' * indent}".join([*lines, text[start:]])


def _fitting(text: str, columns: int) -> int:
    """Return how many characters fit into a line; those of East Asian scripts take two columns."""
    ends = accumulate(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return sum(end <= columns for end in ends)


def as_sentence(words: str) -> str:
    """Return words that say what is wrong as a sentence: with a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."
