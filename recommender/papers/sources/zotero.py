"""Room 1, papers: libraries at Zotero: which one somebody means, and what its server says. Pure.

Its Web API, version 3: https://www.zotero.org/support/dev/web_api/v3/basics and ``…/syncing``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from recommender.domain import DigestEntry, LibraryAddress
from recommender.errors import DigestError, LibraryError
from recommender.languages.messages import Message
from recommender.papers.json_lists.json_fields import instant_field, load_json, mapping_field
from recommender.papers.json_lists.zotero_items import (
    data_of,
    day_named,
    field_of,
    names_of_work,
    people_of,
)
from recommender.papers.references.bibliography import Record, entry_of, problem_of
from recommender.papers.text.latex import with_accents
from recommender.papers.text.plain_text import clean_line, text_of_html
from recommender.papers.text.structured_abstracts import abstract_of_html

PAGE_ITEMS: Final = 100
"""Items of one answer, as many as Zotero sends."""

WHERE_KEYS_ARE: Final = "zotero.org/settings/keys"
MOST_ADDRESS_CHARACTERS: Final = 500

_KEY: Final = re.compile(r"[A-Za-z0-9]{24}")
_LIKE_A_KEY: Final = re.compile(r"[A-Za-z0-9]{16}")
"""Some letters may be lost where it was copied; names of libraries are shorter, or have hyphens."""
_COLLECTION: Final = re.compile(r"[A-Z0-9]{8}")
_OBJECT_KEY: Final = re.compile(r"[A-Za-z0-9]{1,20}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,11}")
_USERNAME: Final = re.compile(r"[\w.-]{1,100}")
_SCHEME_ALONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:")
_HOSTS: Final = frozenset({"zotero.org", "www.zotero.org", "api.zotero.org"})
_NO_USERNAMES: Final = frozenset({"settings", "support", "search", "user", "items", "library"})
_NEXT: Final = re.compile(r'<([^<>]{1,4000})>;\s*rel="?next"?')


@dataclass(frozen=True, slots=True)
class GivenLibrary:
    """What a subscriber typed: which library, and the key to it where they gave one."""

    address: LibraryAddress
    key: str | None


@dataclass(frozen=True, slots=True)
class ZoteroItem:
    """An item that is a paper.

    Attributes
    ----------
    key : str
    entry : DigestEntry
        Its title is empty where only an identifier is known.
    added_at : datetime or None
    """

    key: str
    entry: DigestEntry
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What one answer holds.

    Attributes
    ----------
    items : tuple of ZoteroItem
    others : tuple of str
        Keys of what is no paper, lies in the bin, or cannot be read.
    """

    items: tuple[ZoteroItem, ...]
    others: tuple[str, ...]

    def __len__(self) -> int:
        """Return how many items the answer held."""
        return len(self.items) + len(self.others)


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a key may do, and whose it is.

    Attributes
    ----------
    user_id : str
    username : str
    reads_own : bool
        The library of the user.
    reads_groups : tuple of str
        Numbers of groups, or ``all``.
    writes : bool
        It may change anything at all.
    """

    user_id: str
    username: str
    reads_own: bool
    reads_groups: tuple[str, ...]
    writes: bool


def shown_again(place: str) -> str:
    """Return what of a typed place a form may show again: nothing that may hold a key."""
    address = re.split(r"[?#]", clean_line(place))[0]
    letters = unquote(address).replace(" ", "")
    if "@" in letters or _LIKE_A_KEY.search(letters):
        return ""
    return address[:MOST_ADDRESS_CHARACTERS]


def given_library(place: str, key: str) -> GivenLibrary:
    """Read which library a subscriber means.

    Parameters
    ----------
    place : str
        An address as it stands in a browser, ``users/12345``, ``groups/12345``, the key of a
        collection of their own, or nothing where there is a key.
    key : str
        Of the API, 24 characters, or nothing. One that was put into the other field is taken.

    Raises
    ------
    LibraryError
        If it is none, with what to type. The key stands nowhere in the message.
    """
    place, key = clean_line(place), clean_line(key)
    if not key and _KEY.fullmatch(place):
        place, key = "", place
    if len(place) > MOST_ADDRESS_CHARACTERS:
        raise LibraryError(
            Message("that is too long for an address at Zotero; copy it from the browser")
        )
    try:
        has_scheme = "://" in place or _SCHEME_ALONE.match(place)
        parts = urlsplit(place if has_scheme else f"https://{_with_host(place)}")
    except ValueError as error:
        raise LibraryError(Message("that is no address; copy it from the browser")) from error
    if not key:
        key = next(iter(parse_qs(parts.query).get("key", ())), "")
    if key and not _KEY.fullmatch(key):
        raise LibraryError(
            Message(
                "a key of Zotero has 24 letters and digits; copy it from %(where)s",
                where=WHERE_KEYS_ARE,
            )
        )
    if not place and not key:
        raise LibraryError(Message("give the address of a library at Zotero, or a key"))
    if not place or _COLLECTION.fullmatch(place):
        if not key:
            raise LibraryError(
                Message("a collection's key alone names no library; give its whole address")
            )
        return GivenLibrary(LibraryAddress("users", place), key)
    address = _address(parts.hostname or "", [unquote(each) for each in parts.path.split("/")])
    if address.owner == "users" and not key:
        raise LibraryError(
            Message(
                "Zotero tells libraries of people apart by number, not by name: give users/12345"
                " with your userID, which stands at %(where)s, or a key",
                where=WHERE_KEYS_ARE,
            )
        )
    return GivenLibrary(address, key or None)


def _with_host(place: str) -> str:
    host = place.partition("/")[0].lower()
    return place if host in _HOSTS else f"www.zotero.org/{place.removeprefix('/')}"


def _address(host: str, path: list[str]) -> LibraryAddress:
    named = [each for each in path if each]
    if host not in _HOSTS or not named:
        raise LibraryError(
            Message(
                "that is no address of a library at zotero.org; open the library there, and copy"
                " its address from the browser"
            )
        )
    kind = named[0].lower()
    collection = _collection_in(named)
    if kind in ("users", "groups"):
        if len(named) == 1 or not _NUMBER.fullmatch(named[1]):
            raise LibraryError(
                Message(
                    "after %(kind)s/ comes a number; copy the address again, or write"
                    " %(kind)s/12345",
                    kind=kind,
                )
            )
        return LibraryAddress(f"{kind}/{named[1]}", collection)
    if kind in _NO_USERNAMES or not _USERNAME.fullmatch(named[0]):
        raise LibraryError(
            Message("that is an address at Zotero, but not of a library; open the library")
        )
    return LibraryAddress("users", collection, named[0])


def _collection_in(named: list[str]) -> str:
    for before, after in pairwise(named):
        if before in ("collections", "collectionKey"):
            if not _COLLECTION.fullmatch(after):
                raise LibraryError(
                    Message(
                        "the collection in that address has no key of eight letters and digits;"
                        " copy it again"
                    )
                )
            return after
    return ""


def owner_of(address: LibraryAddress, rights: KeyRights) -> str:
    """Decide which library is read with a key.

    Raises
    ------
    LibraryError
        If the key may write, or may not read that library.
    """
    if rights.writes:
        raise LibraryError(
            Message(
                "this key may also change your library, so it was not kept; make one that may only"
                " read at %(where)s",
                where=WHERE_KEYS_ARE,
            )
        )
    named = _letters(address.username)
    if named and named != _letters(rights.username):
        raise LibraryError(
            Message(
                "this key belongs to somebody else than that library; give a key of its owner, or"
                " users/ and its number"
            )
        )
    owner = f"users/{rights.user_id}" if address.owner == "users" else address.owner
    kind, _, number = owner.partition("/")
    own = kind == "users" and number == rights.user_id
    group = kind == "groups" and not {"all", number}.isdisjoint(rights.reads_groups)
    # Anybody's library may be public, and is read without the key's leave then.
    if (own and not rights.reads_own) or (kind == "groups" and not group):
        raise LibraryError(
            Message(
                "this key may not read that library; allow it at %(where)s, and give it again",
                where=WHERE_KEYS_ARE,
            )
        )
    return owner


def _letters(username: str) -> str:
    """Return what an address keeps of a name: "Z. User" is ``z_user`` there."""
    return "".join(each for each in username.casefold() if each.isalnum())


def items_url(base: str, address: LibraryAddress, *, since: int, start: int) -> str:
    """Return where the items of a library are that changed since a version, the newest first."""
    query = {
        "format": "json",
        "sort": "dateAdded",
        "direction": "desc",
        "limit": PAGE_ITEMS,
        "start": start,
    }
    if since:
        # What went into the bin changed, and is gone for us.
        query |= {"since": since, "includeTrashed": 1}
    return f"{_place(base, address)}/items/top?{urlencode(query)}"


def keys_url(base: str, address: LibraryAddress) -> str:
    """Return where the keys of all items of a library or collection are, a line each."""
    return f"{_place(base, address)}/items/top?format=keys"


def deleted_url(base: str, address: LibraryAddress, *, since: int) -> str:
    """Return where it says what was deleted since a version."""
    return f"{base}/{address.owner}/deleted?{urlencode({'since': since})}"


def rights_url(base: str) -> str:
    """Return where it says what a key may do; the key itself goes in a header."""
    return f"{base}/keys/current"


def _place(base: str, address: LibraryAddress) -> str:
    within = f"/collections/{address.collection}" if address.collection else ""
    return f"{base}/{address.owner}{within}"


def next_start(headers: Mapping[str, str], *, start: int, received: int) -> int | None:
    """Return at which item the next answer begins; None where this one was the last.

    Only the number is taken from ``Link``: what is asked, and with whose key, is not for a server
    to choose.
    """
    found = _NEXT.search(headers.get("link", ""))
    if found is not None:
        said = parse_qs(urlsplit(found[1]).query).get("start", [""])[0]
        if said.isdecimal() and start < int(said[:9]) <= start + PAGE_ITEMS:
            return int(said)
    total = number_in(headers, "total-results")
    following = start + received
    return following if received and total is not None and following < total else None


def number_in(headers: Mapping[str, str], name: str) -> int | None:
    """Read a header that is a whole number of at most nine digits."""
    said = headers.get(name, "").strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= 9 else None  # noqa: PLR2004 - said above


def read_rights(content: bytes) -> KeyRights:
    """Read what a key may do.

    Raises
    ------
    DigestError
        If this is no such answer.
    """
    said = mapping_field(load_json(_text(content)), "the answer", "file")
    user_id, access = str(said.get("userID", "")), said.get("access")
    if not _NUMBER.fullmatch(user_id) or not isinstance(access, Mapping):
        raise DigestError("file", "no answer of Zotero about a key; ask it again later")
    user, groups = access.get("user"), access.get("groups")
    own = user if isinstance(user, Mapping) else {}
    of_groups = {
        str(number): rights
        for number, rights in (groups.items() if isinstance(groups, Mapping) else ())
        if isinstance(rights, Mapping)
    }
    return KeyRights(
        user_id=user_id,
        username=clean_line(str(said.get("username", "")))[:200],
        reads_own=bool(own.get("library")),
        reads_groups=tuple(each for each, rights in of_groups.items() if rights.get("library")),
        writes=any(bool(rights.get("write")) for rights in (own, *of_groups.values())),
    )


def read_items(content: bytes) -> ItemPage:
    """Read a page of items; what cannot be read of one stops no other.

    Raises
    ------
    DigestError
        If this is no list of items.
    """
    listed = load_json(_text(content))
    if not isinstance(listed, list) or len(listed) > PAGE_ITEMS:
        raise DigestError("file", f"no list of at most {PAGE_ITEMS} items; ask for it again later")
    items, others = [], []
    for number, record in enumerate(listed, start=1):
        key = record.get("key") if isinstance(record, Mapping) else None
        if not isinstance(key, str) or not _OBJECT_KEY.fullmatch(key):
            raise DigestError(f"entry {number}", "an item without a key; ask for it again later")
        item = _item(key, record)
        if item is None:
            others.append(key)
        else:
            items.append(item)
    return ItemPage(tuple(items), tuple(others))


def read_deleted(content: bytes) -> tuple[str, ...]:
    """Read the keys of items that were deleted.

    Raises
    ------
    DigestError
        If this is no such answer.
    """
    said = mapping_field(load_json(_text(content)), "the answer", "file")
    keys = said.get("items")
    if not isinstance(keys, list):
        raise DigestError("file", "no list of deleted items; ask for it again later")
    return tuple(each for each in keys if isinstance(each, str) and _OBJECT_KEY.fullmatch(each))


def read_keys(content: bytes) -> tuple[str, ...]:
    """Read the keys of items, a line each.

    Raises
    ------
    DigestError
        If a line is no key.
    """
    keys = tuple(_text(content).split())
    if not all(map(_OBJECT_KEY.fullmatch, keys)):
        raise DigestError("file", "no list of keys; ask for it again later")
    return keys


def _item(key: str, record: Mapping[str, object]) -> ZoteroItem | None:
    data = data_of(record)
    if data is None:
        return None
    described = Record(
        where=key,
        title=with_accents(text_of_html(field_of(data, "title"))),
        abstract=abstract_of_html(field_of(data, "abstractNote")),
        authors=people_of(data),
        identified_by=names_of_work(data),
        date=day_named(record, data),
    )
    if problem_of(described):
        return None
    entry = entry_of(described)
    if not (entry.title or entry.arxiv_id or entry.doi):
        return None
    try:
        added_at = instant_field(data, "dateAdded", key)
    except DigestError:
        added_at = None  # it counts from the day on which we saw it
    return ZoteroItem(key, entry, added_at)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DigestError("file", "it is not UTF-8; ask for it again later") from error
