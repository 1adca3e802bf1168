"""Room 1, papers: whether two descriptions are of one work, and what both together say. Pure.

Sources differ in what they know: a digest's text has a title and an abstract, a feed of a preprint
server an id and names, a journal a DOI and names in another form.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Protocol

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.domain.dois import is_preprint, work_of_doi
from recommender.domain.title_signs import lacks_point, may_be_one_title, operators_differ
from recommender.domain.titles import (
    Telling,
    is_column,
    letters_of,
    spelled_letters_of,
    telling,
    title_key,
)
from recommender.papers.identity.rewording import may_be_reworded
from recommender.papers.identity.same_authors import (
    are_the_same_authors,
    authors_agree,
    has_all_authors,
)

PREPRINT_TO_JOURNAL: Final = timedelta(days=3 * 365)
"""A journal's version comes within this of its preprint."""

_WHOLE_ABSTRACT: Final = 100
_FEW_LETTERS: Final = 40
_COMPARED: Final = 2_000
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_WORDS_IN_COMMON: Final = 0.5
_NEARLY_ALL_WORDS: Final = 0.8
_HALF: Final = 0.5
_FEW_WORDS_IN_COMMON: Final = 0.15
_TITLE_WORDS_IN_COMMON: Final = 0.6
_SOME_TITLE_WORDS_IN_COMMON: Final = 0.5
_CUT: Final = re.compile(
    r"(?:…|\.\.\.|\[\s?(?:…|\.\.\.)\s?\]|\b(?:read more|continue reading)\W{0,4})\s?\Z",
    re.IGNORECASE,
)
_IN_SHORT: Final = re.compile(
    r"\W{0,4}(?:tl\s?;?\s?dr|in short|in brief|one[- ]line)\b", re.IGNORECASE
)
_MUCH_LONGER: Final = 3
_ONE_LINE: Final = 100
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
    - That does not matter where all authors and nearly all words of the abstract are the same.
    - What a periodical prints again and again is another one at another address on another day,
      unless the abstracts agree.
    - Other authors are another work; so is a wholly other abstract, or a date that is further off,
      where no authors say that it is one.
    - A title that tells enough is then the same work. One of a few letters is unless the authors
      are unknown and the abstracts differ.
    - One that tells little, such as "Editorial", is only with the same authors and month and no
      other abstract, with the same abstract, or where both say the same in all and have no
      identifier.
    """
    if _contradict(one, other) or not _are_one_title(one, other):
        return False
    authors = authors_agree(one.authors, other.authors)
    tells = _telling_of(one, other)
    if _are_of_a_column(one, other):
        return False
    if authors is False or tells is Telling.LITTLE:
        return authors is not False and _is_same_front_matter(one, other, authors=authors)
    if len(_works_of(one, other)) > 1 and not (tells is Telling.ENOUGH and authors):
        return False
    other_kind = bool((one.arxiv_id and other.doi) or (one.doi and other.arxiv_id))
    is_far_off = _within(one, other, PREPRINT_TO_JOURNAL) is False and not _say_the_same(one, other)
    if authors and not (other_kind or len(_works_of(one, other)) > 1):
        return True
    return not is_far_off and (
        authors is True or abstracts_agree(one.abstract, other.abstract) is not False
    )


def is_same_in_other_words(one: Described, other: Described) -> bool:
    """Whether a preprint and an article under two titles that share no identifier are one work.

    All authors are the same and nearly all words of the abstracts, of which none is half of the
    other one; the titles may be one in other words, the identifiers do not contradict that, and
    the dates are within `PREPRINT_TO_JOURNAL`. Where nothing says that one is the preprint they
    are two: whoever names many species in turn writes of each in the same words.
    """
    if _contradict(one, other) or not (_is_of_server(one) ^ _is_of_server(other)):
        return False
    if not (_is_of_journal(one) or _is_of_journal(other)):
        return False
    words = [len(_words(each.abstract[:_COMPARED])) for each in (one, other)]
    if min(words) < _HALF * max(words) or not _say_the_same(one, other):
        return False
    return _within(one, other, PREPRINT_TO_JOURNAL) is not False and may_be_reworded(
        (one.title, one.abstract[:_COMPARED]), (other.title, other.abstract[:_COMPARED])
    )


def _is_of_server(one: Described) -> bool:
    return one.arxiv_id is not None or (one.doi is not None and is_preprint(one.doi))


def _is_of_journal(one: Described) -> bool:
    return one.doi is not None and not is_preprint(one.doi) and one.arxiv_id is None


def may_be_one(one: Described, other: Described) -> bool:
    """Whether two descriptions are of one work that a third one ties, by an identifier of each.

    Their own identifiers do not contradict that, and the authors or the abstracts agree, or the
    titles resemble each other. Names in another spelling alone do not part what is tied.
    """
    if _contradict(one, other):
        return False
    authors = authors_agree(one.authors, other.authors)
    if authors or abstracts_agree(one.abstract, other.abstract):
        return True
    if title_key(one.title) == title_key(other.title):
        front_matter = _telling_of(one, other) is Telling.LITTLE and authors is False
        return not front_matter and _are_one_title(one, other)
    return authors is None and _common(one.title, other.title) >= _TITLE_WORDS_IN_COMMON


def may_share_identifier(one: Described, other: Described) -> bool:
    """Whether two descriptions that share an identifier are of one work, as nearly all are.

    - The same title, the same authors or the same abstract: yes.
    - Other authors and another abstract: no.
    - Half of the words of the shorter title are in the other one: yes.
    - Other authors or another abstract: no. What says neither speaks against nothing.
    """
    if title_key(one.title) == title_key(other.title):
        return True
    authors = authors_agree(one.authors, other.authors)
    text = _same_text(one.abstract, other.abstract, shortest=_FEW_LETTERS)
    if authors or text:
        return True
    if authors is False and text is False:
        return False
    resemble = _common(one.title, other.title) >= _SOME_TITLE_WORDS_IN_COMMON
    return resemble or (authors is None and text is None)


def abstracts_agree(one: str, other: str) -> bool | None:
    """Whether two abstracts are of one paper; None where that cannot be told.

    So it is where one is short, or they are in two scripts.
    """
    return _same_text(one, other, shortest=_WHOLE_ABSTRACT)


def _same_text(one: str, other: str, *, shortest: int) -> bool | None:
    one, other = one[:_COMPARED], other[:_COMPARED]
    if min(len(one), len(other)) < shortest or _is_latin(one) != _is_latin(other):
        return None
    common = _common(one, other)
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
    where it is whole, longer and of a source as reliable while the first one breaks off, says that
    it is in short, or is one line of a third of it. A revision's is taken unless it is a part of
    the first, or breaks off while that does not. All else stays.
    """
    first, second = before.abstract, later.abstract
    if not first or not second or first == second:
        return first or second
    if _is_part(second, first):
        return first
    if _is_part(first, second):
        return second
    first_is_whole, second_is_whole = _is_whole(first), _is_whole(second)
    if is_revision:
        return second if second_is_whole or not first_is_whole else first
    if not second_is_whole or len(second) <= len(first):
        return first
    reliability = _reliability(later)
    is_line = len(first) <= _ONE_LINE and len(second) >= _MUCH_LONGER * len(first)
    gives_way = not first_is_whole or (is_line and reliability > 0)
    return second if gives_way and reliability >= _reliability(before) else first


