"""Configuration: what comes in, by the watched folder and from sources that are fetched; pure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from recommender.config.section import Section
from recommender.config.values import FolderPath, Integer, Line, Number
from recommender.errors import SourceError
from recommender.papers.sources.one_feed import address_key
from recommender.papers.sources.polling import LONGEST_MINUTES, SHORTEST_MINUTES
from recommender.papers.sources.presets import MOST_NAME_CHARACTERS, address_of


class IngestSettings(Section):
    """``[ingest]``."""

    folder: FolderPath = Field(default=Path("incoming"), description="a folder")
    settle_seconds: Number = Field(default=2.0, ge=0, le=3600, description="0 to 3600 seconds")
    allow_private_networks: bool = Field(default=False, description="true or false")
    thumbnails: bool = Field(default=False, description="true or false")

    @property
    def done_folder(self) -> Path:
        """Where ingested files go."""
        return self.folder.parent / "done"

    @property
    def rejected_folder(self) -> Path:
        """Where files go that cannot be ingested, each with its reason beside it."""
        return self.folder.parent / "rejected"


def _fetched_at(given: str) -> str:
    try:
        address_of(given)
    except SourceError as error:
        raise ValueError("it is no address and no preset") from error
    return given


def _short(name: str) -> str:
    if len(name) > MOST_NAME_CHARACTERS:
        raise ValueError(f"it has more than {MOST_NAME_CHARACTERS} characters")
    return name


def _each_once(sources: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
    tables: dict[str, int] = {}
    for number, each in enumerate(sources, start=1):
        for what, value in ((each.address, address_key(each.address)), (each.called, each.called)):
            first = tables.setdefault(value, number)
            if first != number:
                raise ValueError(f"tables {first} and {number} both have {what}")
    return sources


class SourceSettings(Section):
    """``[[sources]]``: where papers are fetched."""

    url: Annotated[Line, AfterValidator(_fetched_at)] = Field(
        description="http(s)://…, or a preset such as `arxiv:cs.LG`"
    )
    name: Annotated[Line, AfterValidator(_short)] | None = Field(
        default=None, description=f"text of at most {MOST_NAME_CHARACTERS} characters"
    )
    every_minutes: Integer | None = Field(
        default=None,
        ge=SHORTEST_MINUTES,
        le=LONGEST_MINUTES,
        description=f"a whole number, {SHORTEST_MINUTES} to {LONGEST_MINUTES}",
    )

    @property
    def address(self) -> str:
        """Where it is fetched."""
        return address_of(self.url)[0]

    @property
    def called(self) -> str:
        """What it is called."""
        return self.name or address_of(self.url)[1]


Sources = Annotated[tuple[SourceSettings, ...], AfterValidator(_each_once)]
