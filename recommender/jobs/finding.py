"""Jobs: the subscriber at an address, and the paper that words mean, for whoever is given them."""

from __future__ import annotations

from typing import Final

from recommender.domain import Paper, Subscriber
from recommender.errors import NotFoundError
from recommender.jobs.services import Services
from recommender.membership.addresses import normalise_address
from recommender.store import papers, subscribers
from recommender.store.database import Session

_PAPERS_NAMED: Final = 5


def find_subscriber(services: Services, email: str) -> Subscriber:
    """Find the subscriber at an address.

    Raises
    ------
    AddressError
        If ``email`` is no mail address.
    NotFoundError
        If nobody has it.
    """
    address = normalise_address(email)
    with services.database.read() as session:
        subscriber = subscribers.by_key(session, address.key)
    if subscriber is None:
        raise NotFoundError(
            f"nobody subscribed as {address.email}; `recommender subscribers list` shows everybody"
        )
    return subscriber


def find_paper(session: Session, wanted: str) -> Paper:
    """Find the one paper that an arXiv id, a DOI, an id or words of a title mean.

    Raises
    ------
    NotFoundError
        If no paper is meant, or several are.
    """
    found = papers.search(session, wanted)
    if len(found) > 1 and wanted.isdecimal() and len(wanted) <= papers.MAX_ID_DIGITS:
        # Numbers stand in titles too; the message below asks for an id.
        found = list(papers.by_ids(session, [int(wanted)]).values()) or found
    if not found:
        raise NotFoundError(f"no paper is known as {wanted!r}; try its arXiv id")
    if len(found) > 1:
        titles = "\n".join(f"  {paper.id}: {paper.title}" for paper in found[:_PAPERS_NAMED])
        left = papers.count_found(session, wanted) - _PAPERS_NAMED
        more = f"\n  and {left:,} more" if left > 0 else ""
        raise NotFoundError(f"{wanted!r} means several papers, name one by its id:\n{titles}{more}")
    return found[0]
