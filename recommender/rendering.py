"""Rendering: the one module that knows Jinja2. Reads the template folder, and nothing else.

A mail is three templates (subject, text, HTML), a page is one. The style sheet of the mails is
inlined once per template, before Jinja compiles it, so that rendering costs no CSS work. What many
mails say alike is a macro of its template that is called by `spliced`: rendered once, and each
reader's own words are put into it.
"""

from __future__ import annotations

import re
import secrets
import traceback
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width
from urllib.parse import urlsplit

import css_inline
import jinja2
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from recommender.errors import TemplateError
from recommender.wording import listed, one_line

TEXT_WIDTH = 72
"""Columns of a text part: what RFC 3676 recommends, and still whole when it is quoted once."""

SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
"""Schemes that a link may have; ``javascript:`` and ``data:`` run code in the reader's client."""

AUTHORS_SHOWN = 3

BLOCKS_KEPT = 4_000
"""Of some kilobytes each; a day's papers have three each."""

_CONSTRUCT = re.compile(
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
_URL = re.compile(r"\W{0,3}https?://", re.IGNORECASE)
_URL_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """What a message says, before it has headers.

    Attributes
    ----------
    subject : str
        One line without control characters.
    text : str
        The plain text part; ends in one line break.
    html : str
        The HTML part, a whole document; ends in one line break. ASCII, unless most of it is in
        another script.
    """

    subject: str
    text: str
    html: str


class Renderer:
    """Turns a template's name and its values into a mail or a page.

    Parameters
    ----------
    templates : Path or None
        Folder with ``mail/`` and ``web/``; None takes the templates that ship with this package.

    Attributes
    ----------
    templates : Path

    Raises
    ------
    TemplateError
        If there is no such folder, or the mails' style sheet cannot be read.
    """

    def __init__(self, templates: Path | None = None) -> None:
        self.templates = default_templates() if templates is None else templates
        self._lines: dict[str, tuple[list[int], list[int]]] = {}
        self._inline = _css_inliner(self.templates / "mail" / "mail.css")
        self._environment = jinja2.Environment(
            loader=jinja2.FunctionLoader(self._load),
            autoescape=jinja2.select_autoescape(["html"], default_for_string=False),
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        self._environment.filters.update(
            authors=authors,
            listed=listed,
            long_date=long_date,
            month_and_year=month_and_year,
            number=number,
            safe_url=safe_url,
            short_date=short_date,
            shortened=shortened,
            wrapped=wrapped,
        )
        self._blocks: dict[object, list[str]] = {}
        self._mark = f"splice{secrets.token_hex(16)}"
        self._environment.globals["spliced"] = self._spliced

    def mail(self, name: str, /, **context: object) -> RenderedMail:
        """Render ``mail/NAME.subject.txt``, ``mail/NAME.txt`` and ``mail/NAME.html``.

        Raises
        ------
        TemplateError
            Naming template, line, and what was missing or wrong.
        """
        return RenderedMail(
            subject=one_line(self._render(f"mail/{name}.subject.txt", context)),
            text=self._render(f"mail/{name}.txt", context).strip() + "\n",
            html=_ascii_html(self._render(f"mail/{name}.html", context)).strip() + "\n",
        )

    def page(self, name: str, /, **context: object) -> str:
        """Render ``web/NAME.html``.

        Raises
        ------
        TemplateError
            Naming template, line, and what was missing or wrong.
        """
        return self._render(f"web/{name}.html", context)

    def asset(self, name: str) -> str:
        """Read a file of the template folder that is sent as it is.

        Raises
        ------
        TemplateError
            If there is none.
        """
        try:
            return (self.templates / name).read_text(encoding="utf-8")
        except OSError as error:
            raise TemplateError(
                f"cannot read {self.templates / name} ({error.strerror}); restore it from the"
                " package"
            ) from error

    def _render(self, name: str, context: dict[str, object]) -> str:
        try:
            return self._environment.get_template(name).render(context)
        # A value of the wrong kind fails inside an expression or a filter, not inside Jinja2.
        except (jinja2.TemplateError, AttributeError, TypeError, ValueError) as error:
            raise TemplateError(self._explained(name, error)) from error

    def _load(self, name: str) -> tuple[str, str, None] | None:
        path = self.templates / name
        try:
            source = path.read_text(encoding="utf-8")
        except OSError:
            return None
        if name.startswith("mail/") and name.endswith(".html"):
            # Its errors are told with the lines of the file, so it is read before it is changed.
            self._environment.parse(source, name, str(path))
            try:
                inlined = inline_css(source, self._inline)
            except TemplateError as error:
                raise TemplateError(f"template '{name}' {error}") from error
            self._lines[name] = (_lines_of_constructs(inlined), _lines_of_constructs(source))
            source = inlined
        return source, str(path), None

    @jinja2.pass_context
    def _spliced(
        self, context: Context, macro: Macro, entries: Iterable[Any], *shared: Hashable
    ) -> str:
        """Call a macro for each entry, or take what it gave for another reader's.

        Parameters
        ----------
        macro : Macro
            Its arguments are ``paper``, those of ``shared``, and names of attributes that an entry
            has: it writes each of these as it is, and decides nothing by it.
        entries : iterable
            With ``paper``, which is hashable.
        *shared : hashable
            What else its block depends on.
        """
        own = macro.arguments[1 + len(shared) :]
        as_text = escape if context.eval_ctx.autoescape else str
        said: list[str] = []
        for entry in entries:
            key = (context.name, macro.name, shared, entry.paper)
            block = self._blocks.get(key)
            if block is None:
                # Nobody can guess the mark, so no title holds it.
                marks = [f"{self._mark}-{name}-" for name in own]
                text = str(macro(context.eval_ctx, entry.paper, *shared, *marks))
                block = re.split(rf"{self._mark}-(\w+)-", text)
                if len(self._blocks) >= BLOCKS_KEPT:
                    self._blocks.clear()
                self._blocks[key] = block
            spliced = block.copy()
            spliced[1::2] = [as_text(getattr(entry, name)) for name in block[1::2]]
            said += spliced
        text = "".join(said)
        return Markup(text) if context.eval_ctx.autoescape else text  # noqa: S704, each is escaped

    def _explained(self, name: str, error: Exception) -> str:
        if isinstance(error, jinja2.TemplateNotFound):
            return (
                f"template '{error.name}' is missing in {self.templates};"
                " restore it from the package"
            )
        if isinstance(error, jinja2.TemplateSyntaxError):
            where, line = error.name or name, error.lineno
        else:
            where, line = self._innermost_line(name, error)
        name = f"template '{where}'" + (f" line {line}" if line else "")
        return f"{name}: {one_line(str(error))}; nothing was rendered, fix the template"

    def _innermost_line(self, name: str, error: Exception) -> tuple[str, int]:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            path = Path(frame.filename)
            if path.is_relative_to(self.templates):
                name = path.relative_to(self.templates).as_posix()
                inlined, original = self._lines.get(name, ([], []))
                construct = bisect_right(inlined, frame.lineno or 0) - 1
                return name, original[construct] if construct >= 0 else frame.lineno or 0
        return name, 0


def default_templates() -> Path:
    """Return the folder of the templates that ship with this package.

    A wheel holds it inside the package, a checkout beside it.
    """
    package = Path(__file__).resolve().parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


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
    constructs = _CONSTRUCT.findall(source)
    numbers = iter(range(len(constructs)))
    numbered = _CONSTRUCT.sub(lambda _: f"jinja-{next(numbers)}-jinja", source)
    html = inline(_OPAQUE_OR_PLACEHOLDER.sub(_as_comment, numbered))
    # Indentation is for the template's author; a ten-paper mail would carry 10 kB of it.
    html = _ascii_html(re.sub(r"\n\s+", "\n", html))
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


def long_date(day: date) -> str:
    """Return a date in full, in English whatever the locale: ``Wednesday, 11 March 2026``."""
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_and_year(day: date) -> str:
    """Return the month of a day, in English whatever the locale: ``March 2026``."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Return a date as digests head their days: ``Mar 11``."""
    return f"{_MONTHS[day.month - 1][:3]} {day.day}"


def authors(names: Sequence[str]) -> str:
    """Return the first three names, then how many others there are; empty where there are none."""
    shown = ", ".join(names[:AUTHORS_SHOWN])
    others = len(names) - AUTHORS_SHOWN
    if others <= 0:
        return shown
    return f"{shown} and {others} {'other' if others == 1 else 'others'}"


def number(count: int) -> str:
    """Return a number as a reader reads it: ``12,345``."""
    return f"{count:,}"


def safe_url(url: str | None) -> str:
    """Return a URL that may stand in a link, or an empty string where it may not.

    Only absolute ``http``, ``https`` and ``mailto`` URLs pass. Browsers drop control characters
    before they look at the scheme, so a URL that holds any is refused as well.
    """
    if not url or _URL_BREAKS.search(url := url.strip()):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    has_target = parts.path if parts.scheme == "mailto" else parts.netloc
    return url if parts.scheme in SAFE_SCHEMES and has_target else ""


@lru_cache(maxsize=5_000)
def shortened(text: str, columns: int) -> str:
    """Return a text in one line of at most so many columns, cut behind a word and marked ``…``."""
    text = one_line(text)
    if len(text) <= _fitting(text[: columns + 1], columns):
        return text
    head = text[: _fitting(text[:columns], columns - 1)]
    words, _, part = head.rpartition(" ")
    # A word that is most of the line is cut itself.
    cut = words if len(words) > len(part) and text[len(head)] != " " else head
    return cut.rstrip(" ,;:.–-") + "…"


@lru_cache(maxsize=5_000)
def wrapped(text: str, indent: int = 0) -> str:
    """Wrap a paragraph of a text part at `TEXT_WIDTH`; continued lines start at ``indent``.

    The first line is not indented: the template puts it, behind a number for instance. A URL stays
    one word, however long it is.
    """
    text = one_line(text)
    width = TEXT_WIDTH - indent
    lines = []
    start = 0
    # By hand and kept, because textwrap took two thirds of the time of rendering an issue, and
    # the papers of one day are the same for many readers.
    is_ascii = text.isascii()
    while len(text) - start > (
        fitting := width if is_ascii else _fitting(text[start : start + width], width)
    ):
        end = text.rfind(" ", start, start + fitting + 1)
        if end < 0 and _URL.match(text, start):
            end = text.find(" ", start)
            if end < 0:
                break
        lines.append(text[start:end] if end >= 0 else text[start : start + fitting])
        start = end + 1 if end >= 0 else start + fitting
    return f"\n{' ' * indent}".join([*lines, text[start:]])


def _fitting(text: str, columns: int) -> int:
    """Return how many characters fit into a line; those of East Asian scripts take two columns."""
    ends = accumulate(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return sum(end <= columns for end in ends)


def _css_inliner(style_sheet: Path) -> Callable[[str], str]:
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
    inliner = css_inline.CSSInliner(
        extra_css=css, keep_at_rules=True, minify_css=True, load_remote_stylesheets=False
    )

    def inline(html: str) -> str:
        if re.search(r"<!doctype\b", html, re.IGNORECASE):
            return inliner.inline(html)
        return inliner.inline_fragment(html, css)

    return inline


def _ascii_html(html: str) -> str:
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
    return [match.start() for match in _CONSTRUCT.finditer(source)][number]


def _lines_of_constructs(source: str) -> list[int]:
    return [source.count("\n", 0, match.start()) + 1 for match in _CONSTRUCT.finditer(source)]


# Not strftime: its names follow the locale of the machine.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
