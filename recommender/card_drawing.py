"""The card of a site as PNG, for sites that take no SVG: the one module that draws with Pillow.

It has the letters of a font of this machine, else those that Pillow brings, which are the ones of
English. Pillow takes 6 MB, so the daemon has cards drawn in a process that ends with it.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import unicodedata
from io import BytesIO
from typing import TYPE_CHECKING, Final

from recommender.child_processes import environ_of_children
from recommender.errors import UnreadableError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

WIDTH, HEIGHT = 1200, 630

LETTERS_OF_A_LINE: Final = 24
LINES: Final = 2

LONGEST_SECONDS: Final = 60.0

_GROUND, _INK, _MUTED = "#f6f5f2", "#1c1917", "#4f4b46"
_ACCENT, _LIGHT, _DOT = "#0d5855", "#ffffff", "#7fd6cc"
_MARGIN: Final = 80
_NAME_SIZE, _WORDS_SIZE = 84, 40
_LINE_HEIGHT: Final = 100
_MARK_SIZE: Final = 128
_FINER: Final = 4
"""The mark is drawn so much larger, because what Pillow draws has jagged edges."""
_FONTS: Final = (
    "DejaVuSans-Bold.ttf",
    "NotoSans-SemiBold.ttf",
    "NotoSans-Bold.ttf",
    "LiberationSans-Bold.ttf",
)
_NO_LETTER: Final = "\uffff"


def lines_of(list_name: str) -> list[str]:
    """Return the lines in which a card says what its site is called."""
    return textwrap.wrap(
        list_name, LETTERS_OF_A_LINE, max_lines=LINES, placeholder=" …", break_long_words=True
    )


def card_drawn_apart(list_name: str, what: str) -> bytes:
    """Return what `drawn_card` does, drawn by a process of its own that ends with it.

    Raises
    ------
    UnreadableError
        If it cannot be started, fails, or takes beyond `LONGEST_SECONDS`.
    """
    command = (sys.executable, "-P", "-m", "recommender.card_drawing", list_name, what)
    try:
        ended = subprocess.run(  # noqa: S603, this program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=LONGEST_SECONDS,
            check=True,
            env=environ_of_children(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UnreadableError(f"the card of the site is not drawn: {error}") from error
    return ended.stdout


def drawn_card(list_name: str, what: str) -> bytes:
    """Return the card of a site as PNG, `WIDTH` by `HEIGHT`: what it is called, and what it is."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - see above

    card = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    card.paste(_mark(), (_MARGIN, 70))
    pen = ImageDraw.Draw(card)
    for number, line in enumerate(lines_of(list_name)):
        font = _font(_NAME_SIZE)
        top = 270 + _LINE_HEIGHT * number
        pen.text((_MARGIN, top), _drawable(line, font), font=_fitting(line), fill=_INK)
    font = _font(_WORDS_SIZE)
    pen.text((_MARGIN, 500), _drawable(what, font), font=font, fill=_MUTED)
    written = BytesIO()
    card.save(written, "PNG", optimize=True)
    return written.getvalue()


def _mark() -> Image:
    """Draw the icon, whose coordinates are those of 32 by 32."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - see above

    scale = _MARK_SIZE * _FINER / 32
    mark = Image.new("RGB", (_MARK_SIZE * _FINER, _MARK_SIZE * _FINER), _GROUND)
    pen = ImageDraw.Draw(mark)
    pen.rounded_rectangle((0, 0, mark.width - 1, mark.height - 1), 7 * scale, fill=_ACCENT)
    corners = [(x * scale, y * scale) for x, y in ((7, 22), (13, 15), (18, 19), (25, 10))]
    pen.line(corners, fill=_LIGHT, width=round(3 * scale), joint="curve")
    for x, y in (corners[0], corners[-1]):
        pen.circle((x, y), 1.5 * scale, fill=_LIGHT)
    pen.circle(corners[-1], 2.6 * scale, fill=_DOT)
    return mark.resize((_MARK_SIZE, _MARK_SIZE), Image.Resampling.LANCZOS)


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont  # noqa: PLC0415 - see above

    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue  # this machine has no such font
    return ImageFont.load_default(size)


def _fitting(line: str) -> FreeTypeFont | ImageFont:
    """Return the font in the size in which a line fits."""
    font = _font(_NAME_SIZE)
    length = font.getlength(_drawable(line, font))
    room = WIDTH - 2 * _MARGIN
    return font if length <= room else _font(int(_NAME_SIZE * room / length))


def _drawable(text: str, font: FreeTypeFont | ImageFont) -> str:
    """Return a text in letters that a font has: without an accent it lacks, or without a letter."""
    missing = bytes(font.getmask(_NO_LETTER))

    def has(letter: str) -> bool:
        return letter.isspace() or bytes(font.getmask(letter)) != missing

    letters = (
        each if has(each) else unicodedata.normalize("NFKD", each)[0]
        for each in unicodedata.normalize("NFC", text)
    )
    return " ".join("".join(filter(has, letters)).split())


if __name__ == "__main__":
    sys.stdout.buffer.write(drawn_card(*sys.argv[1:]))
