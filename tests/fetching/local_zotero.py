"""Zotero's Web API, version 3, as its documentation says it answers; arXiv and Crossref beside it.

https://www.zotero.org/support/dev/web_api/v3/basics, and ``…/syncing``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from local_web import Headers, LocalWeb, Page, Reply

READ_KEY = "R" * 12 + "4" * 12
WRITE_KEY = "W" * 12 + "4" * 12
ABSTRACT = "We look at what dough does while it rests, and why that is so."


def key_of(user_id: int = 12345, *, write: bool = False, groups: Any = None) -> dict[str, Any]:
    """Write what ``/keys/current`` says of a key."""
    access = {"user": {"library": True, "files": True, "write": write}, "groups": groups or {}}
    return {"userID": user_id, "username": "Ada Example", "access": access}


@dataclass
class LocalLibrary:
    """A library: each item has the version in which it last changed."""

    is_public: bool = True
    version: int = 1
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    collections: set[str] = field(default_factory=set)

    def put(self, key: str, **data: Any) -> None:
        """Add an item, or change it."""
        self.version += 1
        before = self.items.get(key, {}).get("data", {"itemType": "journalArticle", "title": key})
        added = {"dateAdded": f"2026-03-{len(self.items) % 9 + 1:02}T12:00:00Z", "collections": []}
        data = {"key": key, **added, **before, **data, "version": self.version}
        self.items[key] = {"key": key, "version": self.version, "meta": {}, "data": data}

    def delete(self, key: str) -> None:
        self.version += 1
        del self.items[key]
        self.deleted[key] = self.version


@dataclass
class LocalZotero:
    """Answers by what it holds.

    Attributes
    ----------
    instead : list of Reply
        Sent first, one after the other, whatever is asked of Zotero.
    arxiv, crossref : dict
        Abstracts by identifier.
    keys_seen : list of str or None
        Which key came with each question.
    """

    libraries: dict[str, LocalLibrary] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    instead: list[Reply] = field(default_factory=list)
    arxiv: dict[str, str] = field(default_factory=dict)
    crossref: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    keys_seen: list[str | None] = field(default_factory=list)

    def on(self, web: LocalWeb) -> None:
        """Answer everything that is asked of a server."""
        web.pages = Everything(self.answer)

    async def answer(self, path: str, headers: Headers) -> Reply:
        return self.reply(path, headers)

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        self.asked.append(path)
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/api/query":
            return self._of_arxiv(query["id_list"].split(","))
        if parts.path.startswith("/works/"):
            return self._of_crossref(unquote(parts.path.removeprefix("/works/")))
        if self.instead:
            return self.instead.pop(0)
        assert headers.get("zotero-api-version") == "3"
        return self._of_zotero(parts.path, query, headers, path)

    def _of_zotero(
        self, place: str, query: Mapping[str, str], headers: Mapping[str, str], path: str
    ) -> Reply:
        key = headers.get("zotero-api-key")
        self.keys_seen.append(key)
        if place == "/keys/current":
            found = self.keys.get(key or "")
            return _json({"key": key, **found}) if found else Reply(403, body=b"Invalid key")
        owner = "/".join(place.split("/")[1:3])
        library = self.libraries.get(owner)
        if library is None:
            return Reply(404, body=b"Not found")
        if key not in self.keys and (key is not None or not library.is_public):
            return Reply(403, body=b"Forbidden")
        return _of_library(library, place.split("/")[3:], query, headers, path)

    def _of_arxiv(self, ids: list[str]) -> Reply:
        entries = "".join(
            f"<entry><id>http://arxiv.org/abs/{each}v1</id><title>At arXiv {each}</title>"
            f"<summary>{escape(self.arxiv[each])}</summary><published>2026-03-01T00:00:00Z"
            "</published><author><name>Ada Example</name></author></entry>"
            for each in ids
            if each in self.arxiv
        )
        feed = (
            '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query'
            f"</title><id>http://arxiv.org/api/x</id>{entries}</feed>"
        )
        return Reply(200, {"Content-Type": "application/atom+xml"}, feed.encode())

    def _of_crossref(self, doi: str) -> Reply:
        if doi not in self.crossref:
            return Reply(404, body=b"Resource not found.")
        work = {"DOI": doi, "title": [f"At Crossref {doi}"], "abstract": self.crossref[doi]}
        return _json({"status": "ok", "message-type": "work", "message": work})


def _of_library(
    library: LocalLibrary,
    place: list[str],
    query: Mapping[str, str],
    headers: Mapping[str, str],
    path: str,
) -> Reply:
    version = {"Last-Modified-Version": str(library.version)}
    if int(headers.get("if-modified-since-version", -1)) >= library.version:
        return Reply(304, version)
    since = int(query.get("since", 0))
    if place == ["deleted"]:
        gone = [key for key, at in library.deleted.items() if at > since]
        return _json({"collections": [], "items": gone, "searches": [], "tags": []}, version)
    found = list(library.items.values())
    if place[0] == "collections":
        if place[1] not in library.collections:
            return Reply(404, body=b"Collection not found")
        found = [each for each in found if place[1] in each["data"]["collections"]]
    assert place[-2:] == ["items", "top"]
    if query.get("includeTrashed") != "1":
        found = [each for each in found if not each["data"].get("deleted")]
    found = [each for each in found if each["version"] > since and "parentItem" not in each["data"]]
    if query.get("format") == "keys":
        return Reply(200, version, "\n".join(each["key"] for each in found).encode())
    if query.get("sort") == "dateAdded":
        found.sort(key=lambda each: each["data"]["dateAdded"], reverse=query["direction"] == "desc")
    start, limit = int(query.get("start", 0)), min(int(query.get("limit", 25)), 100)
    more = {}
    if start + limit < len(found):
        following = path.replace(f"start={start}", f"start={start + limit}")
        more = {"Link": f'<https://api.zotero.org{quote(following, safe="/?=&")}>; rel="next"'}
    told = {**version, "Total-Results": str(len(found)), **more}
    return _json(found[start : start + limit], told)


def _json(value: object, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(
        200, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode()
    )


class Everything(dict[str, Page]):
    """One page for all addresses."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def get(self, key: str, default: Any = None) -> Any:
        del key, default
        return self._page
