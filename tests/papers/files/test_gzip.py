"""A document within gzip is read like one without, and what is broken or a bomb is refused."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from recommender.errors import DigestError
from recommender.papers.files import incoming
from recommender.papers.formats import MOST_UNPACKED, parse_digest
from recommender.papers.references import references
from recommender.papers.references.references import read_references
from recommender.papers.text.decoding import unpacked

TODAY = date(2026, 3, 20)
LATER = date(2026, 11, 28)
PORTABLE = b'{"id": "2603.00001", "title": "Of mice"}\n'
RSS = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>Of mice</title>'
    b"<link>https://arxiv.org/abs/2603.00001</link></item></channel></rss>"
)
DAILY = json.dumps([{"paper": {"id": "2603.00001", "title": "Of mice"}}]).encode()
RIS = b"TY  - JOUR\nTI  - Of mice\nUR  - https://arxiv.org/abs/2603.00001\nER  - \n"
BIBTEX = b"@article{a, title={Of mice}, eprint={2603.00001}}"
DIGEST_TEXT = b"Mar 11\n\nOf mice\n\nWe count mice, and find that there are many of them.\n"
READERS = {
    "digests": lambda content: parse_digest(content, today=TODAY),
    "references": read_references,
}


def refusal(content: bytes, read: Callable[[bytes], object] = READERS["digests"]) -> str:
    with pytest.raises(DigestError) as caught:
        read(content)
    assert caught.value.where == "file"
    return caught.value.message


@pytest.mark.parametrize("document", [PORTABLE, RSS, DAILY, RIS, BIBTEX, DIGEST_TEXT])
def test_every_kind_of_digest_is_read_within_gzip(document: bytes) -> None:
    assert parse_digest(gzip.compress(document), today=TODAY) == parse_digest(document, today=TODAY)


@pytest.mark.parametrize("document", [RIS, BIBTEX, b"2603.00001\n"])
def test_every_kind_of_reference_is_read_within_gzip(document: bytes) -> None:
    assert read_references(gzip.compress(document)) == read_references(document)


def test_members_are_one_document() -> None:
    members = b"".join(map(gzip.compress, (RIS[:9], RIS[9:20], b"", RIS[20:])))
    assert unpacked(members, most=1_000) == RIS


@pytest.mark.parametrize("behind", [b"\0" * 512, b"a line of a server", b"\x1f"])
def test_what_stands_behind_the_last_member_does_not_count(behind: bytes) -> None:
    assert unpacked(gzip.compress(RIS) + behind, most=1_000) == RIS


def test_a_head_with_a_name_and_a_comment_is_gzip() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile("digest.xml", "wb", fileobj=packed) as file:
        file.write(RSS)
    assert unpacked(packed.getvalue(), most=1_000) == RSS


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("end", [2, 9, 20, -9, -1])
def test_gzip_that_breaks_off_is_refused_as_such(name: str, end: int) -> None:
    assert "breaks off before its end" in refusal(gzip.compress(RIS)[:end], READERS[name])


@pytest.mark.parametrize("name", READERS)
def test_a_wrong_check_sum_or_method_is_refused(name: str) -> None:
    packed = bytearray(gzip.compress(RIS))
    packed[-6] ^= 1
    assert refusal(bytes(packed), READERS[name]).startswith("broken gzip (")
    assert refusal(b"\x1f\x8b\x07" + bytes(packed[3:]), READERS[name]).startswith("broken gzip (")


def test_gzip_within_gzip_is_refused() -> None:
    assert "a gzip archive, not text" in refusal(gzip.compress(gzip.compress(RIS)))


@pytest.mark.parametrize(
    ("name", "most"), [("digests", MOST_UNPACKED), ("references", references.MAX_XML_BYTES)]
)
def test_a_bomb_is_refused_before_it_fills_the_memory(name: str, most: int) -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(b"a " * 500_000) for _ in range(400)) + bomb.flush()
    tracemalloc.start()
    said = refusal(packed, READERS[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert f"more than {most / 1e6:g} MB" in said
    assert peak < 3 * most


def test_endless_members_are_refused() -> None:
    assert "parts" in refusal(gzip.compress(b"") * 20_000)


def test_what_is_unpacked_may_be_as_large_as_a_file() -> None:
    assert incoming.MAX_BYTES == MOST_UNPACKED


def test_real_files_are_read_within_gzip(shared_data: Path) -> None:
    for file in sorted((shared_data / "feeds" / "json").iterdir()):
        content = file.read_bytes()
        packed = gzip.compress(content)
        assert parse_digest(packed, today=LATER) == parse_digest(content, today=LATER)
