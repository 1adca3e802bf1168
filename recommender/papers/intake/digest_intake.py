"""Room 1, papers: parsed digests become papers and mentions. The thin part that stores them.

Several at once: a statement takes a millisecond, whether it is about one paper or five hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice

from recommender.domain import Digest, UnreadEntry
from recommender.papers.intake.attention import day_of_file, digests_of_days, is_repetition
from recommender.papers.intake.intake import ranked_mentions, store_papers
from recommender.store import digests
from recommender.store.database import Session
from recommender.store.digests import NewDigest, RankedMention


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """What one document brought: papers that were new, papers known before, and mentions.

    ``unread`` names what of it could not be read, ``days`` counts those under which its papers
    are listed, ``papers`` are the ids of all that it names.
    """

    papers_new: int
    papers_seen: int
    mentions: int
    unread: tuple[UnreadEntry, ...] = ()
    days: int = 1
    papers: frozenset[int] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class BroughtDigest:
    """A digest and where it was.

    Attributes
    ----------
    sha256 : str
        Of the document's bytes; whoever stores it has seen that it is not stored yet.
    """

    digest: Digest
    sha256: str
    file_name: str


def store_digests(
    session: Session,
    brought: Sequence[BroughtDigest],
    *,
    source: str,
    curator: str,
    now: datetime,
) -> list[IntakeCounts]:
    """Store digests with their papers and mentions, inside the caller's transaction.

    It is as if they were stored one after the other, one of several days day by day. One without
    papers is not stored. What was said under the name of a digest before is not mentioned again,
    and an old paper of a window on its own day; see `attention`.

    Parameters
    ----------
    source : str
        By which way they came.
    curator : str
        The byline where a digest names nobody.

    Returns
    -------
    list of IntakeCounts
        One for each digest.
    """
    documents = [_of_days(each) for each in brought]
    counts = iter(_store_days(session, documents, source=source, curator=curator, now=now))
    return [_in_all(list(islice(counts, len(days)))) for days in documents]


def _of_days(brought: BroughtDigest) -> list[BroughtDigest]:
    """Part a document by its days; by the newest one it is known again."""
    *earlier, newest = digests_of_days(brought.digest)
    return [
        *(
            replace(brought, digest=each, sha256=f"{brought.sha256} {each.date}")
            for each in earlier
        ),
        replace(brought, digest=newest),
    ]


def _in_all(counts: Sequence[IntakeCounts]) -> IntakeCounts:
    return IntakeCounts(
        sum(each.papers_new for each in counts),
        sum(each.papers_seen for each in counts),
        sum(each.mentions for each in counts),
        counts[-1].unread,
        len(counts),
        frozenset().union(*(each.papers for each in counts)),
    )


def _store_days(
    session: Session,
    documents: Sequence[Sequence[BroughtDigest]],
    *,
    source: str,
    curator: str,
    now: datetime,
) -> list[IntakeCounts]:
    brought = [each for days in documents for each in days]
    kept = [each for each in brought if each.digest.entries]
    entries = [entry for each in kept for entry in each.digest.entries]
    ids, papers_new = store_papers(session, entries, now=now)
    next_id = iter(ids)
    by_digest = {each.sha256: list(islice(next_id, len(each.digest.entries))) for each in kept}
    attention = _attention(session, documents, by_digest, curator=curator)
    counts = []
    rows: list[NewDigest] = []
    counted: set[int] = set()
    for each in brought:
        meant = set(by_digest.get(each.sha256, ()))
        new = (meant & papers_new) - counted
        counted |= new
        mentions = attention.get(each.sha256, [])
        counts.append(
            IntakeCounts(
                len(new),
                len(meant) - len(new),
                len(mentions),
                each.digest.unread,
                papers=frozenset(meant),
            )
        )
        if meant:
            by_day = _by_day(each.digest, by_digest[each.sha256], mentions)
            rows += [
                NewDigest(
                    # By that of its own day the file is known again.
                    sha256=each.sha256 if day == each.digest.date else f"{each.sha256} {day}",
                    format=each.digest.format,
                    source=source,
                    file_name=each.file_name,
                    curator=each.digest.curator or curator,
                    day=day,
                    ingested_at=now,
                    mentions=of_day,
                )
                for day, of_day in by_day.items()
            ]
    digests.add_all(session, rows)
    _raise_upvotes(session, kept, by_digest, attention, curator=curator)
    return counts


def _attention(
    session: Session,
    documents: Sequence[Sequence[BroughtDigest]],
    by_digest: Mapping[str, list[int]],
    *,
    curator: str,
) -> dict[str, list[RankedMention]]:
    """Rank what each digest mentions without having been heard to say it before."""
    kept = [days for days in documents if all(each.sha256 in by_digest for each in days)]
    of_document = [{id_ for each in days for id_ in by_digest[each.sha256]} for days in kept]
    of_name: dict[tuple[str, str], set[int]] = {}
    for days, ids in zip(kept, of_document, strict=True):
        of_name.setdefault(_name(days[0], curator), set()).update(ids)
    said = {
        name: digests.mentioned_by(session, digests.by_name(*name), meant)
        for name, meant in of_name.items()
    }
    attention = {}
    for days, meant in zip(kept, of_document, strict=True):
        said_before = said[_name(days[0], curator)]
        # Of a list that grows by a day at a time the days that it had may be short.
        repeats = is_repetition(days[0].digest, meant, said_before & meant)
        for each in days:
            mentions = ranked_mentions(each.digest.entries, by_digest[each.sha256])
            if repeats:
                news = (mention for mention in mentions if mention.paper_id not in said_before)
                mentions = [replace(mention, rank=n) for n, mention in enumerate(news, start=1)]
            said_before.update(mention.paper_id for mention in mentions)
            attention[each.sha256] = mentions
    return attention


def _raise_upvotes(
    session: Session,
    brought: Sequence[BroughtDigest],
    by_digest: Mapping[str, list[int]],
    attention: Mapping[str, list[RankedMention]],
    *,
    curator: str,
) -> None:
    """Bring up to date what was said of the papers that are not mentioned again."""
    for each in brought:
        mentioned = {mention.paper_id for mention in attention[each.sha256]}
        if mentioned.issuperset(by_digest[each.sha256]):
            continue
        digests.raise_upvotes(
            session,
            digests.by_name(*_name(each, curator)),
            (
                mention
                for mention in ranked_mentions(each.digest.entries, by_digest[each.sha256])
                if mention.paper_id not in mentioned
            ),
        )


def _name(brought: BroughtDigest, curator: str) -> tuple[str, str]:
    return brought.digest.format, brought.digest.curator or curator


def _by_day(
    digest: Digest, ids: Sequence[int], mentions: Iterable[RankedMention]
) -> dict[date, list[RankedMention]]:
    """Part what a digest mentions by days; its own is there though nothing is in it."""
    entry_of = dict(zip(reversed(ids), reversed(digest.entries), strict=True))
    by_day: dict[date, list[RankedMention]] = {digest.date: []}
    for each in mentions:
        by_day.setdefault(day_of_file(entry_of[each.paper_id], digest), []).append(each)
    return by_day
