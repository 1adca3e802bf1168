"""An operator's own templates: what is wrong with them is told before anybody is mailed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from recommender.rendering import Renderer, default_templates
from recommender.rendering.checking import LONGEST_BYTES, problems_of_templates

OURS = default_templates()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a folder of own templates without one."""
    for name in ("mail", "web"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_copies_of_our_templates_are_no_problem(tmp_path: Path) -> None:
    shutil.copytree(OURS, tmp_path / "own")
    assert problems_of_templates(tmp_path / "own") == []


def test_one_template_replaces_ours_and_the_others_stay(own: Path) -> None:
    (own / "web" / "message.html").write_text(
        '{% extends "web/layout.html" %}{% block main %}<b>{{ heading|told }}</b>{% endblock %}'
    )
    assert problems_of_templates(own) == []
    page = Renderer(own_templates=own).page(
        "message", root="./", list_name="List", heading="Own words"
    )
    assert "<b>Own words</b>" in page
    assert "Skip to the content" in page


def test_an_own_template_speaks_each_language(own: Path) -> None:
    (own / "web" / "message.html").write_text("{{ _('Unsubscribe') }} {{ language }}")
    renderer = Renderer(own_templates=own)
    assert renderer.page("message") == "Unsubscribe en"
    assert renderer.in_language("de").page("message") == "Abmelden de"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("web/frunt.html", b"x", r"web/frunt\.html: it replaces no template of ours; give it the"),
        ("web/front.html", b"<p>\n{% if %}", r"web/front\.html line 2: Expected .*; correct it"),
        (
            "web/front.html",
            b"\n\n{{ nobody }}",
            r"front\.html line 3: nothing is called 'nobody' here; use the names",
        ),
        (
            "web/front.html",
            b'{% include "web/gone.html" %}',
            r"there is no template 'web/gone\.html' that it needs; correct the name",
        ),
        ("web/front.html", b"{{ 1 | shiny }}", r"line 1: No filter named 'shiny'.*; nothing was"),
        ("web/layout.html", b"<p>", r"layout\.html: the block 'main' is missing, which others"),
        ("web/papers.html", b"", r"papers\.html: the macro 'paper_list' is missing, which others"),
        ("web/front.html", b"\xff", r"front\.html: byte 0 is not UTF-8; save it as UTF-8"),
        ("web/front.html", b" " * (LONGEST_BYTES + 1), r"it is larger than 1 MB; make it smaller"),
        (
            "mail/probe.html",
            b"<p class='ink'\n class='{{ _('x') }}'>",
            r"probe\.html: template 'mail/probe\.html' line 2: .* lost it",
        ),
        ("mail/mail.css", "→".encode(), r"mail\.css holds '→'.* write it as"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_fix(
    own: Path, name: str, content: bytes, problem: str
) -> None:
    (own / name).write_bytes(content)
    told = problems_of_templates(own)
    assert all(line.startswith("templates_dir: ") and "\n" not in line for line in told)
    assert any(re.search(problem, line) for line in told), told


def test_all_that_is_wrong_is_told_at_once(own: Path) -> None:
    (own / "web" / "front.html").write_text("{% if %}")
    (own / "web" / "gone.html").write_text("")
    assert len(problems_of_templates(own)) == 2


def test_a_folder_that_there_is_not_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of_templates(tmp_path / "none")
    assert "there is no folder" in problem
    assert "make it, or correct the path" in problem