def _is_whole(abstract: str) -> bool:
    return _CUT.search(abstract[-_ONE_LINE:]) is None and _IN_SHORT.match(abstract) is None


def entry_with(first: DigestEntry, later: DigestEntry) -> DigestEntry:
    """Return one entry for two of one digest that are one paper, at the place of the first.

    It counts as a mention if any of them does; but where any of them says that the paper was taken
    back, it was.
    """
    announce_type = first.announce_type
    is_taken_back = later.announce_type is AnnounceType.WITHDRAWN
    if announce_type is AnnounceType.REPLACE or is_taken_back:
        announce_type = later.announce_type
    if is_taken_back and not may_take_back(later, first):
        announce_type = first.announce_type
    elif first.announce_type is AnnounceType.WITHDRAWN and not may_take_back(first, later):
        announce_type = later.announce_type
    is_revision = later.announce_type is AnnounceType.REPLACE
    return DigestEntry(
        **merged_fields(first, later, is_revision=is_revision),
        upvotes=max(first.upvotes, later.upvotes),
        announce_type=announce_type,
    )


def may_take_back(notice: Described, work: Described) -> bool:
    """Whether a notice that a work was withdrawn is sure to mean it.

    A title alone says too little of a work that has an identifier.
    """
    if notice.arxiv_id or notice.doi or not (work.arxiv_id or work.doi):
        return True
    return authors_agree(notice.authors, work.authors) is True


