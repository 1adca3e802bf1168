"""Rendering: whether an operator's own templates can stand in place of ours, before they do.

What is wrong with one is told all at once, with file, line and fix. What only shows when a value is
there (a misspelt attribute of a paper) cannot be seen here, and ends that one mail or page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import jinja2
from jinja2 import meta, nodes

from recommender.errors import TemplateError
from recommender.rendering.renderer import STYLE_SHEET, Renderer, default_templates
from recommender.wording import one_line

LONGEST_BYTES: Final = 1_000_000
SENT_AS_THEY_ARE: Final = frozenset({STYLE_SHEET, "web/rate.js"})
"""No templates: the renderer looks at the style sheet of mails, and browsers at the script."""

_MOST_FILES: Final = 1_000
# Handlers give them to each page and mail, whether its template uses them or not.
_GIVEN_TO_ALL: Final = frozenset({"root", "list_name", "list_address", "takes_mail", "front_url"})


def problems_of_templates(own: Path, ours: Path | None = None) -> list[str]:
    """Return what is wrong with a folder of templates, a line each; empty where nothing is.

    Parameters
    ----------
    own : Path
        The operator's folder.
    ours : Path or None
        That of the templates which they replace; None: those that ship with this package.
    """
    ours = default_templates() if ours is None else ours
    if not own.is_dir():
        return [f"templates_dir: there is no folder {own}; make it, or correct the path"]
    try:
        renderer = Renderer(ours, own_templates=own)
    except TemplateError as error:
        return [f"templates_dir: {error}"]
    files = sorted(file for file in own.rglob("*") if not file.is_dir())
    if len(files) > _MOST_FILES:
        return [f"templates_dir: {own} holds more than {_MOST_FILES:,} files; name another folder"]
    return [
        f"templates_dir: {problem}"
        for file in files
        for problem in _problems_of(renderer, file.relative_to(own).as_posix(), file)
    ]


def _problems_of(renderer: Renderer, name: str, file: Path) -> Iterator[str]:
    try:
        source = _read(renderer, name, file)
        if name in SENT_AS_THEY_ARE:
            return
        tree = renderer.environment.parse(source, name, str(file))
        renderer.compiled(name)
    except jinja2.TemplateSyntaxError as error:
        yield f"{file} line {error.lineno}: {one_line(str(error))}; correct it"
    except TemplateError as error:
        yield f"{file}: {error}"
    else:
        yield from _undefined(renderer, tree, name, file)
        yield from _missing(renderer, tree, name, file)


def _read(renderer: Renderer, name: str, file: Path) -> str:
    """Return what a file holds; raises `TemplateError` where it cannot be a template."""
    if not (renderer.templates / name).is_file():
        raise TemplateError(
            f"it replaces no template of ours; give it the name of one below {renderer.templates},"
            " or take it out"
        )
    try:
        if file.stat().st_size > LONGEST_BYTES:
            raise TemplateError(f"it is larger than {LONGEST_BYTES / 1e6:g} MB; make it smaller")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"byte {error.start} is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise TemplateError(
            f"it cannot be read ({error.strerror}); let this user read it"
        ) from error


def _undefined(renderer: Renderer, tree: nodes.Template, name: str, file: Path) -> Iterator[str]:
    """Yield names that a template uses and nobody gives it, and templates that it names."""
    given = _given(renderer, name) | _GIVEN_TO_ALL
    for unknown in sorted(meta.find_undeclared_variables(tree) - given):
        line = next(each.lineno for each in tree.find_all(nodes.Name) if each.name == unknown)
        yield (
            f"{file} line {line}: nothing is called '{unknown}' here; use the names that stand in"
            " our template"
        )
    for named in meta.find_referenced_templates(tree):
        if named is not None and not renderer.has(named):
            yield f"{file}: there is no template '{named}' that it needs; correct the name"


def _given(renderer: Renderer, name: str) -> set[str]:
    """Return the names that our own template is given, and those that it extends or includes."""
    given = set(renderer.environment.globals)
    names, seen = [name], set[str]()
    while names:
        one = names.pop()
        if one in seen or not (renderer.templates / one).is_file():
            continue
        seen.add(one)
        source = (renderer.templates / one).read_text(encoding="utf-8")
        tree = renderer.environment.parse(source)
        given |= meta.find_undeclared_variables(tree)
        names += [each for each in meta.find_referenced_templates(tree) if each is not None]
    return given


def _missing(renderer: Renderer, tree: nodes.Template, name: str, file: Path) -> Iterator[str]:
    """Yield blocks and macros that our other templates fill or import, and that this leaves out."""
    others = (each for each in renderer.templates.rglob("*.*") if each.suffix in (".html", ".txt"))
    if not any(f'"{name}"' in each.read_text(encoding="utf-8") for each in others):
        return
    known = renderer.environment.parse((renderer.templates / name).read_text(encoding="utf-8"))
    for missing in sorted(_parts(known) - _parts(tree)):
        yield f"{file}: the {missing} is missing, which others need; add it"


def _parts(tree: nodes.Template) -> set[str]:
    blocks = {f"block '{each.name}'" for each in tree.find_all(nodes.Block)}
    return blocks | {f"macro '{each.name}'" for each in tree.find_all(nodes.Macro)}
