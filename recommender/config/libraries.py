"""Configuration: the libraries that subscribers let us read; pure."""

from __future__ import annotations

from pydantic import Field

from recommender.config.section import Section
from recommender.config.values import Integer, WebUrl


class LibrarySettings(Section):
    """``[libraries]``."""

    offered: bool = Field(default=True, description="true or false")
    per_night: Integer = Field(
        default=1_000, ge=1, le=1_000_000, description="a number from 1 to 1,000,000"
    )
    zotero_url: WebUrl = Field(
        default="https://api.zotero.org", description="an address as `https://api.zotero.org`"
    )
    arxiv_url: WebUrl = Field(
        default="https://export.arxiv.org", description="an address as `https://export.arxiv.org`"
    )
    crossref_url: WebUrl = Field(
        default="https://api.crossref.org", description="an address as `https://api.crossref.org`"
    )
