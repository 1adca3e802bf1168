"""Room 1, papers: which paper each entry means, among the entries before it and those stored. Pure.

When two descriptions are of one work, `same_work` says; here they are found without comparing each
with each. One digest and the stored papers are looked through in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import chain, islice
from typing import Final, Generic, TypeVar

from recommender.domain import AnnounceType, DigestEntry, Paper
from recommender.domain.author_keys import authors_key
from recommender.domain.dois import identifiers_of
from recommender.domain.title_signs import lacks_point
from recommender.domain.titles import title_key
from recommender.papers.identity.same_work import (
    Described,
    brought_up_to_date,
    entry_with,
    is_same_by_title,
    is_same_in_other_words,
    may_be_one,
    may_share_identifier,
    may_take_back,
)

# All "Editorial", each with a DOI of its own: to look at all for each would take the square.
_MOST_NAMESAKES: Final = 30

_OF_A_CHANGE: Final = frozenset({AnnounceType.REPLACE, AnnounceType.WITHDRAWN})

_Work = TypeVar("_Work", bound=Described)


@dataclass(frozen=True, slots=True)
class Merged:
    """Which paper each entry means, and what that changes.

    Attributes
    ----------
    papers : list of Paper
        For each entry its paper, as all entries together leave it. Papers that are not stored yet
        have ids below 0.
    identifiers : dict of int to tuple of str
        What each of these papers is known by; see `identifiers_of`.
    replaced : dict of int to int
        Stored papers that turned out to be another one's, and the ids of those.
    forgotten : set of int
        Stored papers whose identifiers only a subscriber had claimed.
    """

    papers: list[Paper]
    identifiers: dict[int, tuple[str, ...]]
    replaced: dict[int, int] = field(default_factory=dict)
    forgotten: set[int] = field(default_factory=set)


class Works(Generic[_Work]):
    """Works under numbers, found by an identifier, or else the title, or else authors and abstract.

    Parameters
    ----------
    untrusted : set of int, optional
        Works whose descriptions say nothing against an entry that shares an identifier with them.
    """

    def __init__(self, untrusted: AbstractSet[int] = frozenset()) -> None:
        self._works: dict[int, _Work] = {}
        self._untrusted = untrusted
        self._by_identifier: dict[str, dict[int, None]] = {}
        self._identifiers: dict[int, dict[str, None]] = {}
        self._by_title_key: dict[str, dict[int, None]] = {}
        self._title_keys: dict[int, dict[str, None]] = {}
        self._by_authors: dict[int, dict[int, None]] = {}
        self._authors: dict[int, dict[int, None]] = {}

    def __getitem__(self, number: int) -> _Work:
        """Return a work as it was put last."""
        return self._works[number]

    def put(
        self, number: int, work: _Work, identifiers: Iterable[str] = (), *, may_share: bool = False
    ) -> None:
        """Add a work, or bring it up to date; identifiers of other works stay theirs.

        Only what is stored may share them: a rule that is younger than two rows may say that their
        DOIs are of one work, and whoever has that DOI means both.
        """
        self._works[number] = work
        own = self._identifiers.setdefault(number, {})
        for each in (*identifiers, *identifiers_of(work.arxiv_id, work.doi)):
            known = self._by_identifier.setdefault(each, {})
            if may_share or not known or number in known:
                known[number] = None
                own[each] = None
        key = title_key(work.title)
        self._by_title_key.setdefault(key, {})[number] = None
        self._title_keys.setdefault(number, {})[key] = None
        people = authors_key(work.authors)
        if people is not None:
            self._by_authors.setdefault(people, {})[number] = None
            self._authors.setdefault(number, {})[people] = None

    def forget_identifiers(self, number: int) -> None:
        """Let go of all that identifies a work but its title."""
        for each in self._identifiers.pop(number, ()):
            del self._by_identifier[each][number]

    def fold(self, number: int, into: int) -> None:
        """Have whatever identified one work mean another one."""
        del self._works[number]
        for each in self._identifiers.pop(number, ()):
            del self._by_identifier[each][number]
            self._by_identifier[each][into] = None
            self._identifiers.setdefault(into, {})[each] = None
        for key in self._title_keys.pop(number):
            del self._by_title_key[key][number]
            self._by_title_key[key][into] = None
            self._title_keys[into][key] = None
        for people in self._authors.pop(number, ()):
            del self._by_authors[people][number]
            self._by_authors[people][into] = None
            self._authors.setdefault(into, {})[people] = None

    def identifiers(self, number: int) -> tuple[str, ...]:
        """Return all that a work is known by, but its title."""
        return tuple(self._identifiers.get(number, ()))

    def share(self, one: int, other: int) -> bool:
        """Whether two works have an identifier in common."""
        return not self._identifiers[one].keys().isdisjoint(self._identifiers[other])

    def find(self, entry: DigestEntry) -> list[int]:
        """Find the works that an entry means: by its identifiers, or else one.

        That one has the same title, or else the same authors, and says the same in other words.
        A work that is plainly another one than the entry describes is not meant, whatever
        identifier they share: chapters come with the DOI of their book. Announcements of changes
        are the server's own, and may change everything but the identifier.
        """
        is_of_a_change = entry.announce_type in _OF_A_CHANGE
        named = identifiers_of(entry.arxiv_id, entry.doi)
        found = {number: None for each in named for number in self._by_identifier.get(each, ())}
        meant = [
            number
            for number in found
            if is_of_a_change
            or number in self._untrusted
            or may_share_identifier(entry, self._works[number])
        ]
        if meant:
            return meant
        described = self.without_identifiers_of_others(entry) if found else entry
        numbers = self._by_title_key.get(title_key(entry.title), {})
        # What lost its punctuation is a paper that is written so, before one that is not.
        namesakes = sorted(islice(numbers, _MOST_NAMESAKES), key=partial(self._loses_point, entry))
        same = (each for each in namesakes if is_same_by_title(described, self._works[each]))
        return list(islice(chain(same, self._in_other_words(described)), 1))

    def _in_other_words(self, entry: DigestEntry) -> Iterator[int]:
        """Yield works of the same people that say the same under another title."""
        people = authors_key(entry.authors) if entry.abstract else None
        numbers = self._by_authors.get(people, {}) if people is not None else {}
        for number in list(islice(numbers, _MOST_NAMESAKES)):
            if is_same_in_other_words(entry, self._works[number]):
                yield number

    def _loses_point(self, entry: DigestEntry, number: int) -> bool:
        return lacks_point(entry.title, self._works[number].title)

    def without_identifiers_of_others(
        self, entry: DigestEntry, number: int | None = None
    ) -> DigestEntry:
        """Drop from an entry the identifiers that works have, but for the one that it means."""

        def is_mine(identifier: str) -> bool:
            known = self._by_identifier.get(identifier)
            return not known or number in known

        arxiv_id, doi = entry.arxiv_id, entry.doi
        if not all(map(is_mine, identifiers_of(arxiv_id, None))):
            arxiv_id = None
        if not all(map(is_mine, identifiers_of(None, doi))):
            doi = None
        if (arxiv_id, doi) == (entry.arxiv_id, entry.doi):
            return entry
        return replace(entry, arxiv_id=arxiv_id, doi=doi)


def without_repeats(entries: Iterable[DigestEntry]) -> tuple[DigestEntry, ...]:
    """Keep each paper of one digest once, at its first and best rank; of several days once a day.

    The one that is kept says what all of it say together, has the most upvotes of them, and counts
    as a mention if any of them does.
    """
    by_day: dict[date | None, list[DigestEntry]] = {}
    for entry in entries:
        by_day.setdefault(entry.listed_on, []).append(entry)
    return tuple(entry for of_day in by_day.values() for entry in _once(of_day))


def _once(entries: Sequence[DigestEntry]) -> Iterator[DigestEntry]:
    works: Works[DigestEntry] = Works()
    kept: dict[int, DigestEntry] = {}
    for place, entry in enumerate(entries):
        first, *others = works.find(entry) or [place]
        for other in others:
            if may_be_one(works[first], works[other]):
                dropped = max(first, other)
                first = min(first, other)
                kept[first] = entry_with(kept[first], kept.pop(dropped))
                works.fold(dropped, first)
        added = works.without_identifiers_of_others(entry, first)
        kept[first] = entry_with(kept[first], added) if first in kept else added
        works.put(first, kept[first], identifiers_of(added.arxiv_id, added.doi))
    yield from (kept[place] for place in sorted(kept))


def merge_entries(
    stored: Sequence[Paper],
    entries: Iterable[DigestEntry],
    *,
    now: datetime,
    identifiers: Mapping[int, Iterable[str]] | None = None,
    unmentioned: Collection[int] = (),
    by_subscriber: bool = False,
) -> Merged:
    """Decide which paper each entry means, one entry after the other.

    An entry that has the arXiv id of one paper and the DOI of another makes them one, where
    nothing that is said of the two speaks against it. The younger one's id stays: an id that is
    the highest is given out again where its row goes, and links would lead astray.

    Parameters
    ----------
    stored : sequence of Paper
        Those that the entries may mean, oldest first: of two with one title the older is meant.
    now : datetime
        When new papers are seen first.
    identifiers : mapping of int to iterable of str, optional
        What the stored papers are known by besides what they say.
    unmentioned : collection of int
        Ids of stored papers that are known from a subscriber only. What they said of a paper was
        for themselves; before others see it, it becomes what the first entry says.
    by_subscriber : bool
        Whether one person says all this: they make no two papers one.
    """
    doubted = set(unmentioned)
    works: Works[Paper] = Works(doubted)
    known_by = identifiers or {}
    for paper in stored:
        works.put(paper.id, paper, known_by.get(paper.id, ()), may_share=True)
    # One subscriber changes nothing of what another one said.
    unsaid = set() if by_subscriber else doubted
    merging = _Merging(works, unsaid, makes_one=not by_subscriber)
    meant = [merging.take(entry, -number, now=now) for number, entry in enumerate(entries, start=1)]
    return merging.result(meant)


class _Merging:
    """What `merge_entries` knows between two entries."""

    def __init__(self, works: Works[Paper], unmentioned: set[int], *, makes_one: bool) -> None:
        self._works = works
        self._unmentioned = unmentioned
        self._makes_one = makes_one
        self._replaced: dict[int, int] = {}
        self._forgotten: set[int] = set()

    def take(self, entry: DigestEntry, new_id: int, *, now: datetime) -> int:
        """Bring the paper that an entry means up to date, or add it; gives its id."""
        found = self._works.find(entry)
        if not found:
            added = self._works.without_identifiers_of_others(entry)
            paper = _new_paper(added, paper_id=new_id, now=now)
            self._works.put(new_id, _withdrawn_by(entry, paper, now))
            return new_id
        paper_id = found[0]
        for other in found[1:]:
            if self._makes_one and self._may_be_one(paper_id, other):
                paper_id = self._made_one(paper_id, other)
        before = self._works[paper_id]
        takes_back = may_take_back(entry, before)
        if paper_id in self._unmentioned:
            self._forget(paper_id)
            added = self._works.without_identifiers_of_others(entry, paper_id)
            paper = _new_paper(added, paper_id=paper_id, now=before.first_seen_at)
            paper = replace(
                paper, withdrawn_at=before.withdrawn_at, reinstated_at=before.reinstated_at
            )
        else:
            added = self._works.without_identifiers_of_others(entry, paper_id)
            paper = brought_up_to_date(before, added)
        if takes_back:
            paper = _withdrawn_by(entry, paper, now)
        self._works.put(paper_id, paper, identifiers_of(added.arxiv_id, added.doi))
        return paper_id

    def result(self, meant: Sequence[int]) -> Merged:
        """Return what came of it, where the entries mean the papers of these ids."""
        ids = [self._standing(paper_id) for paper_id in meant]
        return Merged(
            [self._works[paper_id] for paper_id in ids],
            {paper_id: self._works.identifiers(paper_id) for paper_id in ids},
            {old: self._standing(old) for old in self._replaced if old > 0},
            {paper_id for paper_id in self._forgotten if paper_id > 0},
        )

    def _may_be_one(self, one: int, other: int) -> bool:
        """Whether an entry may tie two papers; what only a subscriber said of one is no matter."""
        if not self._unmentioned.isdisjoint((one, other)):
            return True
        works = self._works
        return works.share(one, other) or may_be_one(works[one], works[other])

    def _made_one(self, one: int, other: int) -> int:
        kept, dropped = max(one, other), min(one, other)
        first, second = sorted((self._works[one], self._works[other]), key=_age)
        for each in (first, second):
            if each.id in self._unmentioned:
                self._works.forget_identifiers(each.id)
                self._forgotten.add(each.id)
        if first.id in self._unmentioned or second.id in self._unmentioned:
            # What a subscriber said of it is for themselves.
            trusted = second if first.id in self._unmentioned else first
        else:
            trusted = brought_up_to_date(first, second)
        seen = min(first.first_seen_at, second.first_seen_at)
        if not self._unmentioned.issuperset((one, other)):
            self._unmentioned.discard(kept)
        self._works.fold(dropped, kept)
        reinstated_at = first.reinstated_at or second.reinstated_at
        withdrawn_at = None if reinstated_at else first.withdrawn_at or second.withdrawn_at
        made_one = replace(
            trusted,
            id=kept,
            first_seen_at=seen,
            withdrawn_at=withdrawn_at,
            reinstated_at=reinstated_at,
        )
        self._works.put(kept, made_one)
        self._replaced[dropped] = kept
        return kept

    def _forget(self, paper_id: int) -> None:
        self._unmentioned.discard(paper_id)
        self._works.forget_identifiers(paper_id)
        self._forgotten.add(paper_id)

    def _standing(self, paper_id: int) -> int:
        while paper_id in self._replaced:
            paper_id = self._replaced[paper_id]
        return paper_id


def _age(paper: Paper) -> tuple[bool, int]:
    """Order papers by when they came: those that are not stored yet are numbered downwards."""
    return paper.id < 0, abs(paper.id)


def _withdrawn_by(entry: DigestEntry, paper: Paper, now: datetime) -> Paper:
    is_news = paper.withdrawn_at is None and paper.reinstated_at is None
    if entry.announce_type is AnnounceType.WITHDRAWN and is_news:
        return replace(paper, withdrawn_at=now)
    return paper


def _new_paper(entry: DigestEntry, *, paper_id: int, now: datetime) -> Paper:
    return Paper(
        id=paper_id,
        title=entry.title,
        abstract=entry.abstract,
        authors=entry.authors,
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        url=entry.url,
        published_at=entry.published_at,
        first_seen_at=now,
        summary=entry.summary,
        keywords=entry.keywords,
        code_url=entry.code_url,
        project_url=entry.project_url,
        thumbnail_url=entry.thumbnail_url,
    )
