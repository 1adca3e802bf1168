"""Room 1, papers: whether two descriptions are of one work, and what both together say. Pure.

Sources differ in what they know: a digest's text has a title and an abstract, a feed of a preprint
server an id and names, a journal a DOI and names in another form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.domain.dois import is_preprint, work_of_doi
from recommender.domain.titles import Telling, letters_of, may_be_one_title, telling, title_key
from recommender.papers.author_lists import is_body, normal_name

PREPRINT_TO_JOURNAL: Final = timedelta(days=3 * 365)
"""A journal's version comes within this of its preprint."""

_ONE_MONTH: Final = timedelta(days=31)
_MOST_NAMES_COMPARED: Final = 20
_WHOLE_ABSTRACT: Final = 100
_COMPARED: Final = 2_000
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_WORDS_IN_COMMON: Final = 0.5
_FEW_WORDS_IN_COMMON: Final = 0.15
_TITLE_WORDS_IN_COMMON: Final = 0.6
_CUT: Final = re.compile(r"(?:…|\.\.\.|\[\s?(?:…|\.\.\.)\s?\])\s?\Z")
_FEWEST_LETTERS_MORE: Final = 20


class Described(Protocol):
    """What `DigestEntry` and `Paper` say of a work."""

    @property
    def title(self) -> str: ...  # noqa: D102 - as those have it
    @property
    def abstract(self) -> str: ...  # noqa: D102 - as those have it
    @property
    def authors(self) -> tuple[str, ...]: ...  # noqa: D102 - as those have it
    @property
    def arxiv_id(self) -> str | None: ...  # noqa: D102 - as those have it
    @property
    def doi(self) -> str | None: ...  # noqa: D102 - as those have it
    @property
    def url(self) -> str | None: ...  # noqa: D102 - as those have it
    @property
    def published_at(self) -> datetime | None: ...  # noqa: D102 - as those have it
    @property
    def summary(self) -> str: ...  # noqa: D102 - as those have it
    @property
    def keywords(self) -> tuple[str, ...]: ...  # noqa: D102 - as those have it
    @property
    def code_url(self) -> str | None: ...  # noqa: D102 - as those have it
    @property
    def project_url(self) -> str | None: ...  # noqa: D102 - as those have it
    @property
    def thumbnail_url(self) -> str | None: ...  # noqa: D102 - as those have it


def is_same_by_title(one: Described, other: Described) -> bool:
    """Whether two descriptions of one title key that share no identifier are of one work.

    - Two arXiv ids are two works; so are two DOIs, unless one is a preprint's, the title tells
      enough, the authors agree and the dates are within `PREPRINT_TO_JOURNAL`.
    - An arXiv id here and a DOI there are one work within `PREPRINT_TO_JOURNAL`.
    - Other authors are another work.
    - A title that tells enough is then the same work. One of a few letters is unless the authors
      are unknown and the abstracts differ.
    - One that tells little, such as "Editorial", is only with the same authors and month, the same
      abstract, or where both say the same in all and have no identifier.
    """
    if _contradict(one, other) or not may_be_one_title(one.title, other.title):
        return False
    authors = authors_agree(one.authors, other.authors)
    tells = _telling_of(one, other)
    if authors is False or tells is Telling.LITTLE:
        return authors is not False and _is_same_front_matter(one, other, authors=authors)
    two_dois = len(_works_of(one, other)) > 1
    other_kind = bool((one.arxiv_id and other.doi) or (one.doi and other.arxiv_id))
    if (two_dois or other_kind) and _within(one, other, PREPRINT_TO_JOURNAL) is False:
        return False
    if two_dois:
        return tells is Telling.ENOUGH and authors is True
    if tells is Telling.ENOUGH or authors is True:
        return True
    return abstracts_agree(one.abstract, other.abstract) is not False


def may_be_one(one: Described, other: Described) -> bool:
    """Whether two descriptions are of one work that a third one ties, by an identifier of each.

    Their own identifiers do not contradict that, and the authors agree or the titles resemble.
    """
    if _contradict(one, other):
        return False
    authors = authors_agree(one.authors, other.authors)
    if authors is not None:
        return authors
    if title_key(one.title) == title_key(other.title):
        return may_be_one_title(one.title, other.title)
    return _common(one.title, other.title) >= _TITLE_WORDS_IN_COMMON


