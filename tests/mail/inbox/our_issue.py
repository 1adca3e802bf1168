"""A paper of an issue as it is rendered, for replies that quote it."""

from __future__ import annotations

from types import SimpleNamespace

from recommender.jobs.outgoing.messages import REASON_INDENT, ShownPaper
from recommender.rendering.filters import wrapped

LINK = "https://papers.example.org/r/abcdefghijklmnopqrstuvwxyz"


def shown(
    number: int,
    title: str,
    *,
    authors: tuple[str, ...],
    excerpt: str,
    upvotes: int,
    reason: str,
    excerpt_is_summary: bool = False,
) -> SimpleNamespace:
    """Return the paper at a place: the first has code, the second no project page."""
    return SimpleNamespace(
        position=number,
        number=f"{number:2}. ",
        paper=ShownPaper(
            title=title,
            authors=authors,
            url="https://arxiv.org/abs/1706.03762",
            search_site=None,
            excerpt=excerpt,
            excerpt_is_summary=excerpt_is_summary,
            upvotes=upvotes,
            code_url="https://code.example.org/a" if number == 1 else None,
            project_url="https://project.example.org/" if number != 2 else None,
            withdrawn=False,
            has_reason=bool(reason),
            reason_is_personal=True,
            explored=False,
            thumbnail=None,
        ),
        reason=reason,
        wrapped_reason=wrapped(reason, REASON_INDENT),
        like_url=f"{LINK}/up",
        dislike_url=f"{LINK}/down",
        save_url=f"{LINK}/save",
    )
