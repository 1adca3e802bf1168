"""What holds for every command, whatever it does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np  # noqa: F401 - loads the library whose threads are counted
import pytest
from threadpoolctl import threadpool_info
from typer.main import get_command
from typer.testing import CliRunner

from recommender.cli import program  # noqa: F401 - adds the commands
from recommender.cli.application import app

GROUPS = [name for name, each in get_command(app).commands.items() if hasattr(each, "commands")]  # type: ignore[attr-defined]  # it is a group

COUNT_THREADS = """
import sys
from recommender.cli import main
sys.argv = ["recommender", "stats", "--help"]
try:
    main()
except SystemExit:
    import numpy, threadpoolctl
    print("threads", *{library["num_threads"] for library in threadpoolctl.threadpool_info()})
"""


def test_commands_compute_on_one_core() -> None:
    environ = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", COUNT_THREADS],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.splitlines()[-1] == "threads 1"


def test_tests_compute_on_as_many_cores_as_commands() -> None:
    libraries = [each for each in threadpool_info() if each["user_api"] == "blas"]

    assert libraries
    assert {library["num_threads"] for library in libraries} == {1}


@pytest.mark.parametrize("group", [(), *[(name,) for name in GROUPS]], ids=" ".join)
def test_help_says_of_each_command_all_of_its_first_sentence(group: tuple[str, ...]) -> None:
    found: Any = get_command(app)
    for name in group:
        found = found.commands[name]
    page = CliRunner().invoke(app, [*group, "--help"], terminal_width=80).output

    words = " ".join(page.split())
    for name, command in found.commands.items():
        first = " ".join(command.help.partition("\n\n")[0].split())
        assert f"{name} {first}" in words
    assert max(map(len, page.splitlines())) <= 80
    assert "``" not in page
