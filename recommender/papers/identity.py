"""Room 1, papers: what makes two entries the same paper. Pure; knows no digest format.

arXiv identifiers follow https://info.arxiv.org/help/arxiv_identifier.html, DOIs the DOI
Handbook, section 2.2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote_plus, unquote

from recommender.domain import AnnounceType, DigestEntry, Paper

# Four digits from April 2007, five from January 2015; before that archive/YYMMNNN.
_NEW_STYLE = (
    r"(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.[0-9]{4}|(?:1[5-9]|[2-9][0-9])(?:0[1-9]|1[0-2])\.[0-9]{5}"
)
_OLD_STYLE = r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2})?/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}"
_ID = rf"(?P<id>{_NEW_STYLE}|{_OLD_STYLE})(?:v[0-9]+)?(?![0-9])"
_BARE_ARXIV_ID = re.compile(_ID)
_NAMED_ARXIV_ID = re.compile(
    r"(?:\barxiv(?:\.org)?:\s*"
    r"|\b(?:arxiv\.org|alphaxiv\.org)/(?:abs|pdf|html|format|ps|src)/"
    r"|\bhuggingface\.co/papers/"
    rf"|\b10\.48550/arxiv\.){_ID}",
    re.IGNORECASE,
)
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*|doi\s+)+", re.IGNORECASE)
_LONGEST_RUN_OF_MARKS = 30
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\x00-\x1f\x7f]+")


def arxiv_id_of(text: str) -> str | None:
    """Find the arXiv identifier in a text, without version: ``1706.03762``, ``hep-th/9711200``.

    Parameters
    ----------
    text : str
        A bare identifier with or without version, or any text in which one is named by
        ``arXiv:``, by an address at arXiv or a mirror, or by arXiv's DOI. The first counts.

    Returns
    -------
    str or None
        The subject class of an old identifier is left out, as arXiv does: ``math.GT/0309136`` and
        ``math/0309136`` are one paper.
    """
    found = _BARE_ARXIV_ID.fullmatch(text.strip()) or _NAMED_ARXIV_ID.search(text)
    if found is None:
        return None
    archive, slash, number = found["id"].lower().rpartition("/")
    return archive.partition(".")[0] + slash + number


def normalise_doi(text: str) -> str | None:
    """Write a DOI in lower case without resolver or ``doi:``; None where the text is none.

    DOIs are compared without regard to case. Sentence punctuation at the end is left out.
    """
    text = text.strip()
    prefix = _DOI_PREFIX.match(text)
    if prefix is not None:
        text = text[prefix.end() :]
        if prefix[0].lower().startswith("http"):
            text = unquote(text)
    text = text.lower().rstrip(".,; ")
    return text if _DOI.fullmatch(text) else None


def reading_url(paper: Paper) -> str:
    """Where a paper can be read: at its own address, or else a search for its title.

    Digests as people pass them on have titles and abstracts only, and a reader at breakfast does
    not type a title into a search field.
    """
    return paper.url or f"https://scholar.google.com/scholar?q={quote_plus(paper.title)}"


def title_key(title: str) -> str:
    """Reduce a title to what its spellings share: letters and digits, without case.

    Compatibility forms, accents, punctuation and whitespace do not count. A title without any
    letter or digit is its own key, so that only an empty title has an empty one.
    """
    folded = unicodedata.normalize("NFKD", _stream_safe(title))
    # Folding can bring back composed or capital forms; the second round settles them.
    for _ in range(2):
        folded = unicodedata.normalize("NFKD", folded.casefold())
    return "".join(filter(str.isalnum, folded)) or "".join(folded.split())


def _stream_safe(text: str) -> str:
    """Keep of each run of combining marks 30: to order them takes the square of their number.

    No language writes more: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format.
    """
    if text.isascii():
        return text
    kept = []
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run <= _LONGEST_RUN_OF_MARKS:
            kept.append(letter)
    return "".join(kept)


def without_repeats(entries: Iterable[DigestEntry]) -> tuple[DigestEntry, ...]:
    """Keep each paper of one digest once, at its first and best rank.

    Two entries are one paper when they share an arXiv id or a DOI, or the title where their
    identifiers do not contradict each other. The one that is kept has the most upvotes of them,
    the first summary, keywords and links, and counts as a mention if any of them does; but where
    any of them says that the paper was taken back, it was.
    """
    kept: list[DigestEntry] = []
    place: dict[tuple[str, str], int] = {}
    for entry in entries:
        keys = _identity_keys(entry)
        at = next((place[key] for key in keys if _is_same(key, entry, kept, place)), len(kept))
        if at == len(kept):
            kept.append(entry)
        else:
            kept[at] = _merged(kept[at], entry)
        for key in keys:
            place.setdefault(key, at)
    return tuple(kept)


def _identity_keys(entry: DigestEntry) -> list[tuple[str, str]]:
    keys = [("arxiv", entry.arxiv_id), ("doi", entry.doi), ("title", title_key(entry.title))]
    return [(kind, value) for kind, value in keys if value]


def _is_same(
    key: tuple[str, str],
    entry: DigestEntry,
    kept: list[DigestEntry],
    place: dict[tuple[str, str], int],
) -> bool:
    if key not in place:
        return False
    if key[0] != "title":
        return True
    other = kept[place[key]]
    contradicted = (
        entry.arxiv_id and other.arxiv_id and entry.arxiv_id != other.arxiv_id,
        entry.doi and other.doi and entry.doi != other.doi,
    )
    return not any(contradicted)


def _merged(first: DigestEntry, later: DigestEntry) -> DigestEntry:
    announce_type = first.announce_type
    if announce_type is AnnounceType.REPLACE or later.announce_type is AnnounceType.WITHDRAWN:
        announce_type = later.announce_type
    return replace(
        first,
        arxiv_id=first.arxiv_id or later.arxiv_id,
        doi=first.doi or later.doi,
        upvotes=max(first.upvotes, later.upvotes),
        announce_type=announce_type,
        summary=first.summary or later.summary,
        keywords=first.keywords or later.keywords,
        code_url=first.code_url or later.code_url,
        project_url=first.project_url or later.project_url,
        thumbnail_url=first.thumbnail_url or later.thumbnail_url,
    )
