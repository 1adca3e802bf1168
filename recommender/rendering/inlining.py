"""Rendering: the mails' style sheet is written into their elements, before Jinja2 compiles them.

Many mail programs read no style sheet, or drop it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.errors import TemplateError

if TYPE_CHECKING:
    import css_inline

CONSTRUCT = re.compile(
    r"""\{\{(?:"[^"]*"|'[^']*'|[^"'])*?\}\}   # an expression, whose strings may hold braces
      | \{%(?:"[^"]*"|'[^']*'|[^"'])*?%\}     # a statement
      | \{\#.*?\#\}                           # a comment
    """,
    re.DOTALL | re.VERBOSE,
)
_PLACEHOLDER = re.compile(r"<!--jinja-(\d+)-jinja-->|jinja-(\d+)-jinja")
# Where a comment would be literal text: inside a comment, a title, a style sheet or a tag.
_OPAQUE_OR_PLACEHOLDER = re.compile(
    r"<!--.*?-->|<title\b.*?</title>|<style\b.*?</style>|<[a-z/][^>]*>|jinja-\d+-jinja",
    re.DOTALL | re.IGNORECASE,
)


def inline_css(source: str, inline: Callable[[str], str]) -> str:
    """Inline a style sheet into a template's HTML without touching its Jinja constructs.

    An inliner parses and prints HTML: it would escape quotes in an expression, and move a
    statement that stands between table rows out of the table. So every construct is swapped for a
    comment, or for a word where it stands inside a tag, and swapped back afterwards.

    Parameters
    ----------
    source : str
        A whole document (from ``<!doctype``), or a fragment that may stand in a body.
    inline : callable
        HTML in, the same HTML with ``style`` attributes out.

    Raises
    ------
    TemplateError
        If the inliner lost, doubled or reordered a construct.
    """
    constructs = CONSTRUCT.findall(source)
    numbers = iter(range(len(constructs)))
    numbered = CONSTRUCT.sub(lambda _: f"jinja-{next(numbers)}-jinja", source)
    html = inline(_OPAQUE_OR_PLACEHOLDER.sub(_as_comment, numbered))
    # Indentation is for the template's author; a ten-paper mail would carry 10 kB of it.
    html = ascii_html(re.sub(r"\n\s+", "\n", html))
    found = [int(match[1] or match[2]) for match in _PLACEHOLDER.finditer(html)]
    if found != list(range(len(constructs))):
        lost = next(
            (number for number in range(len(constructs)) if found[number : number + 1] != [number]),
            len(constructs) - 1,
        )
        line = source.count("\n", 0, _nth_construct_start(source, lost)) + 1
        raise TemplateError(
            f"line {line}: inlining the style sheet moved {constructs[lost]!r} or lost it;"
            " put it where HTML allows a comment, or inside an attribute's value"
        )
    return _PLACEHOLDER.sub(lambda match: constructs[int(match[1] or match[2])], html)


def css_inliner(style_sheet: Path) -> Callable[[str], str]:
    """Return a function that inlines one style sheet and keeps its ``@media`` rules in the head."""
    try:
        css = style_sheet.read_text(encoding="utf-8")
    except OSError as error:
        raise TemplateError(
            f"cannot read {style_sheet} ({error.strerror}); restore it from the package"
        ) from error
    # Comments are for whoever edits the sheet; kept at-rules would carry them into every mail.
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    if not css.isascii():
        beyond = next(character for character in css if not character.isascii())
        raise TemplateError(
            f"{style_sheet} holds {beyond!r}, which a mail cannot carry in its style sheet;"
            f" write it as \\{ord(beyond):x}"
        )

    @cache
    def inliner() -> css_inline.CSSInliner:
        import css_inline  # noqa: PLC0415, who renders no mail needs none of it

        return css_inline.CSSInliner(
            extra_css=css, keep_at_rules=True, minify_css=True, load_remote_stylesheets=False
        )

    def inline(html: str) -> str:
        if re.search(r"<!doctype\b", html, re.IGNORECASE):
            return inliner().inline(html)
        return inliner().inline_fragment(html, css)

    return inline


def ascii_html(html: str) -> str:
    """Write what is not ASCII as character references, where that is little.

    ASCII goes through every mail server as it is. And one emoji makes each character of a string
    take four bytes, which is felt in all that is done with a mail.
    """
    if html.isascii():
        return html
    data = html.encode("ascii", "xmlcharrefreplace")
    is_mostly_ascii = 3 * len(data) <= 4 * len(html)
    return data.decode("ascii") if is_mostly_ascii else html


def _as_comment(match: re.Match[str]) -> str:
    return f"<!--{match[0]}-->" if match[0].startswith("jinja-") else match[0]


def _nth_construct_start(source: str, number: int) -> int:
    return [match.start() for match in CONSTRUCT.finditer(source)][number]


def lines_of_constructs(source: str) -> list[int]:
    """Return in which line each of a template's constructs begins."""
    return [source.count("\n", 0, match.start()) + 1 for match in CONSTRUCT.finditer(source)]
