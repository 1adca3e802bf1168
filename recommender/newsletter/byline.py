"""Newsletter: by whom papers are said to be; pure."""

from __future__ import annotations

from typing import Final

from recommender.languages.messages import Message

UNNAMED_CURATOR: Final = Message("the research community")
"""Who is named where neither a digest nor the operator names anybody: `list.curator`'s default."""


def byline(curator: str) -> str:
    """Return who is named, as they are stored, so that a reader can be told in their language.

    Names stay as they are; who has none is a `Message`.
    """
    return UNNAMED_CURATOR if curator == UNNAMED_CURATOR else curator
