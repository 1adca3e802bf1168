"""What is installed: the wheel away from the checkout, and the unit that starts the daemon."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import textwrap
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from recommender import __version__
from recommender.config.settings import DESCRIPTIONS
from recommender.daemon import DRAIN_SECONDS
from recommender.heartbeat import LONGEST_PAUSE_SECONDS
from recommender.night_process import ENDING_SECONDS
from recommender.web.connections import CONNECTIONS_MAX, connections_allowed

ROOT = Path(__file__).resolve().parents[1]
UNIT = ROOT / "systemd" / "recommender.service"
UNITS = {".service", ".socket", ".timer"}
DIGEST = """\
by the reading group

11 March 2026

Attention Is All You Need

A model for translation that reads and writes sentences with attention alone, without recurrence
and without convolution. It trains in parallel and translates better for less computation.

Deep Residual Learning for Image Recognition

Very deep networks are hard to train. Here each block learns what to add to its input, and a
shortcut carries the input past it. Networks of 152 layers then train without trouble.
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program with none of the caller's settings; give all that it prints."""
    ended = subprocess.run(  # noqa: S603, our own programs
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TMPDIR": str(cwd)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the build backend of `pyproject.toml`."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own; give its folder of programs.

    The dependencies are those of this environment: a path file leads to them, and Python does not
    read the path files there, so the editable installation of the checkout stays out of reach.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(
        "\n".join(sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))
    )
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    return folder / "bin"


def test_wheel_holds_everything_that_the_program_reads(wheel: Path) -> None:
    expected = {
        f"recommender/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "templates").rglob("*")
        if path.is_file()
    } | {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "recommender").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    expected |= {f"recommender/systemd/{path.name}" for path in UNIT.parent.iterdir()}
    expected |= {"recommender/recommender.toml", "recommender/py.typed"}

    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("recommender/")}
        settings = archive.read("recommender/recommender.toml")

    assert expected == names
    assert (ROOT / "config" / "recommender.toml").read_bytes() == settings


def test_wheel_names_its_dependencies_and_its_program(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    with zipfile.ZipFile(wheel) as archive:
        folder = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(folder).decode()
        entry_points = archive.read(folder.replace("METADATA", "entry_points.txt")).decode()

    required = re.findall(r"^Requires-Dist: ([\w.-]+)(?!.*extra ==)", metadata, re.MULTILINE)
    assert {re.split(r"[<>=]", each)[0] for each in project["dependencies"]} <= set(required)
    assert "recommender = recommender.cli:main" in entry_points


def test_wheel_is_the_same_byte_for_byte_wherever_and_whenever_it_is_built(
    wheel: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    beside = shutil.ignore_patterns(".git", ".venv", "tests", "docs", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=beside, copy_function=shutil.copy)
    for path in copy.rglob("*.py"):
        path.chmod(0o600)

    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=copy)

    assert wheel.read_bytes() == (tmp_path / wheel.name).read_bytes()


def test_changelog_has_the_version_that_the_program_tells() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)$", text, re.MULTILINE)

    assert releases[0][0] == __version__
    assert [each for _, each in releases] == sorted((day for _, day in releases), reverse=True)


def test_changelog_tells_each_change_once_below_a_heading_of_its_own() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## .*$", text, re.MULTILINE)
    told = re.findall(r"^- .*$", text, re.MULTILINE)

    assert headings[0] == "## Unreleased" or headings[0].startswith(f"## {__version__} ")
    assert len(re.findall(r"(?:^|\n\n)## .*\n\n", text)) == len(headings)
    assert [each for each in set(told) if told.count(each) > 1] == []


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    return {canonicalize_name(package): pinned for package, pinned in found}