def authors_agree(some: Sequence[str], others: Sequence[str]) -> bool | None:
    """Whether two lists of authors are one paper's; None where one names nobody.

    Half of the shorter list, or its first 20, are in the other one. Names are the same by family
    name and initial, or by the same words in another order.
    """
    if not some or not others:
        return None
    if some == others:
        return True
    shorter, longer = sorted((_names(tuple(some)), _names(tuple(others))), key=len)
    if not shorter:
        return None
    compared = shorter[:_MOST_NAMES_COMPARED]
    initials = {(family, initial) for family, initial, _ in longer}
    families = {family for family, _ in initials}
    lone = {family for family, initial in initials if not initial}
    words = {all_words for _, _, all_words in longer}
    found = sum(
        (family, initial) in initials
        or (len(all_words) > 1 and all_words in words)
        or family in lone
        or (not initial and family in families)
        for family, initial, all_words in compared
    )
    return 2 * found >= len(compared)


def abstracts_agree(one: str, other: str) -> bool | None:
    """Whether two abstracts are of one paper; None where one of them is too short to tell."""
    if min(len(one), len(other)) < _WHOLE_ABSTRACT:
        return None
    common = _common(one[:_COMPARED], other[:_COMPARED])
    if common >= _WORDS_IN_COMMON:
        return True
    return False if common < _FEW_WORDS_IN_COMMON else None


def merged_fields(before: Described, later: Described, *, is_revision: bool) -> dict[str, Any]:
    """Decide what two descriptions of one work say together.

    What came first stays, except that

    - what is missing is filled;
    - a revision brings its title, text and authors;
    - a journal's DOI takes the place of a preprint's;
    - an abstract that was cut off gives way to the whole one; see `better_abstract`;
    - authors give way to a longer list that has them all, of a source as reliable: journals before
      preprint servers before texts without identifiers.
    """
    fields: dict[str, Any] = {
        "title": later.title if is_revision else before.title,
        "abstract": better_abstract(before, later, is_revision=is_revision),
        "authors": _better_authors(before, later, is_revision=is_revision),
        "arxiv_id": before.arxiv_id or later.arxiv_id,
        "doi": _shown_doi(before.doi, later.doi),
        "url": before.url or later.url,
        "published_at": before.published_at or later.published_at,
        "summary": (is_revision and later.summary) or before.summary or later.summary,
        "keywords": before.keywords or later.keywords,
        "code_url": before.code_url or later.code_url,
        "project_url": before.project_url or later.project_url,
        "thumbnail_url": before.thumbnail_url or later.thumbnail_url,
    }
    return fields


def better_abstract(before: Described, later: Described, *, is_revision: bool) -> str:
    """Choose between two abstracts of one work.

    The later one is taken where there was none, where it has all of the first and goes on, and
    where the first one breaks off and the later one does not, is longer, and comes from a source as
    reliable. A revision's is taken unless it is a part of the first. All else stays.
    """
    first, second = before.abstract, later.abstract
    if not first or not second or first == second:
        return first or second
    if _is_part(second, first):
        return first
    if is_revision or _is_part(first, second):
        return second
    cut_off = _CUT.search(first) is not None and _CUT.search(second) is None
    reliable = _reliability(later) >= _reliability(before)
    return second if cut_off and reliable and len(second) > len(first) else first


def entry_with(first: DigestEntry, later: DigestEntry) -> DigestEntry:
    """Return one entry for two of one digest that are one paper, at the place of the first.

    It counts as a mention if any of them does; but where any of them says that the paper was taken
    back, it was.
    """
    announce_type = first.announce_type
    if announce_type is AnnounceType.REPLACE or later.announce_type is AnnounceType.WITHDRAWN:
        announce_type = later.announce_type
    is_revision = later.announce_type is AnnounceType.REPLACE
    return DigestEntry(
        **merged_fields(first, later, is_revision=is_revision),
        upvotes=max(first.upvotes, later.upvotes),
        announce_type=announce_type,
    )