def brought_up_to_date(paper: Paper, later: DigestEntry | Paper) -> Paper:
    """Return the paper with what an entry, or another row of it, adds; see `merged_fields`.

    Nothing that is read revives it: old copies of what was taken back go round for years. The
    operator's word stands.
    """
    is_revision = isinstance(later, DigestEntry) and later.announce_type is AnnounceType.REPLACE
    return Paper(
        id=paper.id,
        first_seen_at=paper.first_seen_at,
        withdrawn_at=paper.withdrawn_at,
        reinstated_at=paper.reinstated_at,
        **merged_fields(paper, later, is_revision=is_revision),
    )


def _are_one_title(one: Described, other: Described) -> bool:
    """Whether two titles of one key may be one, in view of what else is said of both.

    Operators count where the abstracts are wholly others. Model 25 is Model 2.5 where the abstracts
    are the same, or where nothing but a title without any punctuation is compared with a paper
    that more is known of.
    """
    agree = abstracts_agree(one.abstract, other.abstract)
    if not may_be_one_title(one.title, other.title):
        return False
    if agree is False and operators_differ(one.title, other.title):
        return False
    return not any(
        lacks_point(without.title, with_point.title)
        and not (_is_title_alone(without) and not _is_title_alone(with_point))
        for without, with_point in ((one, other), (other, one))
    ) or bool(agree)


def _is_title_alone(one: Described) -> bool:
    return not (one.abstract or one.authors or one.arxiv_id or one.doi)


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


def _are_of_a_column(one: Described, other: Described) -> bool:
    """Whether two are what a periodical prints under one title again and again."""
    if one.arxiv_id or other.arxiv_id or not (one.url and other.url):
        return False
    if one.published_at is None or other.published_at is None:
        return False
    return (
        _place(one.url) != _place(other.url)
        and one.published_at.date() != other.published_at.date()
        and (is_column(one.title) or is_column(other.title))
        and not abstracts_agree(one.abstract, other.abstract)
    )


def _place(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _say_the_same(one: Described, other: Described) -> bool:
    """Whether all authors and nearly all words of the abstracts are the same."""
    abstracts = (one.abstract[:_COMPARED], other.abstract[:_COMPARED])
    if min(map(len, abstracts)) < _WHOLE_ABSTRACT or _common(*abstracts) < _NEARLY_ALL_WORDS:
        return False
    return are_the_same_authors(one.authors, other.authors)


def _is_same_front_matter(one: Described, other: Described, *, authors: bool | None) -> bool:
    # The editorial of the next issue is by the same editor.
    same_text = _same_text(one.abstract, other.abstract, shortest=_FEW_LETTERS)
    if authors and same_text is not False and _are_of_one_month(one, other):
        return True
    if abstracts_agree(one.abstract, other.abstract):
        return True
    if any((one.arxiv_id, one.doi, other.arxiv_id, other.doi)):
        return False
    return (one.url, one.authors, one.published_at, one.abstract) == (
        *(other.url, other.authors, other.published_at, other.abstract),
    )


def _are_of_one_month(one: Described, other: Described) -> bool:
    if one.published_at is None or other.published_at is None:
        return False
    return f"{one.published_at:%Y-%m}" == f"{other.published_at:%Y-%m}"


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


def _is_latin(text: str) -> bool:
    letters = letters_of(text)
    return 2 * sum(map(str.isascii, letters)) > len(letters)


def _is_part(some: str, whole: str) -> bool:
    """Whether a text has all of another one, which may break off, and at least 20 letters more."""
    some = some[:-_ONE_LINE] + _CUT.sub("", some[-_ONE_LINE:])
    if _has_more(letters_of(some), letters_of(whole)):
        return True
    is_marked = any(mark in text for text in (some, whole) for mark in "\\$&<")
    return is_marked and _has_more(spelled_letters_of(some), spelled_letters_of(whole))


def _has_more(letters: str, all_letters: str) -> bool:
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
    return second if has_all_authors(second, first) else first


def _shown_doi(first: str | None, second: str | None) -> str | None:
    if first and second and is_preprint(first) and not is_preprint(second):
        return second
    return first or second
