"""A text whose encoding only its server tells is UTF-8 from there on; what tells itself stays."""

from __future__ import annotations

import codecs
import gzip

import pytest

from recommender.fetching.charset import in_utf8

MOST = 1_000
WRITTEN = [
    ("ISO-8859-1", "Über Boote – nein, Vögel".replace("–", "-")),
    ("windows-1252", "“Boats” – in wind"),
    ("ISO-8859-2", "Łodzie żaglowe na wietrze"),
    ("windows-1250", "Lodě ve větru"),
    ("windows-1251", "Малые лодки на ветру"),
    ("KOI8-R", "Малые лодки на ветру"),
    ("ISO-8859-7", "Μικρά σκάφη στον άνεμο"),
    ("ISO-8859-9", "Rüzgârda küçük tekneler ş"),
    ("Shift_JIS", "風の中の小舟"),
    ("EUC-JP", "風の中の小舟"),
    ("ISO-2022-JP", "風の中の小舟"),
    ("GB2312", "风中的小船"),
    ("GBK", "風中的小船"),
    ("Big5", "風中的小船"),
    ("EUC-KR", "바람 속의 작은 배"),
    ("UTF-16LE", "Малые лодки"),
]


def feed(title: str, declaration: str = "") -> str:
    return f"{declaration}<rss><channel><item><title>{title}</title></item></channel></rss>"


@pytest.mark.parametrize(("charset", "title"), WRITTEN, ids=[each for each, _ in WRITTEN])
@pytest.mark.parametrize(
    "kind", ["text/xml; charset={}", 'application/rss+xml;charset="{}"', "text/plain; Charset={}"]
)
@pytest.mark.parametrize("declaration", ["", "<?xml version='1.0'?>"])
def test_what_only_the_header_tells_is_written_in_utf_8(
    kind: str, charset: str, title: str, declaration: str
) -> None:
    text = feed(title, declaration)
    found = in_utf8(text.encode(charset), kind.format(charset), most=MOST)

    assert found == codecs.BOM_UTF8 + text.encode()


def test_what_is_called_latin_1_has_quotation_marks_of_windows() -> None:
    text = feed("“Boats” in wind")
    found = in_utf8(text.encode("cp1252"), "text/xml; charset=iso-8859-1", most=MOST)

    assert found == codecs.BOM_UTF8 + text.encode()


def test_a_declaration_that_does_not_fit_gives_way() -> None:
    text = feed("Über Boote", "<?xml version='1.0' encoding='utf-8'?>")
    found = in_utf8(text.encode("latin-1"), "text/xml; charset=iso-8859-1", most=MOST)

    assert found == codecs.BOM_UTF8 + text.encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (feed("Малые лодки").encode(), "text/xml; charset=windows-1251"),
        (feed("Boats").encode(), "text/xml; charset=windows-1251"),
        (
            feed("Малые", "<?xml version='1.0' encoding='koi8-r'?>").encode("koi8-r"),
            "text/xml; charset=iso-8859-1",
        ),
        (codecs.BOM_UTF16_LE + feed("Boote").encode("utf-16-le"), "text/xml; charset=latin1"),
        (gzip.compress(feed("Über").encode("latin-1"), mtime=0), "text/xml; charset=latin1"),
        (feed("Über").encode("latin-1"), "text/xml"),
        (feed("Über").encode("latin-1"), "text/xml; charset=utf-8"),
        (feed("Über").encode("latin-1"), "text/xml; charset=nonsense"),
        (feed("Über").encode("latin-1"), "text/xml; charset=punycode"),
        (feed("Über").encode("latin-1"), "text/xml; charset=rot13"),
        (feed("Über").encode("latin-1"), "text/xml; charset=ISO-2022-JP"),
        (feed("Über").encode("latin-1"), "image/png; charset=latin1"),
        (b"\x89PNG\xff", "image/png"),
        ("ü".encode("latin-1") * MOST, "text/plain; charset=latin1"),
        (b"", "text/xml; charset=latin1"),
    ],
)
def test_what_tells_itself_or_cannot_be_told_stays(content: bytes, kind: str) -> None:
    assert in_utf8(content, kind, most=MOST) == content
