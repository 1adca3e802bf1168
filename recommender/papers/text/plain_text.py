"""Room 1, papers: HTML and loose whitespace to plain text. Pure; knows no digest format."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from recommender.html_text import blocks_of_html
from recommender.wording import one_line

MOST_TITLE_CHARACTERS: Final = 1_000
"""Well beyond any paper's: of 5,204 titles of the daily-papers archive none has more than 168."""

# Only these are taken for markup. Feeds carry formulas such as ``$a<b$`` and titles such as
# "Let's <think>" unescaped, and an HTML parser would swallow the text from there on.
_BLOCK_ELEMENTS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|div|dl|dt|figcaption|figure"
    "|footer|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot"
    "|th|thead|title|tr|ul|jats:(?:p|sec|title|list|list-item)"
    "|sec|st"
)
_INLINE_ELEMENTS = (
    "a|abbr|annotation|audio|b|big|button|cite|code|del|em|embed|font|form|i|iframe|img|input|ins"
    "|kbd|label|link|mark|meta|noscript|object|q|s|samp|script|small|source|span|strike|strong"
    "|style|sub|sup|svg|time|tt|u|var|video|wbr|jats:[a-z-]+"
)
_MATH_ELEMENTS = (
    "math|semantics|mfenced|mfrac|mi|mn|mo|mover|mpadded|mphantom|mroot|mrow|msqrt|mspace|mstyle"
    "|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder|munderover|mml:[a-z]+"
)
# A tag's first attribute must have a value: "$x <a $" is no link.
_TAG_REST = r"(?:\s+[\w:-]+\s*=[^<>]*|\s*)/?\s*>"
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BLOCK_TAG = re.compile(rf"(?=</?(?:{_BLOCK_ELEMENTS}){_TAG_REST})", re.IGNORECASE)
# HighWire has the parts of abstracts in <sec> and their names in <st>.
_JATS_BLOCK = re.compile(
    r"</?(?:jats:(?:p|sec|title|list|list-item)\b|(?:sec|st)(?=[\s/>]))[^<>]*>", re.IGNORECASE
)
# Of MathML the cleaner would drop the text with the tags.
_MATH_TAG = re.compile(rf"</?(?:{_MATH_ELEMENTS}){_TAG_REST}", re.IGNORECASE)
_LONE_ANGLE = re.compile(
    rf"<(?!/?(?:{_BLOCK_ELEMENTS}|{_INLINE_ELEMENTS}){_TAG_REST})", re.IGNORECASE
)
# A title is text here: abstracts in JATS and HTML begin with one.
_LEFT_OUT = frozenset({"script", "style", "annotation"})

# Sites that style text themselves write <span class="jp-sup"> and the like for <sup>.
_SMALL = re.compile(
    r"""<(?:(?P<tag>su[bp])|span\s+class\s*=\s*["'](?:[a-z]{1,10}-)?(?P<kind>su[bp])(?:er)?"""
    r"""(?:script)?["'])\s*>(?:<[ib]>)?(?P<text>(?:[^<>&]|&[\#\w]{1,10};){1,40})(?:</[ib]>)?"""
    r"</(?:su[bp]|span)\s*>",
    re.IGNORECASE,
)
_RAISED: Final = str.maketrans(
    "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
)
_LOWERED: Final = str.maketrans(
    "0123456789+-−–=()aehijklmnoprstuvx",
    "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ",
)
# Raised in print only: who searches for the 19th century writes no small letters.
_RAISED_IN_PRINT_ONLY: Final = frozenset({"st", "nd", "rd", "th", "e", "er", "o", "a", "TM", "SM"})

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def clean_line(text: str) -> str:
    """Return text as `one_line`, where control characters stand for nothing: they are dropped."""
    # Most names and titles are lines already.
    if text.isprintable() and "  " not in text and text.strip() == text:
        return text
    line = " ".join(text.split())
    return line if line.isprintable() else one_line(_CONTROL.sub("", text))


def text_of_html(markup: str) -> str:
    """Extract the text that a reader of this HTML fragment sees, on one line.

    Tags of HTML, MathML and JATS go, entities are resolved, scripts and comments are left out.
    Angle brackets that open no such tag stay as they are, and so does LaTeX. Raised and lowered
    text is written in the characters that Unicode has for it: ``10<sup>5</sup>`` is ``10⁵``.
    """
    return clean_line(" ".join(lines_of_html(markup)))


def lines_of_html(markup: str) -> list[str]:
    """Extract the text as `text_of_html` does, a line for each block; none is empty."""
    # First to one line: the patterns below are slow on long runs of whitespace.
    # A byte order mark that was left in begins some titles.
    markup = clean_line(markup).removeprefix("\ufeff")
    if "<" not in markup and "&" not in markup:
        return [markup] if markup else []
    markup = _COMMENT.sub(" ", markup)
    markup = with_small_text(markup)
    # Paragraphs and table cells must not run into each other when their tags go.
    markup = _BLOCK_TAG.sub(" ", _MATH_TAG.sub("", markup))
    markup = _LONE_ANGLE.sub("&lt;", markup)
    lines = blocks_of_html(_JATS_BLOCK.sub("<br>", markup), left_out=_LEFT_OUT)
    return [line for line in map(clean_line, lines) if line]


def with_small_text(markup: str) -> str:
    """Write what is raised or lowered in the characters that Unicode has for it."""
    return _SMALL.sub(_small, markup)


def _small(found: re.Match[str]) -> str:
    """Write raised or lowered text in Unicode's characters where it has all of them."""
    text = unescape(found["text"])
    raised = (found["tag"] or found["kind"]).lower() == "sup"
    if raised and text in _RAISED_IN_PRINT_ONLY:
        return found["text"]
    table = _RAISED if raised else _LOWERED
    kept = all(letter == " " or ord(letter) in table for letter in text)
    return text.translate(table) if kept else found["text"]
