"""Rendering: from the name of a template and its values to a mail or a page.

A mail is three templates (subject, text, HTML), a page is one. The style sheet of the mails is
inlined once per template, before Jinja2 compiles it, so that rendering costs no CSS work. Each
language has an environment of its own, whose ``_()`` and filters speak it. What many mails say
alike is a macro that their template calls by ``spliced``: it is rendered once in a language, and
each reader's own words are put into it.
"""

from __future__ import annotations

import re
import secrets
import traceback
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from recommender.errors import TemplateError
from recommender.formulas import readable
from recommender.languages import catalogue
from recommender.languages.catalogue import Language
from recommender.languages.negotiation import ENGLISH, LANGUAGES
from recommender.rendering.filters import (
    as_sentence,
    as_title,
    marked,
    safe_url,
    shortened,
    wrapped,
)
from recommender.rendering.inlining import (
    ascii_html,
    css_inliner,
    inline_css,
    lines_of_constructs,
)
from recommender.wording import one_line

STYLE_SHEET = "mail/mail.css"

BLOCKS_KEPT = 4_000
"""Of some kilobytes each, in all languages; a day's papers have three in each."""


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
    language : str
        Tag of the language that it is in.
    """

    subject: str
    text: str
    html: str
    language: str = ENGLISH


@dataclass(frozen=True, slots=True)
class RendererRecipe:
    """What another process makes the same renderer of; see `Renderer`."""

    templates: Path
    own_templates: Path | None
    language: str

    def made(self) -> Renderer:
        """Make it."""
        return Renderer(self.templates, own_templates=self.own_templates, language=self.language)


class Renderer:
    """Turns a template's name and its values into a mail or a page, in one language.

    Parameters
    ----------
    templates : Path or None
        Folder with ``mail/`` and ``web/``; None takes the templates that ship with this package.
    own_templates : Path or None
        A folder of an operator's, whose files stand in place of those with the same name.
    language : str
        The one that is spoken to whoever asked for no other, of `negotiation.LANGUAGES`.

    Attributes
    ----------
    templates, own_templates : Path, Path or None
    default_language : str
    language : Language
        The one that this renderer speaks.

    Raises
    ------
    TemplateError
        If there is no such folder, or the mails' style sheet cannot be read.
    """

    def __init__(
        self,
        templates: Path | None = None,
        *,
        own_templates: Path | None = None,
        language: str = ENGLISH,
    ) -> None:
        self.templates = default_templates() if templates is None else templates
        self.own_templates = own_templates
        self.default_language = language
        self._lines: dict[str, tuple[list[int], list[int]]] = {}
        self._inline = css_inliner(self._file(STYLE_SHEET))
        self._of_language: dict[str, Renderer] = {language: self}
        self._blocks: dict[object, list[str]] = {}
        self._mark = f"splice{secrets.token_hex(16)}"
        self._speak(catalogue.language(language))

    def recipe(self) -> RendererRecipe:
        """Return what another process makes the same of."""
        return RendererRecipe(self.templates, self.own_templates, self.default_language)

    def in_language(self, tag: str | None) -> Renderer:
        """Return what renders in a language; None, or one that there is not: the default one."""
        known = tag if tag in LANGUAGES else self.default_language
        if known not in self._of_language:
            other = copy(self)
            other._speak(catalogue.language(known))  # noqa: SLF001 - of this class
            self._of_language[known] = other
        return self._of_language[known]

    @property
    def environment(self) -> jinja2.Environment:
        """What compiles the templates, in the language of this renderer."""
        return self._environment

    def compiled(self, name: str) -> jinja2.Template:
        """Compile a template, or take it as it was compiled before.

        Raises
        ------
        TemplateError
            Naming template, line, and what is wrong.
        """
        try:
            return self._environment.get_template(name)
        except jinja2.TemplateError as error:
            raise TemplateError(self._explained(name, error)) from error

    def has(self, name: str) -> bool:
        """Return whether there is a template, of the operator's or ours."""
        return self._file(name).is_file()

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
            html=ascii_html(self._render(f"mail/{name}.html", context)).strip() + "\n",
            language=self.language.tag,
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
        file = self._file(name)
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise TemplateError(
                f"cannot read {file} ({error}); restore it from the package"
            ) from error

    def _speak(self, language: Language) -> None:
        self.language = language
        self._environment = _environment(self.language)
        self._environment.loader = jinja2.FunctionLoader(self._load)
        self._environment.globals["spliced"] = self._spliced

    def _file(self, name: str) -> Path:
        """Return where a template is: the operator's, or else ours."""
        if self.own_templates is not None and (self.own_templates / name).is_file():
            return self.own_templates / name
        return self.templates / name

    def _render(self, name: str, context: dict[str, object]) -> str:
        try:
            return self._environment.get_template(name).render(context)
        # A value of the wrong kind fails inside an expression or a filter, not inside Jinja2.
        except (jinja2.TemplateError, AttributeError, TypeError, ValueError, KeyError) as error:
            raise TemplateError(self._explained(name, error)) from error

    def _load(self, name: str) -> tuple[str, str, None] | None:
        path = self._file(name)
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
            self._lines[name] = (lines_of_constructs(inlined), lines_of_constructs(source))
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
        said: list[str] = []
        theirs: list[object] = []
        for entry in entries:
            key = (self.language.tag, context.name, macro.name, shared, entry.paper)
            block = self._blocks.get(key)
            if block is None:
                # Nobody can guess the mark, so no title holds it.
                marks = [f"{self._mark}-{name}-" for name in own]
                text = str(macro(context.eval_ctx, entry.paper, *shared, *marks))
                if context.eval_ctx.autoescape:
                    # As all of the mail will be: a name beyond Latin 1 makes it twice as wide.
                    text = ascii_html(text)
                block = re.split(rf"{self._mark}-(\w+)-", text)
                if len(self._blocks) >= BLOCKS_KEPT:
                    self._blocks.clear()
                self._blocks[key] = block
            # Between a block and the next one nothing is written: the last of an entry's words.
            theirs += [*(getattr(entry, name) for name in block[1::2]), ""]
            said += [*block, ""]
        if not context.eval_ctx.autoescape:
            said[1::2] = map(str, theirs)
            return "".join(said)
        said[1::2] = _escaped(theirs)
        return Markup("".join(said))  # noqa: S704, each is escaped

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
        folders = [folder for folder in (self.own_templates, self.templates) if folder is not None]
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            path = Path(frame.filename)
            folder = next((each for each in folders if path.is_relative_to(each)), None)
            if folder is not None:
                name = path.relative_to(folder).as_posix()
                inlined, original = self._lines.get(name, ([], []))
                construct = bisect_right(inlined, frame.lineno or 0) - 1
                return name, original[construct] if construct >= 0 else frame.lineno or 0
        return name, 0


