"""Which library somebody means, and what Zotero says of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.domain import DigestEntry, LibraryAddress
from recommender.errors import DigestError, LibraryError
from recommender.papers.sources.zotero import (
    GivenLibrary,
    KeyRights,
    deleted_url,
    given_library,
    items_url,
    keys_url,
    next_start,
    owner_of,
    read_deleted,
    read_items,
    read_keys,
    read_rights,
)

KEY = "aB3" * 8
BASE = "https://api.zotero.org"


def one(**data: Any) -> DigestEntry:
    """Read one item."""
    record = {"key": "AAAA1111", "data": {"itemType": "journalArticle", **data}}
    (item,) = read_items(json.dumps([record]).encode()).items
    return item.entry


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ("users/475425", LibraryAddress("users/475425")),
        ("https://www.zotero.org/groups/12345", LibraryAddress("groups/12345")),
        ("http://zotero.org/groups/12345/some_name/library", LibraryAddress("groups/12345")),
        (" www.zotero.org/groups/12345/some_name/ ", LibraryAddress("groups/12345")),
        (
            "https://www.zotero.org/groups/12345/name/collections/ABCD2345/items/EFGH2345/item",
            LibraryAddress("groups/12345", "ABCD2345"),
        ),
        (
            "https://www.zotero.org/groups/12345/a%20name/items/collectionKey/ABCD2345#x",
            LibraryAddress("groups/12345", "ABCD2345"),
        ),
        ("/groups/12345/collections/ABCD2345", LibraryAddress("groups/12345", "ABCD2345")),
        (
            "https://api.zotero.org/users/475425/collections/9KH9TNSJ/items?format=json",
            LibraryAddress("users/475425", "9KH9TNSJ"),
        ),
    ],
)
def test_a_public_library_is_known_by_its_address(place: str, address: LibraryAddress) -> None:
    assert given_library(place, "") == GivenLibrary(address, None)


@pytest.mark.parametrize(
    ("place", "key", "address"),
    [
        ("", KEY, LibraryAddress("users")),
        (KEY, "", LibraryAddress("users")),
        ("ABCD2345", f" {KEY}\n", LibraryAddress("users", "ABCD2345")),
        ("https://www.zotero.org/ada_ex/library", KEY, LibraryAddress("users", "", "ada_ex")),
        (
            "zotero.org/ada_ex/collections/ABCD2345/collection",
            KEY,
            LibraryAddress("users", "ABCD2345", "ada_ex"),
        ),
        ("groups/7", KEY, LibraryAddress("groups/7")),
        (f"https://api.zotero.org/users/7/items?key={KEY}", "", LibraryAddress("users/7")),
    ],
)
def test_a_library_with_a_key_is_known_by_the_key(
    place: str, key: str, address: LibraryAddress
) -> None:
    assert given_library(place, key) == GivenLibrary(address, KEY)


@pytest.mark.parametrize(
    ("place", "key", "why"),
    [
        ("", "", "give the address"),
        ("ABCD2345", "", "names no library"),
        ("", "too-short", "24 letters and digits"),
        ("https://www.zotero.org/ada_example/library", "", "userID, which stands at"),
        ("https://www.zotero.org/groups/bakers", "", "comes a number"),
        ("users/0", "", "comes a number"),
        ("https://www.zotero.org/settings/keys", KEY, "not of a library"),
        ("https://www.zotero.org/", "", "no address of a library"),
        ("javascript:1", "", "no address of a library"),
        ("mailto:ada@example.org", KEY, "no address of a library"),
        ("https://www.zotero.org/groups/7/x/collections/short", "", "eight letters and digits"),
        ("https://example.org/groups/7", "", "no address of a library at zotero.org"),
        ("https://zotero.org.example.org/groups/7", "", "no address of a library"),
        ("https://zotero.org@example.org/groups/7", "", "no address of a library"),
        ("http://[/groups/7", "", "no address"),
        ("x" * 501, "", "too long"),
    ],
)
def test_what_names_no_library_is_refused_with_what_to_type(place: str, key: str, why: str) -> None:
    with pytest.raises(LibraryError, match=why):
        given_library(place, key)


@given(st.text(max_size=600), st.text(max_size=40))
def test_whatever_is_typed_is_a_library_or_a_refusal(place: str, key: str) -> None:
    try:
        given = given_library(place, key)
    except LibraryError:
        return
    assert given.address.owner.partition("/")[0] in ("users", "groups")


def test_addresses_hold_no_key_and_ask_for_what_changed() -> None:
    address = LibraryAddress("groups/7", "ABCD2345")

    assert items_url(BASE, address, since=0, start=100) == (
        f"{BASE}/groups/7/collections/ABCD2345/items/top?format=json&sort=dateAdded&direction=desc"
        "&limit=100&start=100"
    )
    assert "&since=5&includeTrashed=1" in items_url(BASE, address, since=5, start=0)
    assert keys_url(BASE, address).endswith("/ABCD2345/items/top?format=keys")
    assert deleted_url(BASE, address, since=5) == f"{BASE}/groups/7/deleted?since=5"


@pytest.mark.parametrize(
    ("headers", "following"),
    [
        ({"link": '<https://api.zotero.org/x?start=200&limit=100>; rel="next"'}, 200),
        (
            {
                "link": '<https://a/x>; rel="first", <https://a/x?limit=9&start=200>; rel="next"'
                ', <https://a/x?start=300>; rel="last"'
            },
            200,
        ),
        ({"link": '<https://a/x?start=100>; rel="next"'}, None),
        ({"link": '<https://a/x?start=9999999999999>; rel="next"'}, None),
        ({"link": '<https://a/x>; rel="last"', "total-results": "200"}, None),
        ({"total-results": "201"}, 200),
        ({"total-results": "many"}, None),
        ({}, None),
    ],
)
def test_the_next_page_begins_where_the_server_says_and_nowhere_behind(
    headers: dict[str, str], following: int | None
) -> None:
    assert next_start(headers, start=100, received=100) == following


def test_an_item_is_read_as_a_paper() -> None:
    entry = one(
        title="Kneading of <i>S. cerevisiae</i> dough: CO<sub>2</sub> &amp; time",
        abstractNote="Abstract\n\nWe look at dough.",
        creators=[
            {"creatorType": "author", "firstName": "Ada", "lastName": "Example"},
            {"creatorType": "editor", "firstName": "Eve", "lastName": "Editor"},
            {"creatorType": "author", "name": "The Dough Collaboration"},
        ],
        DOI="https://doi.org/10.1000/ABC.1",
        url="https://journal.example.org/1",
        date="2017-06-12",
    )

    assert entry == DigestEntry(
        title="Kneading of S. cerevisiae dough: CO₂ & time",
        abstract="We look at dough.",
        authors=("Ada Example", "The Dough Collaboration"),
        doi="10.1000/abc.1",
        url="https://doi.org/10.1000/abc.1",
        published_at=datetime(2017, 6, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("data", "arxiv_id", "doi"),
    [
        ({"archiveID": "arXiv:1706.03762"}, "1706.03762", None),
        ({"extra": "arXiv:1706.03762 [cs, stat]"}, "1706.03762", None),
        ({"extra": "Citation Key: x2017\nDOI: 10.1000/X\nfull of words"}, None, "10.1000/x"),
        ({"extra": "type: article\narXiv: hep-th/9711200v3"}, "hep-th/9711200", None),
        ({"DOI": "10.48550/arXiv.1706.03762"}, "1706.03762", None),
        ({"url": "http://arxiv.org/abs/1706.03762v5", "DOI": ""}, "1706.03762", None),
        ({"DOI": "10.1000/x", "extra": "arXiv:1706.03762"}, "1706.03762", "10.1000/x"),
        ({"extra": "see also 10.1000/other"}, None, None),
        ({"extra": "DOI: 10.1000/a\x00b\r\narXiv:\ud800"}, None, "10.1000/ab"),
        ({"DOI": "n/a", "extra": 7, "url": None}, None, None),
    ],
)
def test_identifiers_stand_where_people_and_zotero_put_them(
    data: dict[str, Any], arxiv_id: str | None, doi: str | None
) -> None:
    entry = one(title="Kneading", **data)
    assert (entry.arxiv_id, entry.doi) == (arxiv_id, doi)


def test_the_date_that_zotero_understood_comes_first() -> None:
    record = {
        "key": "AAAA1111",
        "meta": {"parsedDate": "2017-06-12"},
        "data": {"itemType": "preprint", "title": "Kneading", "date": "12 June 2017"},
    }
    (item,) = read_items(json.dumps([record]).encode()).items
    assert item.entry.published_at == datetime(2017, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        {"itemType": "attachment", "title": "paper.pdf"},
        {"itemType": "note", "note": "<p>read this</p>"},
        {"itemType": "annotation"},
        {"itemType": "webpage", "title": "A page"},
        {"itemType": "journalArticle", "title": "In the bin", "deleted": 1},
        {"itemType": "journalArticle", "title": ""},
        {"itemType": "journalArticle", "title": "x" * 5_000},
        {"itemType": "journalArticle", "title": ["a"]},
        "no object",
    ],
)
def test_what_is_no_paper_is_named_by_its_key(data: Any) -> None:
    page = read_items(json.dumps([{"key": "AAAA1111", "data": data}]).encode())
    assert (page.items, page.others) == ((), ("AAAA1111",))


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_when_an_item_was_added_is_read_or_left_open(said: Any, moment: datetime | None) -> None:
    data = {"itemType": "book", "title": "Bread", "dateAdded": said}
    (item,) = read_items(json.dumps([{"key": "A", "data": data}]).encode()).items
    assert item.added_at == moment


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[{}]", b'[{"key": "../x"}]', b"<html>", b"\xff", b"[" * 100_000, b"[1]"),
        json.dumps([{"key": "A", "data": {}}] * 101).encode(),
    ],
)
def test_what_is_no_list_of_items_is_refused(content: bytes) -> None:
    with pytest.raises(DigestError):
        read_items(content)


def test_deleted_items_and_keys_are_read() -> None:
    assert read_deleted(b'{"items": ["AAAA1111", 7, "../x"], "tags": ["a"]}') == ("AAAA1111",)
    assert read_keys(b"AAAA1111\nBBBB1111\n") == ("AAAA1111", "BBBB1111")
    for content in (b"[]", b"{}", b'{"items": {}}'):
        with pytest.raises(DigestError):
            read_deleted(content)
    with pytest.raises(DigestError):
        read_keys(b"<html> </html>")


def rights(content: Any) -> KeyRights:
    return read_rights(json.dumps({"key": KEY, "userID": 7, "username": "A", **content}).encode())


def test_what_a_key_may_do_is_read_without_the_key() -> None:
    found = rights(
        {"access": {"user": {"library": True}, "groups": {"all": {"library": True}, "9": {}}}}
    )
    assert found == KeyRights("7", "A", reads_own=True, reads_groups=("all",), writes=False)
    assert rights({"userID": "7", "access": {}}) == KeyRights(
        "7", "A", reads_own=False, reads_groups=(), writes=False
    )
    for content in (b"[]", b"{}", b'{"userID": true, "access": {}}', b'{"userID": 7}'):
        with pytest.raises(DigestError):
            read_rights(content)


@pytest.mark.parametrize(
    "access",
    [
        {"user": {"library": True, "write": True}},
        {"user": {"library": True}, "groups": {"all": {"library": True, "write": True}}},
        {"groups": {"9": {"write": True}}},
    ],
)
def test_a_key_that_may_write_anywhere_is_refused(access: Any) -> None:
    with pytest.raises(LibraryError, match="may only read"):
        owner_of(LibraryAddress("users"), rights({"access": access}))


def test_a_key_opens_the_library_that_it_may_read() -> None:
    both = rights({"access": {"user": {"library": True}, "groups": {"9": {"library": True}}}})

    assert owner_of(LibraryAddress("users"), both) == "users/7"
    assert owner_of(LibraryAddress("users", "", "a"), both) == "users/7"
    named = rights({"username": "Z. User", "access": {"user": {"library": True}}})
    assert owner_of(LibraryAddress("users", "", "z_user"), named) == "users/7"
    assert owner_of(LibraryAddress("groups/9"), both) == "groups/9"
    assert owner_of(LibraryAddress("users/8"), both) == "users/8", "which may be public"
    for address in (LibraryAddress("groups/8"), LibraryAddress("users", "", "somebody")):
        with pytest.raises(LibraryError):
            owner_of(address, both)
    with pytest.raises(LibraryError):
        owner_of(LibraryAddress("users"), rights({"access": {}}))
