"""Store: what differs between databases, and nowhere else; which one it is, the URL says."""

from __future__ import annotations

from typing import Final

from sqlalchemy import URL
from sqlmodel import Session

from recommender.errors import StorageError
from recommender.store.dialects.dialect import Dialect
from recommender.store.dialects.postgresql import PostgreSQL
from recommender.store.dialects.sqlite import SQLite

_DIALECTS: Final[dict[str, Dialect]] = {each.name: each for each in (SQLite(), PostgreSQL())}


def dialect_of(url: URL) -> Dialect:
    """Return the dialect of the database at a URL.

    Raises
    ------
    StorageError
        If it is one that this program does not keep its data in.
    """
    name = url.get_backend_name()
    if name not in _DIALECTS:
        raise StorageError(
            "database.url is no address of SQLite or PostgreSQL; write sqlite:///recommender.db"
        )
    return _DIALECTS[name]


def dialect_in(session: Session) -> Dialect:
    """Return the dialect of the database that a session is open on."""
    return _DIALECTS[session.get_bind().dialect.name]