def _escaped(values: Sequence[object]) -> list[str]:
    """Escape values all at once: a mail has a hundred, and each would be an object of its own."""
    apart = "\0"
    if any(hasattr(value, "__html__") for value in values):
        return [escape(value) for value in values]
    escaped = str.split(escape(apart.join(map(str, values))), apart)
    return escaped if len(escaped) == len(values) else [escape(value) for value in values]


def default_templates() -> Path:
    """Return the folder of the templates that ship with this package.

    A wheel holds it inside the package, a checkout beside it.
    """
    package = Path(__file__).resolve().parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def _environment(spoken: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=jinja2.select_autoescape(["html"], default_for_string=False),
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # Its attribute says that `trans` hands over values by name, as the functions below want them.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(_translating(spoken), language=spoken.tag)
    environment.filters.update(
        as_sentence=as_sentence,
        as_title=as_title,
        authors=spoken.authors,
        listed=spoken.listed,
        long_date=spoken.long_date,
        month_and_year=spoken.month_and_year,
        number=spoken.number,
        readable=readable,
        safe_url=safe_url,
        marked=marked,
        short_date=spoken.short_date,
        shortened=shortened,
        told=spoken.told,
        wrapped=wrapped,
    )
    return environment


def _translating(spoken: Language) -> dict[str, object]:
    """Return what templates call for a sentence; values in HTML are escaped, numbers grouped."""

    @cache
    def plain(msgid: str, is_html: bool) -> str:
        words = spoken.sentence(msgid) % {}
        return Markup(words) if is_html else words  # noqa: S704 - what a template says itself

    @jinja2.pass_context
    def gettext(context: Context, msgid: str, /, **values: object) -> str:
        if not values:
            return plain(msgid, context.eval_ctx.autoescape)
        words = spoken.sentence(msgid)
        if context.eval_ctx.autoescape:
            words = Markup(words)  # noqa: S704 - what a template says itself
        return words % spoken.told_values(values)

    @jinja2.pass_context
    def ngettext(
        context: Context, msgid: str, plural: str, number: int, /, **values: object
    ) -> str:
        words = spoken.counted_sentence(msgid, plural, number)
        if context.eval_ctx.autoescape:
            words = Markup(words)  # noqa: S704 - what a template says itself
        return words % spoken.told_values({"num": number, **values})

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}
