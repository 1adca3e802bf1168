"""Jobs: the corpus that issues are planned from; its index is brought up to date and kept.

The index is derived data. It lives in the memory of each process and in one file, which is written
when papers came, and read whenever another process wrote it: features of 26,000 papers take seconds
to make and a fifth of a second to read. So the daemon has what a process of its own learned at
night.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from recommender.domain import Paper
from recommender.errors import RecommenderError, UnusableIndexError
from recommender.interests.community import CommunityMap
from recommender.interests.index_file import KeptIndex, read_index, write_index
from recommender.interests.paper_index import (
    PaperIndex,
    changed_papers,
    fingerprint,
    index_papers,
    update_index,
)
from recommender.jobs.issues.offer import offered_since
from recommender.jobs.issues.readers import ranking_parameters
from recommender.jobs.services import Services
from recommender.newsletter.corpus import Corpus, build_corpus
from recommender.store import digests, papers, ratings
from recommender.store.database import Session
from recommender.wording import counted

logger = logging.getLogger(__name__)

FILE_NAME: Final = "papers.npz"


def load_corpus(services: Services, *, with_texts_of: Collection[int] = ()) -> Corpus:
    """Bring the index up to date, keep it, and read the attention that papers have today.

    Parameters
    ----------
    with_texts_of : collection of int
        Papers whose texts the index shall hold besides those that recent digests mention.
    """
    today = services.clock().date()
    with services.database.read() as session:
        index = load_index(services, session)
        mentions = digests.mentions_since(session, offered_since(services, session))
        votes = ratings.community_votes(session)
        read = papers.by_ids(session, {each.paper_id for each in mentions}.union(with_texts_of))
    keep_index(services)
    return build_corpus(
        index.with_papers(read.values()),
        mentions,
        votes,
        today=today,
        window_days=services.ranking.window_days,
        half_life_days=services.ranking.half_life_days,
    )


def load_index(services: Services, session: Session) -> PaperIndex:
    """Return the index of all papers that there are now, without their texts. Writes nothing.

    Papers that came or whose text changed since it was made get their rows with the vocabulary
    that it has; the vocabulary is fitted anew when half as many papers came as it was fitted on.
    Its terms are weighted as this instance's parameters say.
    """
    cache = services.index_cache
    made_for = _state_of_corpus(session)
    weighting = ranking_parameters(services, session).interest.weighting
    with cache.lock:
        _read_kept(services)
        if cache.index is None or cache.made_for != made_for:
            cache.index = _brought_up_to_date(cache.index, session)
            cache.made_for = made_for
            cache.is_kept = False
        if cache.index.weighting.get_params() != weighting:
            cache.index = cache.index.weighted_by(weighting)
            cache.is_kept = False
        return cache.index


def refit_index(services: Services, *, proceed: Callable[[], object] = lambda: None) -> PaperIndex:
    """Make the index anew, vocabulary included, and keep it.

    Parameters
    ----------
    proceed : callable
        Is called before each paper; what it raises ends the work, and the index stays as it was.
    """
    cache = services.index_cache
    with services.database.read() as session:
        made_for = _state_of_corpus(session)
        with closing(papers.every(session)) as stored:
            every = list(_watched(stored, proceed))
        weighting = ranking_parameters(services, session).interest.weighting
    # Without the lock, so that nobody waits: they have the one before.
    made = index_papers(every, weighting=weighting, proceed=proceed).without_texts()
    with cache.lock:
        index = _with_community_of(cache.index, made)
        cache.index, cache.made_for, cache.is_kept = index, made_for, False
    keep_index(services)
    return index


def keep_community(services: Services, learned_for: PaperIndex, community: CommunityMap) -> None:
    """Use a weighting of terms and a map of the community from now on, kept with the index.

    Parameters
    ----------
    learned_for : PaperIndex
        Whose rows the map was learned for.
    community : CommunityMap
        Without dimensions where it does not help.
    """
    cache = services.index_cache
    with cache.lock:
        # The daemon may have kept one with newer papers while the map was learned.
        _read_kept(services)
        if cache.index is None:
            return
        index = cache.index.weighted_by(learned_for.weighting.get_params())
        if len(community.offset_):
            # The vocabulary may have been fitted anew while it was learned.
            community = community.moved(learned_for.space.columns_, index.space.columns_)
        cache.index = replace(index, community=community)
        cache.is_kept = False
    keep_index(services)


def keep_index(services: Services) -> None:
    """Write the index of this process to its file, unless the file has it."""
    cache, path = services.index_cache, _file_of(services)
    with cache.lock:
        if path is None or cache.index is None or cache.is_kept:
            return
        cache.index = _with_what_was_kept_meanwhile(cache.index, path, cache.file)
        try:
            write_index(path, KeptIndex(cache.index, cache.made_for))
            cache.file, cache.is_writable = _identity_of(path), True
        except OSError as error:
            cache.is_writable = False
            logger.warning(
                "the index of papers is not kept: %s: %s; each process makes its own until this "
                "user can write there",
                error.filename or path,
                error.strerror,
            )
        # Tried again when papers come, not at every look.
        cache.is_kept = True


def _with_what_was_kept_meanwhile(
    index: PaperIndex, path: Path, known: tuple[int, ...] | None
) -> PaperIndex:
    """Take over the map of the community that another process wrote since this one looked."""
    if _identity_of(path) in {None, known}:
        return index
    try:
        return _with_community_of(read_index(path).index, index)
    except (OSError, UnusableIndexError):
        # What cannot be read holds no map, and is about to be replaced.
        return index


def require_kept_index(services: Services) -> None:
    """See to it that what this process learns reaches the others, which read it from the file.

    Raises
    ------
    RecommenderError
        If it cannot be written.
    """
    keep_index(services)
    cache, path = services.index_cache, _file_of(services)
    with cache.lock:
        if path is None or not cache.is_writable:
            raise RecommenderError(
                f"{path or 'the index of papers'} cannot be written, and what is learned at night "
                "reaches the daemon by that file only; let this user write there"
            )


def _state_of_corpus(session: Session) -> tuple[int, ...]:
    """Return what differs whenever papers came, or a digest that may have changed their texts.

    The moment of the last digest tells a restored backup from what it replaced.
    """
    last_ingested_at = digests.last_ingested_at(session)
    return (
        papers.count(session),
        papers.last_id(session) or 0,
        digests.last_id(session) or 0,
        0 if last_ingested_at is None else int(last_ingested_at.timestamp() * 1_000_000),
    )


def _read_kept(services: Services) -> None:
    """Take over the index that is in the file, unless this process wrote or read it before."""
    cache, path = services.index_cache, _file_of(services)
    identity = None if path is None else _identity_of(path)
    if path is None or identity is None or identity == cache.file:
        return
    cache.file = identity
    try:
        kept = read_index(path)
    except FileNotFoundError:
        return
    except UnusableIndexError as error:
        logger.warning("the index of papers that was kept is no use, it is made anew: %s", error)
        return
    cache.index, cache.made_for, cache.is_kept = kept.index, kept.made_for, True


def _file_of(services: Services) -> Path | None:
    return None if services.index_folder is None else services.index_folder / FILE_NAME


def _identity_of(path: Path) -> tuple[int, ...] | None:
    """Return what differs between versions of the file; None where none can be read."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _brought_up_to_date(index: PaperIndex | None, session: Session) -> PaperIndex:
    """Return the index of the papers that there are now; the rows of known texts stay."""
    if index is not None:
        texts = {
            paper_id: fingerprint(title, abstract, authors)
            for paper_id, title, abstract, authors in papers.texts(session)
        }
        changed = changed_papers(index, texts)
        if not changed and len(texts) == len(index.papers):
            return index
        if not index.is_outgrown_by(len(changed)):
            new = papers.by_ids(session, changed)
            logger.info("the index of papers takes in %s", counted(len(new), "paper"))
            return update_index(index, texts, list(new.values())).without_texts()
    weighting = None if index is None else index.weighting.get_params()
    made = index_papers(papers.every(session), weighting=weighting).without_texts()
    made = _with_community_of(index, made)
    logger.info(
        "the index of papers is made anew: %s, %s",
        counted(len(made.papers), "paper"),
        counted(made.space.n_terms_, "term"),
    )
    return made


def _with_community_of(before: PaperIndex | None, made: PaperIndex) -> PaperIndex:
    """Take over what the community's likes say of words, until that is learned anew."""
    if before is None or not len(before.community.offset_):
        return made
    if before.weighting.get_params() != made.weighting.get_params():
        return made
    community = before.community.moved(before.space.columns_, made.space.columns_)
    return replace(made, community=community)


def _watched(every: Iterator[Paper], proceed: Callable[[], object]) -> Iterator[Paper]:
    for paper in every:
        proceed()
        yield paper
