"""Room 1, papers: a small picture of a paper is made anew of what a server sent. Pure.

The one module that knows Pillow. It runs where foreign input is read, apart and within limits, and
what it gives holds nothing of the original but its pixels.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from recommender.domain import Thumbnail
from recommender.errors import PictureError

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES: Final = 2_000_000
"""Of what a server sends: social cards of 1,200 by 630 pixels have up to 1 MB as PNG."""

MOST_PIXELS: Final = 16_000_000
LEAST_SIDE: Final = 32
"""Smaller ones are spacers and icons."""

MOST_WIDTH, MOST_HEIGHT = 480, 320
_QUALITY: Final = 78
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_PAPER: Final = (255, 255, 255)
"""What is seen through a picture where it is transparent."""


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A JPEG, and what it is called by."""

    jpeg: bytes
    thumbnail: Thumbnail


def make_thumbnail(content: bytes) -> MadePicture:
    """Make a small JPEG of a PNG, JPEG or WebP picture, told by its content.

    Parameters
    ----------
    content : bytes
        What a server sent.

    Raises
    ------
    PictureError
        If it is no such picture, broken, or too large or small.
    """
    # Who only names this function need not have Pillow's memory.
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - see above

    # Its own limit is beyond ours, and warns.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with (
            # A stranger decides how much it warns of, and where that goes.
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(content), formats=_FORMATS) as picture,
        ):
            width, height = picture.size
            if min(width, height) < LEAST_SIDE or width * height > MOST_PIXELS:
                raise PictureError(f"a picture of {width:,} by {height:,} pixels is not shown")
            # A JPEG is decoded at the size that is needed.
            picture.draft("RGB", (MOST_WIDTH, MOST_HEIGHT))
            small = _flattened(picture)
    except UnidentifiedImageError as error:
        raise PictureError("it is no PNG, JPEG or WebP picture") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError("it is a broken picture") from error
    small.thumbnail((MOST_WIDTH, MOST_HEIGHT))
    written = BytesIO()
    small.save(written, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    jpeg = written.getvalue()
    return MadePicture(jpeg, Thumbnail(hashlib.sha256(jpeg).hexdigest(), *small.size))


def _flattened(picture: Image.Image) -> Image.Image:
    """Return a picture on white, in three colours."""
    from PIL import Image  # noqa: PLC0415 - see `make_thumbnail`

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    coloured = picture.convert("RGBA")
    flat = Image.new("RGB", coloured.size, _PAPER)
    flat.paste(coloured, mask=coloured.getchannel("A"))
    return flat
