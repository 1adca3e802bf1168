"""Room 1, papers: of what a source sends again and again, what is new. The thin part stores it.

A mention means that somebody pointed at a paper. A feed has its twenty newest papers whenever it is
asked, so each counts once: on the day on which it was first there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from recommender.domain import AnnounceType, Digest, DigestEntry, Source, SourceDay
from recommender.papers.intake.attention import day_of
from recommender.papers.intake.intake import ranked_mentions, store_papers
from recommender.papers.sources.one_feed import answered_by, same_feed
from recommender.store import digests, sources
from recommender.store.database import Session
from recommender.store.digests import RankedMention


@dataclass(frozen=True, slots=True)
class News:
    """What a document of a source has that this source had not brought before.

    Attributes
    ----------
    papers : int
        Those that it mentions for the first time ...
    papers_new : int
        ... those of all its papers that nobody had brought ...
    abstracts, abstract_characters : int
        ... and the abstracts of the first ones, and how long these are together.
    paper_ids : tuple of int
        Which papers the first ones are.
    """

    papers: int
    papers_new: int
    abstracts: int
    abstract_characters: int
    paper_ids: tuple[int, ...] = field(default=(), compare=False)

    def day(self, at: datetime) -> SourceDay:
        """Return what the source's history has of this document, which came at that moment."""
        return SourceDay(
            at.date(),
            answers=1,
            papers=self.papers,
            abstracts=self.abstracts,
            abstract_characters=self.abstract_characters,
            brought_minute=at.hour * 60 + at.minute if self.papers else None,
        )


def store_news(
    session: Session,
    source: Source,
    digest: Digest,
    *,
    curator: str,
    now: datetime,
    location: str | None = None,
) -> News:
    """Store what is new in a document of a source, inside the caller's transaction.

    What a source brings on a day is one digest, however often it is asked. Upvotes of what it
    brought before are brought up to date. Sources that are one feed have brought the same.

    Parameters
    ----------
    curator : str
        The byline where the document names nobody.
    location : str, optional
        Where the document lay. At the address of another source it is what that one brings.
    """
    ids, papers_new = store_papers(session, digest.entries, now=now)
    every, asked = sources.every(session), source
    location = location or asked.location
    source = answered_by(asked, location, every)
    feed = [asked, *same_feed(asked, every), source, *same_feed(source, every)]
    by_feed = digests.by_sources(list({location, *(each.url for each in feed)}))
    before = digests.mentioned_by(session, by_feed, ids)
    by_paper: dict[int, DigestEntry] = {}
    for entry, paper_id in zip(digest.entries, ids, strict=True):
        if entry.announce_type is not AnnounceType.REPLACE:
            by_paper.setdefault(paper_id, entry)
    mentions = ranked_mentions(digest.entries, ids)
    digests.raise_upvotes(
        session,
        by_feed,
        [each for each in mentions if each.paper_id in before],
    )
    by_day: dict[date, list[RankedMention]] = {}
    news = [each for each in mentions if each.paper_id not in before]
    for each in news:
        by_day.setdefault(day_of(by_paper[each.paper_id], digest), []).append(each)
    for day, of_day in by_day.items():
        # One digest of a source and a day: its hash is that of what it is.
        sha256 = hashlib.sha256(f"{source.url}\n{day}".encode()).hexdigest()
        known = digests.find_by_hash(session, sha256)
        if known is not None:
            digests.extend(session, known.id, of_day)
            continue
        digests.add(
            session,
            sha256=sha256,
            format=digest.format,
            source=source.url,
            file_name=f"{source.name} {day}",
            curator=digest.curator or curator,
            day=day,
            ingested_at=now,
            mentions=of_day,
        )
    abstracts = [by_paper[each.paper_id].abstract for each in news]
    return News(
        papers=len(news),
        papers_new=len(papers_new),
        abstracts=sum(map(bool, abstracts)),
        abstract_characters=sum(map(len, abstracts)),
        paper_ids=tuple(each.paper_id for each in news),
    )