def brought_up_to_date(paper: Paper, later: DigestEntry | Paper) -> Paper:
    """Return the paper with what an entry, or another row of it, adds; see `merged_fields`.

    Nothing that is read revives it: old copies of what was taken back go round for years.
    """
    is_revision = isinstance(later, DigestEntry) and later.announce_type is AnnounceType.REPLACE
    return Paper(
        id=paper.id,
        first_seen_at=paper.first_seen_at,
        withdrawn_at=paper.withdrawn_at,
        **merged_fields(paper, later, is_revision=is_revision),
    )


def _works_of(one: Described, other: Described) -> set[str]:
    return {work_of_doi(doi) for doi in (one.doi, other.doi) if doi}


def _contradict(one: Described, other: Described) -> bool:
    """Whether two descriptions have two arXiv ids, or two DOIs of which none is a preprint's."""
    if one.arxiv_id and other.arxiv_id and one.arxiv_id != other.arxiv_id:
        return True
    works = _works_of(one, other)
    return len(works) > 1 and not any(map(is_preprint, works))


def _telling_of(one: Described, other: Described) -> Telling:
    tells = telling(one.title)
    # What has lost its punctuation may read otherwise.
    return tells if tells is Telling.ENOUGH else min(tells, telling(other.title))


def _is_same_front_matter(one: Described, other: Described, *, authors: bool | None) -> bool:
    if authors and _within(one, other, _ONE_MONTH):
        return True
    if abstracts_agree(one.abstract, other.abstract):
        return True
    if any((one.arxiv_id, one.doi, other.arxiv_id, other.doi)):
        return False
    return (one.url, one.authors, one.published_at, one.abstract) == (
        *(other.url, other.authors, other.published_at, other.abstract),
    )


def _within(one: Described, other: Described, span: timedelta) -> bool | None:
    if one.published_at is None or other.published_at is None:
        return None
    return abs(one.published_at - other.published_at) <= span


def _common(one: str, other: str) -> float:
    """Return the share of the words of the shorter text that are in the other one."""
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    return len(shorter & longer) / len(shorter) if shorter else 0.0


# Namesakes are compared with one another.
@lru_cache(maxsize=500)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _is_part(some: str, whole: str) -> bool:
    """Whether a text has all of another one, which may break off, and at least 20 letters more."""
    if len(whole) <= len(some) - _FEWEST_LETTERS_MORE:
        return False
    letters, all_letters = letters_of(_CUT.sub("", some)), letters_of(whole)
    return len(all_letters) - len(letters) >= _FEWEST_LETTERS_MORE and letters in all_letters


def _reliability(described: Described) -> int:
    if described.doi and not is_preprint(described.doi):
        return 2
    return 1 if described.arxiv_id or described.doi else 0


def _better_authors(before: Described, later: Described, *, is_revision: bool) -> tuple[str, ...]:
    first, second = before.authors, later.authors
    if not first or not second or is_revision:
        return second or first
    if len(second) <= len(first) or _reliability(later) < _reliability(before):
        return first
    known = {(family, initial) for family, initial, _ in _names(second)}
    has_all = all((family, initial) in known for family, initial, _ in _names(first))
    return second if has_all else first


def _shown_doi(first: str | None, second: str | None) -> str | None:
    if first and second and is_preprint(first) and not is_preprint(second):
        return second
    return first or second


@lru_cache(maxsize=2_000)
def _names(authors: tuple[str, ...]) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Read each name as its family name, the first letter of the given one, and all full words."""
    found = []
    for author in authors:
        name = normal_name(author)
        words = [letters for word in name.split() if (letters := letters_of(word.strip(",")))]
        if not words or is_body(name):
            continue
        if len(words) > 1 and words[-1] in {"jr", "sr", "ii", "iii", "iv"}:
            words.pop()
        initial = words[0][0] if len(words) > 1 else ""
        found.append((words[-1], initial, frozenset(word for word in words if len(word) > 1)))
    return tuple(found)