def test_tested_set_has_every_requirement_in_a_version_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    run_with = [Requirement(each) for each in project["dependencies"]]
    tested_with = [Requirement(each) for extra in extras for each in extra]

    # `.ci/lock` writes what is missing.
    files = ("config/requirements.lock", "config/constraints.txt")
    for wanted, file in zip((run_with, tested_with), files, strict=True):
        pinned = pins(file)
        lacking = [
            str(each)
            for each in wanted
            if not each.specifier.contains(pinned.get(canonicalize_name(each.name), "0"))
        ]
        assert lacking == [], file
    assert pins("config/requirements.lock").items() <= pins("config/constraints.txt").items()


def test_lock_has_hashes_of_every_package_and_names_no_registry() -> None:
    text = (ROOT / "config" / "requirements.lock").read_text(encoding="utf-8")
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]

    assert all("--hash=sha256:" in each for each in packages)
    assert "://" not in text + (ROOT / "config" / "constraints.txt").read_text(encoding="utf-8")
    assert "index-url" not in text


def test_container_names_what_there_is(installed: Path, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "Containerfile").read_text(encoding="utf-8")
    sources = re.findall(r"/source/([\w./-]+)", text)
    (command,) = re.findall(r'^CMD \["(\w+)"\]$', text, re.MULTILINE)

    assert sources == ["config/requirements.lock"]
    assert all((ROOT / each).exists() for each in sources)
    assert command in run(installed / "recommender", "--help", cwd=tmp_path)
    assert "ENV RECOMMENDER_CONFIG=" in text
    keys = re.findall(r"\b((?:list|web)\.\w+)", text)
    assert set(keys) <= DESCRIPTIONS.keys()


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_scripts_of_the_debian_package_are_shell_and_name_what_there_is(
    script: str, installed: Path, tmp_path: Path
) -> None:
    path = ROOT / "config" / "debian" / script
    named = re.findall(r"\brecommender (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    run("sh", "-n", path, cwd=tmp_path)
    told = run(installed / "recommender", "--help", cwd=tmp_path)
    assert [each for each in named if f"  {each} " not in told] == []


def test_installed_program_is_the_wheel_and_not_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    code = "import recommender, sys; print(recommender.__file__); print(*sys.path, sep='\\n')"

    file, *path = run(installed / "python", "-c", code, cwd=tmp_path).splitlines()

    assert Path(file).is_relative_to(installed.parent)
    assert str(ROOT) not in path


def test_installed_program_tells_its_version(installed: Path, tmp_path: Path) -> None:
    told = run(installed / "recommender", "--version", cwd=tmp_path)

    assert f"recommender {__version__}\n" == told


def test_installed_program_goes_from_a_digest_to_a_mail(installed: Path, tmp_path: Path) -> None:
    program = installed / "recommender"
    (tmp_path / "reading-group.txt").write_text(DIGEST, encoding="utf-8")

    run(program, "init", cwd=tmp_path)
    run(program, "ingest", "reading-group.txt", cwd=tmp_path)
    run(program, "subscribers", "add", "ada@example.org", cwd=tmp_path)
    html = run(program, "preview", "ada@example.org", cwd=tmp_path)

    assert "Attention Is All You Need" in html
    assert "Deep Residual Learning for Image Recognition" in html
    assert "by the reading group" in html


def test_installed_program_shows_the_demo(installed: Path, tmp_path: Path) -> None:
    mails = tmp_path / "mails"

    told = run(installed / "recommender", "demo", "--once", "--out", mails, cwd=tmp_path)

    assert f"9 mails are in {mails}" in told
    assert len(list(mails.glob("*.eml"))) == 9
    assert len(list(mails.glob("*.html"))) == 9


def test_settings_that_the_steps_by_hand_show_are_complete(installed: Path, tmp_path: Path) -> None:
    program = installed / "recommender"
    state, settings = tmp_path / "var", tmp_path / "etc"
    (shown,) = re.findall(
        r"^ +```toml\n(.+?)^ +```$",
        (ROOT / "docs" / "running.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    run(program, "init", state, cwd=tmp_path)
    settings.mkdir()
    (state / "secret.key").rename(settings / "secret.key")
    (settings / "smtp.password").write_text("as the server knows it\n", encoding="utf-8")
    (settings / "smtp.password").chmod(0o600)
    (settings / "recommender.toml").write_text(
        textwrap.dedent(shown)
        .replace("/var/lib/recommender", str(state))
        .replace("/etc/recommender", str(settings)),
        encoding="utf-8",
    )
    (state / "people.csv").write_text("email,hour\nada@example.org,8\n", encoding="utf-8")
    configured = (program, "--config", settings / "recommender.toml")

    checked = run(*configured, "check-config", cwd=tmp_path)
    run(*configured, "subscribers", "import", state / "people.csv", cwd=tmp_path)

    # The names of this example are no names of servers, and are told as such.
    placeholders = ("list.address", "web.base_url", "operator.email", "smtp.host")
    *warnings, keys, complete = checked.splitlines()
    assert [line.split(": ")[1] for line in warnings] == list(placeholders)
    assert all("is a placeholder" in line for line in warnings)
    assert [keys, complete] == ["links are signed by one key", "the configuration is complete"]
    assert json.loads(run(*configured, "stats", "--json", cwd=tmp_path))["subscribers"] == {
        "unconfirmed": 0,
        "active": 1,
        "paused": 0,
        "unsubscribed": 0,
        "suspended": 0,
    }
    assert not (settings / "recommender.db").exists()


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # keys keep their case
    parser.read(UNIT, encoding="utf-8")
    return parser["Service"]


def test_unit_waits_for_the_drain_before_it_kills() -> None:
    # The pages and the messages under way are each given that long.
    assert int(unit()["TimeoutStopSec"]) > 2 * DRAIN_SECONDS


def test_unit_has_a_watchdog_and_as_many_descriptors_as_all_connections_need() -> None:
    service = unit()

    assert int(service["WatchdogSec"]) > 2 * LONGEST_PAUSE_SECONDS
    assert connections_allowed(int(service["LimitNOFILE"])) == CONNECTIONS_MAX


def test_unit_lets_the_night_be_killed_and_of_low_priority() -> None:
    # By default, systemd ends a whole unit of which the kernel killed one process.
    assert unit()["OOMPolicy"] == "continue"
    assert "\nSystemCallFilter=setpriority\n" in UNIT.read_text(encoding="utf-8")
    assert DRAIN_SECONDS > ENDING_SECONDS


def test_unit_lets_the_daemon_write_where_its_settings_may_point_and_nowhere_else() -> None:
    service = unit()

    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"] == "recommender"
    assert service["WorkingDirectory"] == "/var/lib/recommender"
    assert "ReadWritePaths" not in service


def test_unit_comes_back_whatever_ends_it_but_not_for_settings_that_cannot_be_used() -> None:
    service = unit()

    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("always", "2")
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["ReadOnlyPaths"] == "/etc/recommender"


@pytest.mark.system
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    # The program is not installed where the units expect it; systemd wants to see one.
    program = unit()["ExecStart"].split()[0]
    copies = [tmp_path / each.name for each in UNIT.parent.iterdir() if each.suffix in UNITS]
    for copy in copies:
        text = (UNIT.parent / copy.name).read_text(encoding="utf-8")
        copy.write_text(text.replace(program, sys.executable), encoding="utf-8")

    assert len(copies) == 5
    assert run("systemd-analyze", "verify", "--man=no", *copies, cwd=tmp_path) == ""


@pytest.mark.system
def test_systemd_rates_the_exposure_of_the_unit_as_low(tmp_path: Path) -> None:
    # Of 100: 12 is what remains because the network is open to the daemon.
    for each in (UNIT, UNIT.with_name("recommender-backup.service")):
        run("systemd-analyze", "security", "--offline=yes", "--threshold=15", each, cwd=tmp_path)
