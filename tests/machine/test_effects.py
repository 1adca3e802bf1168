"""Steps are carried out once, and told; what fails says which and why."""

from __future__ import annotations

import getpass
import grp
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from recommender.errors import MachineError
from recommender.machine.effects import carry_out, output_of
from recommender.machine.steps import Absent, Command, File, Folder, Link, Plan, Step, Unless

ME = getpass.getuser()
MINE = grp.getgrgid(os.getegid()).gr_name

CarryOut = Callable[..., list[str]]


@pytest.fixture
def outcomes() -> CarryOut:
    def outcomes(*steps: Step, is_dry_run: bool = False) -> list[str]:
        told: list[str] = []
        plan: Plan = steps
        carry_out(plan, tell=lambda outcome, _: told.append(outcome), is_dry_run=is_dry_run)
        return told

    return outcomes


def written(path: Path, content: str = "text", **differing: bool) -> File:
    return File(path, content.encode(), ME, MINE, 0o640, **differing)


def test_each_step_is_done_once(outcomes: CarryOut, tmp_path: Path) -> None:
    made = tmp_path / "a" / "made"
    plan: Plan = (
        Folder(tmp_path / "a", ME, MINE, 0o750),
        written(tmp_path / "a" / "file"),
        Link(tmp_path / "bin" / "link", tmp_path / "a" / "file"),
        Command(("touch", str(made)), "make it", unless=Unless(("test", "-e", str(made)))),
        Absent(tmp_path / "gone"),
    )
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "file").touch()

    assert outcomes(*plan) == ["done"] * 5
    assert outcomes(*plan) == ["kept"] * 5
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "a" / "file").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "bin" / "link").read_text() == "text"
    assert not (tmp_path / "gone").exists()


def test_dry_run_tells_and_changes_nothing(outcomes: CarryOut, tmp_path: Path) -> None:
    plan: Plan = (
        Folder(tmp_path / "a", ME, MINE, 0o750),
        written(tmp_path / "file"),
        Command(("touch", str(tmp_path / "made")), "make it"),
    )

    assert outcomes(*plan, is_dry_run=True) == ["would"] * 3
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_kept_stay_and_others_are_replaced(
    outcomes: CarryOut, tmp_path: Path
) -> None:
    for name in ("kept", "replaced"):
        (tmp_path / name).write_text("before")

    outcomes(written(tmp_path / "kept", is_kept=True), written(tmp_path / "replaced"))

    assert (tmp_path / "kept").read_text() == "before"
    assert (tmp_path / "replaced").read_text() == "text"


def test_same_content_elsewhere_is_enough(outcomes: CarryOut, tmp_path: Path) -> None:
    packaged = tmp_path / "packaged"
    packaged.write_text("text")

    step = File(tmp_path / "file", b"text", ME, MINE, elsewhere=(packaged,))

    assert outcomes(step) == ["kept"]


def test_what_stands_where_a_link_belongs_is_left(outcomes: CarryOut, tmp_path: Path) -> None:
    (tmp_path / "link").write_text("the operator's own")

    assert outcomes(Link(tmp_path / "link", tmp_path)) == ["kept"]
    assert (tmp_path / "link").read_text() == "the operator's own"


def test_daemon_starts_anew_only_after_what_it_must_know(
    outcomes: CarryOut, tmp_path: Path
) -> None:
    restart = Command(("true",), "restart", unless=Unless(("true",)), is_redone=True)

    assert outcomes(written(tmp_path / "a"), restart)[1] == "kept"
    assert outcomes(written(tmp_path / "b", is_restart_needed=True), restart)[1] == "done"


@pytest.mark.parametrize(
    ("printed", "is_silence_enough", "outcome"),
    [
        ("active\\n\\nactive\\n", False, "kept"),
        ("active\\ninactive\\n", False, "done"),
        ("", False, "done"),
        ("", True, "kept"),
    ],
)
def test_commands_are_needless_by_what_another_prints(
    outcomes: CarryOut, printed: str, is_silence_enough: bool, outcome: str
) -> None:
    unless = Unless(("printf", printed), frozenset({"active"}), is_silence_enough)

    assert outcomes(Command(("true",), "start", unless=unless)) == [outcome]


def test_failure_names_the_step_what_it_said_and_the_mend(outcomes: CarryOut) -> None:
    step = Command(("sh", "-c", "echo it is broken >&2; exit 3"), "try", mend="see the log")

    with pytest.raises(MachineError, match=r"try: .+ended with 3; see the log\nit is broken"):
        outcomes(step)


def test_steps_after_one_that_may_fail_are_carried_out(outcomes: CarryOut) -> None:
    may_fail = Command(("false",), "look", may_fail=True)

    assert outcomes(may_fail, Command(("true",), "go on")) == ["failed", "done"]


def test_program_that_is_not_there_is_named(outcomes: CarryOut) -> None:
    with pytest.raises(MachineError, match=r"no-such-program.+install it"):
        outcomes(Command(("no-such-program",), "try"))


def test_file_where_nobody_can_write_is_named(outcomes: CarryOut, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(MachineError, match=r"write .+file/below.+goes on where it ended"):
        outcomes(written(tmp_path / "file" / "below"))


def test_account_that_is_missing_is_named(outcomes: CarryOut, tmp_path: Path) -> None:
    step = File(tmp_path / "file", b"", "no-such-account", MINE)

    with pytest.raises(MachineError, match="there is no account no-such-account"):
        outcomes(step)
    assert list(tmp_path.iterdir()) == []


def test_output_is_what_a_program_prints_where_it_succeeds() -> None:
    assert output_of("echo", " a ") == "a"
    assert output_of("false") is None
    assert output_of("no-such-program") is None
