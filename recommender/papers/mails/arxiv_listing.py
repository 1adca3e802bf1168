r"""Room 1, papers: the listings that arXiv mails to its subscribers. Pure.

https://info.arxiv.org/help/subscribe.html: records between lines of ``\\``, their fields first,
then the abstract, then a line that ends them: ``\\ ( https://arxiv.org/abs/… ,  12kb)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from recommender.domain import AnnounceType, Digest, DigestEntry, UnreadEntry
from recommender.errors import DigestError
from recommender.papers.identity.canonical_ids import arxiv_id_of, normalise_doi
from recommender.papers.text.abstracts import cleaned_abstract, is_withdrawn
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.latex import with_accents
from recommender.papers.text.mojibake import mended
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, clean_line

FORMAT: Final = "arxiv-mail"
CURATOR: Final = "arXiv"

_SLASHES: Final = "\\\\"
_RECORD: Final = re.compile(
    r"(?:arXiv|Paper(?: \(\*cross-listing\*\))?):\s?(?P<id>\S{6,40})(?P<mark>.{0,60})",
    re.IGNORECASE,
)
_END: Final = re.compile(r"\\\\\s?\(\s?<?(?:https?://|arxiv\.org)", re.IGNORECASE)
_RULE: Final = re.compile(r"-{20,}|(?:%%-?-?-?-?){3,}.{0,20}")
_REVISED: Final = re.compile(
    r"(?:replaced with revised version|revised:)\s?(?P<when>.*)", re.IGNORECASE
)
_FIELD: Final = re.compile(
    r"(?P<name>Title|Authors?|Categories|Comments?|License|DOI|Journal-ref|Report-no|MSC-class"
    r"|ACM-class|Date|From|Proxy|Subj-class|Notes?)\s?:\s?(?P<value>.*)",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(
    r"received\s+from\s+.{10,60}\s+to\s+|archives at https?://arxiv\.org"
    r"|submissions directly to submitter",
    re.IGNORECASE,
)
_BROKEN_WORD: Final = re.compile(r"[^\W\d_]-\Z")
_HANGING: Final = frozenset({"and", "or", "to", "und", "oder"})
_LOOKED_AT: Final = 20_000


def is_arxiv_listing(lines: Sequence[str]) -> bool:
    """Whether a text is a listing, also one that announces nothing."""
    if next(_starts(lines), None) is not None:
        return True
    head = "\n".join(lines)[:_LOOKED_AT]
    return len(_HEADING.findall(head)) > 1


def parse_arxiv_listing(lines: Sequence[str], *, day: date) -> Digest:
    """Read a listing.

    Parameters
    ----------
    lines : sequence of str
        Without what a forwarding mail puts before them.
    day : date
        Of the mail.

    Returns
    -------
    Digest
        What was replaced is `AnnounceType.REPLACE`. A record that breaks off is named as unread.
        Without papers where the listing says that there is nothing new.

    Raises
    ------
    DigestError
        If no record can be read.
    """
    starts = [*_starts(lines), len(lines)]
    entries: list[DigestEntry] = []
    unread: list[UnreadEntry] = []
    for start, following in pairwise(starts):
        read = _entry(lines[start:following], f"line {start + 1}")
        if isinstance(read, UnreadEntry):
            unread.append(read)
        else:
            entries.append(read)
    if unread and not entries:
        raise DigestError(unread[0].where, unread[0].message)
    return Digest(FORMAT, CURATOR, day, tuple(entries), tuple(unread))


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Yield where records begin: at their identifiers, below a line of slashes."""
    before = ""
    for number, line in enumerate(lines):
        stripped = line.strip()
        if before == _SLASHES:
            found = _RECORD.match(stripped)
            if found and arxiv_id_of(found["id"]):
                yield number
        if stripped:
            before = stripped


def _entry(lines: Sequence[str], where: str) -> DigestEntry | UnreadEntry:
    head = _RECORD.match(lines[0].strip())
    arxiv_id = head and arxiv_id_of(head["id"])
    if head is None or arxiv_id is None:
        return UnreadEntry(where, "it has no arXiv id; see the listing at arxiv.org")
    end = next((n for n, line in enumerate(lines) if _END.match(line.strip())), None)
    if end is None:
        return UnreadEntry(
            where, f"the record of {arxiv_id} breaks off; have the whole mail sent again"
        )
    parted = next((n for n, line in enumerate(lines[:end]) if line.strip() == _SLASHES), end)
    fields, revised = _fields(lines[1:parted])
    title = _text(fields.get("title", ""))[:MOST_TITLE_CHARACTERS]
    if not title:
        return UnreadEntry(where, f"{arxiv_id} has no title; see it at arxiv.org")
    abstract = cleaned_abstract(_joined(lines[parted + 1 : end]))
    announced = AnnounceType.NEW
    if is_withdrawn(title, abstract):
        announced = AnnounceType.WITHDRAWN
    elif revised:
        announced = AnnounceType.REPLACE
    elif "cross-list" in (head["mark"] + lines[0]).lower():
        announced = AnnounceType.CROSS
    return DigestEntry(
        title=title,
        abstract=abstract,
        authors=authors_of([_without_brackets(fields.get("authors", ""))], inverted=False),
        arxiv_id=arxiv_id,
        doi=normalise_doi(fields.get("doi", "").partition(" ")[0]),
        url=f"https://arxiv.org/abs/{arxiv_id}",
        published_at=None if revised else _moment(fields.get("date", "")),
        announce_type=announced,
    )


def _fields(lines: Sequence[str]) -> tuple[dict[str, str], bool]:
    """Join each field's lines; tells as well whether the paper was replaced."""
    parts: dict[str, list[str]] = {}
    is_revised = False
    name = ""
    for line in lines:
        stripped = line.strip()
        if not stripped:
            continue
        if _REVISED.match(stripped):
            is_revised, name = True, ""
            continue
        # What is folded begins with white space, unless a mail program took that away.
        field = None if line[:1].isspace() and name else _FIELD.match(stripped)
        if field is not None:
            name = field["name"].lower()
            name = "authors" if name == "author" else name
            # The first counts: a folded line may look like another field.
            parts.setdefault(name, [])
            parts[name].append(field["value"])
        elif name:
            parts[name].append(stripped)
    return {name: " ".join(values).strip() for name, values in parts.items()}, is_revised


def _joined(lines: Sequence[str]) -> str:
    """Join folded lines; arXiv folds behind hyphens too."""
    pieces: list[str] = []
    for line in lines:
        stripped = line.strip()
        if not stripped or _RULE.fullmatch(stripped):
            continue
        first = stripped.partition(" ")[0].strip(",;")
        is_glued = pieces and _BROKEN_WORD.search(pieces[-1][-2:]) and first[:1].islower()
        if pieces and not (is_glued and first not in _HANGING):
            pieces.append(" ")
        pieces.append(stripped)
    return clean_line("".join(pieces))


def _text(text: str) -> str:
    return mended(with_accents(clean_line(text)))


def _without_brackets(names: str) -> str:
    """Leave out affiliations, which may have brackets and commas themselves."""
    kept: list[str] = []
    depth = 0
    for letter in names:
        depth += letter == "("
        if not depth:
            kept.append(letter)
        depth -= letter == ")" and depth > 0
    return "".join(kept)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.partition("(")[0].strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
