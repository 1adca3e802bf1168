"""The manual page and completion know what the program knows; help shows what is typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from recommender.cli import program  # noqa: F401 - adds the commands
from recommender.cli.application import app
from recommender.cli.help_files import completion_script, manual_page


def pages() -> list[tuple[str, ...]]:
    root: Any = get_command(app)
    groups = {name: each for name, each in root.commands.items() if hasattr(each, "commands")}
    return [
        (),
        *((name,) for name in root.commands),
        *((group, name) for group, each in groups.items() for name in each.commands),
    ]


@pytest.mark.parametrize("page", pages(), ids=" ".join)
def test_help_shows_what_is_typed_and_no_types_of_code(page: tuple[str, ...]) -> None:
    text = CliRunner().invoke(app, [*page, "--help"], terminal_width=80).output

    assert not re.search(r"<[a-z\[]|\{|\bx>=|\[\[|RANGE|--no-debug|[A-Z]+\.[A-Z]+\.", text)
    assert not re.search(r"^ *\S+ \[default|\[required\]", text, re.MULTILINE)


def test_each_command_has_a_section_in_order_of_use() -> None:
    text = CliRunner().invoke(app, ["--help"], terminal_width=80).output
    titles = re.findall(r"^(\S.+):$", text, re.MULTILINE)

    assert titles[1:4] == ["To begin", "Papers", "Readers"]
    assert "Commands" not in titles
    assert text.index("  install ") < text.index("  subscribers ") < text.index("  uninstall ")


def test_manual_page_has_every_command_and_option() -> None:
    page = manual_page()
    root: Any = get_command(app)

    for path in pages()[1:]:
        command = root
        for name in path:
            command = command.commands[name]
        if command.hidden or hasattr(command, "commands"):
            continue
        heading = f".SS recommender {' '.join(path)}".replace("-", r"\-")
        assert heading in page
    assert r"\-\-relay\-password\-file FILE" in page
    assert page.isascii()


@pytest.mark.system
def test_groff_finds_nothing_wrong_with_the_manual_page() -> None:
    ended = subprocess.run(
        ["/usr/bin/groff", "-man", "-Tutf8", "-ww", "-z"],
        input=manual_page(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stderr == ""


def completed(shell: str, **variables: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "recommender"],
        env=os.environ | {"_RECOMMENDER_COMPLETE": f"complete_{shell}"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout


def test_bash_and_zsh_are_told_what_may_come_next() -> None:
    assert completed("bash", COMP_WORDS="recommender subs", COMP_CWORD="1") == "subscribers\n"
    assert "--state" in completed("bash", COMP_WORDS="recommender outbox list --", COMP_CWORD="3")
    assert '"seed":' in completed("zsh", _TYPER_COMPLETE_ARGS="recommender subscribers ")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_scripts_are_of_their_shell(shell: str) -> None:
    script = completion_script(shell)

    assert "_RECOMMENDER_COMPLETE" in script
    if path := shutil.which(shell):
        subprocess.run([path, "-n"], input=script, text=True, check=True)  # noqa: S603 - a shell
