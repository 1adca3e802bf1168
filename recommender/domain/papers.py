"""Domain: papers and the digests that mention them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

_THUMBNAIL_NAME: Final = re.compile(r"([0-9a-f]{64})-([1-9]\d{0,3})x([1-9]\d{0,3})", re.ASCII)


class AnnounceType(StrEnum):
    """What a feed says of an entry: arXiv's announce types without the cross-list variants.

    ``WITHDRAWN`` is what its authors or the publisher took back.
    """

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One paper as one digest describes it, before it is known which `Paper` it is.

    Attributes
    ----------
    title, abstract : str
        Plain text without markup. ``abstract`` may be empty where the source has none.
    authors : tuple of str
    arxiv_id : str or None
        Without version: ``1706.03762``, ``hep-th/9711200``.
    doi : str or None
        Lower case, without resolver.
    url : str or None
        http or https.
    published_at : datetime or None
    upvotes : int
        Public votes at the source, >= 0.
    announce_type : AnnounceType
        ``REPLACE`` brings a paper up to date without counting as a mention; ``WITHDRAWN`` counts
        as none either.
    summary : str
        What the paper does in a line of the digest's own; empty where it has none.
    keywords : tuple of str
        The digest's own, in its order.
    code_url, project_url, thumbnail_url : str or None
        http or https: its source code, its page, and a picture of it.
    listed_on : date or None
        The day under which a digest of several days lists it; None where a digest has one day.
    """

    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    arxiv_id: str | None = None
    doi: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    upvotes: int = 0
    announce_type: AnnounceType = AnnounceType.NEW
    summary: str = ""
    keywords: tuple[str, ...] = ()
    code_url: str | None = None
    project_url: str | None = None
    thumbnail_url: str | None = None
    listed_on: date | None = None


@dataclass(frozen=True, slots=True)
class UnreadEntry:
    """A part of a document that is no paper: where it stands, and why with the fix."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One document of new papers: who put it together, for which day, and the papers in order.

    ``date`` is the newest day where its papers are listed under several. ``curator`` is None where
    the document names nobody. It may have no papers on a day that brought none, and ``unread``
    names what could not be read beside those that could.
    """

    format: str
    curator: str | None
    date: date
    entries: tuple[DigestEntry, ...]
    unread: tuple[UnreadEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A digest file that was not ingested: which, where in it, and why with the fix."""

    file: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of a paper that this installation keeps.

    Attributes
    ----------
    digest : str
        SHA-256 of its bytes, in hexadecimal digits.
    width, height : int
        In pixels.
    """

    digest: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """What it is called in addresses and among files, without an ending."""
        return f"{self.digest}-{self.width}x{self.height}"

    @classmethod
    def named(cls, name: str) -> Thumbnail | None:
        """Return the one of a name; None where it is no such name."""
        found = _THUMBNAIL_NAME.fullmatch(name)
        return found and cls(found[1], int(found[2]), int(found[3]))


@dataclass(frozen=True, slots=True)
class Paper:
    """A work, one however often it is mentioned.

    Attributes
    ----------
    summary, keywords, code_url, project_url, thumbnail_url
        See `DigestEntry`.
    withdrawn_at : datetime or None
        When a digest, a source or the operator said that it was taken back; then it is offered to
        nobody.
    reinstated_at : datetime or None
        When the operator said that it stands after all; then nothing that is read takes it back.
    """

    id: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    arxiv_id: str | None
    doi: str | None
    url: str | None
    published_at: datetime | None
    first_seen_at: datetime
    summary: str = ""
    withdrawn_at: datetime | None = None
    keywords: tuple[str, ...] = ()
    code_url: str | None = None
    project_url: str | None = None
    thumbnail_url: str | None = None
    reinstated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One paper in one digest.

    Attributes
    ----------
    rank : int
        Place in the digest, from 1.
    upvotes : int
        Public votes there, >= 0.
    """

    paper_id: int
    curator: str
    digest_date: date
    rank: int
    upvotes: int
