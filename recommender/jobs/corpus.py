"""Jobs: the corpus that issues are planned from; its index is kept as long as no paper changes."""

from __future__ import annotations

from datetime import timedelta

from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.jobs.services import Services
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.store import digests, papers, ratings
from recommender.store.database import Session


def load_corpus(services: Services) -> Corpus:
    """Read and index all papers, and the attention that they have today.

    Papers change by ingesting only, so the index is made once for each digest; mentions and
    ratings are read every time.
    """
    today = services.clock().date()
    with services.database.read() as session:
        index = load_index(services, session)
        newest = digests.newest(session)
        last_day = today if newest is None else min(newest.date, today)
        mentions = digests.mentions_since(
            session, last_day - timedelta(days=services.ranking.window_days)
        )
        votes = ratings.community_votes(session)
    return build_corpus(
        index,
        mentions,
        votes,
        today=today,
        window_days=services.ranking.window_days,
        half_life_days=services.ranking.half_life_days,
    )


def load_index(services: Services, session: Session) -> PaperIndex:
    """Give the index of all papers, made anew if a digest was ingested since."""
    cache = services.index_cache
    made_for = digests.last_id(session)
    with cache.lock:
        if cache.index is None or cache.made_for != made_for:
            cache.index = index_papers(list(papers.every(session)))
            cache.made_for = made_for
        return cache.index
