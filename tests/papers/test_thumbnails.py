"""A small JPEG is made anew of a picture; whatever else comes is refused, at little cost."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from recommender.domain import Thumbnail
from recommender.errors import PictureError, RecommenderError
from recommender.papers.thumbnails import MOST_HEIGHT, MOST_WIDTH, make_thumbnail
from recommender.reading.pool import ReadingPool

TEAL = (15, 95, 92)


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 630), mode: str = "RGB") -> bytes:
    made = Image.new(mode, size, TEAL if mode == "RGB" else None)
    written = BytesIO()
    made.save(written, kind)
    return written.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg), formats=["JPEG"])


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes) -> bytes:
    """Write a PNG that says it is so large, whatever its data are."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_jpeg_in_its_proportions(kind: str) -> None:
    made = make_thumbnail(picture(kind))

    shown = opened(made.jpeg)
    assert shown.size == (MOST_WIDTH, 252)
    assert (made.thumbnail.width, made.thumbnail.height) == shown.size
    assert all(abs(a - b) < 4 for a, b in zip(shown.getpixel((9, 9)), TEAL, strict=True))  # type: ignore[arg-type]
    assert Thumbnail.named(made.thumbnail.name) == made.thumbnail


def test_the_same_picture_has_the_same_name() -> None:
    assert make_thumbnail(picture()) == make_thumbnail(picture())


def test_a_small_picture_is_not_made_larger_and_a_tall_one_not_too_tall() -> None:
    assert opened(make_thumbnail(picture(size=(100, 50))).jpeg).size == (100, 50)
    assert opened(make_thumbnail(picture(size=(500, 2000))).jpeg).size == (80, MOST_HEIGHT)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1", "I;16"])
def test_pictures_of_all_colours_are_shown_and_what_is_transparent_is_white(mode: str) -> None:
    shown = opened(make_thumbnail(picture(mode=mode)).jpeg)
    assert shown.mode == "RGB"
    if "A" in mode:
        assert shown.getpixel((9, 9)) == (255, 255, 255)


def test_nothing_of_the_original_is_left_but_its_pixels() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "taken at home")
    written = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (640, 480)).save(written, "PNG", pnginfo=told, exif=exif)

    made = make_thumbnail(written.getvalue()).jpeg

    assert b"taken at home" in written.getvalue()
    assert b"taken at home" not in made
    assert b"Exif" not in made


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(40),
        b"%PDF-1.7",
        picture("GIF"),
        picture("TIFF"),
        picture()[:200],
        picture("JPEG")[:300],
        picture("WEBP")[:60],
        png(100, 100, b"none"),
        picture(size=(1, 1)),
        picture(size=(31, 400)),
    ],
    ids=range(12),
)
def test_what_is_no_whole_picture_of_a_kind_that_is_read_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError):
        make_thumbnail(content)


def test_a_few_bytes_that_become_gigabytes_are_refused_unread() -> None:
    with pytest.raises(PictureError, match="50,000 by 50,000 pixels"):
        make_thumbnail(png(50_000, 50_000, zlib.compress(bytes(1000))))


def test_what_breaks_the_reader_breaks_its_process_alone(reading: ReadingPool) -> None:
    made = reading.read(make_thumbnail, picture())
    assert made == make_thumbnail(picture())
    with pytest.raises(RecommenderError):
        reading.read(make_thumbnail, b"none")


@pytest.mark.parametrize(
    "name",
    ["", "..", f"{'a' * 64}", f"{'A' * 64}-1x1", f"{'a' * 64}-0x1", f"../{'a' * 61}-1x1", "a-1x1"],
)
def test_other_names_are_none(name: str) -> None:
    assert Thumbnail.named(name) is None
