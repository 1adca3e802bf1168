"""What the docs promise is so: rooms, routes, commands, settings, words, links."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from recommender.cli import program  # noqa: F401 - adds the commands
from recommender.cli.application import app
from recommender.config import load_settings
from recommender.config.settings import DESCRIPTIONS, SECTIONS
from recommender.domain import BounceKind, DeliveryState, SourceState, SubscriberState
from recommender.errors import ConfigurationError
from recommender.jobs.people.members import COLUMNS
from recommender.mail.inbox.commands import Verb, read_command
from recommender.mail.inbox.receiving import judge_recipient, split_tag
from recommender.web.app import ROUTES

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "recommender"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
PROGRAM: Any = get_command(app)

Table = Callable[[str], list[list[str]]]
Arrows = set[tuple[str, str]]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def codes(text: str) -> list[str]:
    """Return what stands between backticks, blocks of code left out."""
    return re.findall(
        r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    )


# Rooms


def folders(below: Path) -> Iterator[Path]:
    for init in sorted(below.rglob("__init__.py")):
        if init.parent != below and "versions" not in init.parts:
            yield init.parent


@cache
def contracts() -> dict[str, list[set[str]]]:
    """Layers of import-linter, by what they are of, the topmost first."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        stated = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = [contract["layers"] for contract in stated if contract["type"] == "layers"]
    rooms, papers, mail, wings = (
        [{name.rpartition(".")[2] for name in layer.split(" | ")} for layer in each]
        for each in layers
    )
    return {"cli": rooms, "sources": papers, "outbox": mail, "status": wings}


def test_the_folder_list_is_the_folders() -> None:
    block = ARCHITECTURE.partition("```\nrecommender/\n")[2].partition("```")[0]
    drawn, parent = [], ""
    for indent, name in re.findall(r"^( *)(\w+(?:/|\.\w+)) ", block, re.MULTILINE):
        drawn.append(f"{parent}{name}" if len(indent) > 2 else name)
        parent = parent if len(indent) > 2 else name
    beside = ["templates/", "config/", "systemd/", "tests/"]
    modules = [path.name for path in PACKAGE.glob("*.py") if not path.name.startswith("_")]
    below = [f"{path.relative_to(PACKAGE).as_posix()}/" for path in folders(PACKAGE)]

    assert sorted(drawn) == sorted([*below, *modules, *beside])


def drawn_arrows() -> tuple[set[str], Arrows]:
    """Rooms of the picture, and who points at whom."""
    picture = ARCHITECTURE.partition("```mermaid\n")[2].partition("```")[0]
    lines = [re.sub(r'\[".*?"\]', "", line).strip() for line in picture.splitlines()[1:]]
    rooms: set[str] = set()
    arrows: Arrows = set()
    for line in lines:
        room, _, imported = line.partition(" --> ")
        targets = imported.split(" & ") if imported else []
        rooms |= {room, *targets}
        arrows |= {(room, each) for each in targets}
    return rooms, arrows


def imports_between(rooms: set[str]) -> Arrows:
    """Who imports whom, wherever the import stands."""
    found: Arrows = set()
    for module in PACKAGE.rglob("*.py"):
        room = module.relative_to(PACKAGE).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
                names += [f"{node.module}.{each.name}" for each in node.names]
            elif isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            parts = [name.split(".") for name in names if name.startswith("recommender.")]
            found |= {(room, each[1]) for each in parts}
    return {(a, b) for a, b in found if a != b and {a, b} <= rooms}


def reached(arrows: Arrows, start: str) -> set[str]:
    found: set[str] = set()
    ahead = [start]
    while ahead:
        at = ahead.pop()
        ahead += [target for source, target in arrows if source == at and target not in found]
        found |= {target for source, target in arrows if source == at}
    return found


def test_the_picture_shows_the_rooms() -> None:
    rooms, _ = drawn_arrows()

    # Nothing but the entrance knows the configuration, which another contract holds.
    assert rooms == {"config"}.union(*contracts()["cli"])
    assert {path.name for path in folders(PACKAGE) if path.parent == PACKAGE} <= rooms


def test_arrows_of_the_picture_follow_the_contract_of_import_linter() -> None:
    _, arrows = drawn_arrows()
    height = {room: n for n, layer in enumerate(contracts()["cli"]) for room in layer}
    height["config"] = height["web"]

    assert [(a, b) for a, b in arrows if height[a] >= height[b]] == []


def test_arrows_of_the_picture_are_the_imports_of_the_code() -> None:
    rooms, arrows = drawn_arrows()
    imports = imports_between(rooms)

    assert arrows - imports == set()
    assert {(a, b) for a, b in imports if b not in reached(arrows, a)} == set()


@pytest.mark.parametrize("first", sorted(contracts()))
def test_orders_in_words_are_the_contracts(first: str) -> None:
    [told] = [
        [set(layer.split(" | ")) for layer in each.split(" → ")]
        for each in codes(ARCHITECTURE)
        if each.startswith(first) and " → " in each
    ]

    assert told == contracts()[first]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    places = (ROOT, PACKAGE, PACKAGE / "jobs", ROOT / "templates")
    words = [word for code in codes(page.read_text("utf-8")) for word in code.split()]
    in_a_folder = re.compile(
        r"\w[\w-]*/[\w./-]*\.(?:py|md|toml|html|css)|(?:recommender|tests|docs|templates)/[\w./-]+"
    )
    # NAME is what somebody adds.
    named = [word for word in words if in_a_folder.fullmatch(word) and "NAME" not in word]

    assert [name for name in named if not any((place / name).exists() for place in places)] == []


# What people outside rely on


def test_routes_are_those_of_the_application(docs_table: Table) -> None:
    promised = {}
    for routes, get, post in docs_table("route"):
        offered = {"GET": get, "POST": post}
        methods = {method for method, what in offered.items() if what != "–"}
        # Whatever is shown can be asked for without its body.
        methods |= {"HEAD"} if "GET" in methods else set()
        promised |= dict.fromkeys(codes(routes), methods)

    assert {route.path: route.methods for route in ROUTES} == promised


def promised_commands(rows: Iterable[list[str]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each command of the table, with what stands beside it."""
    for typed, *_ in rows:
        for code in codes(typed):
            called, *words = re.sub(r" (?:\[|-|[A-Z]).*", "", code).split()
            assert called == "recommender"
            if "/" in words:
                group, *below = [word for word in words if word != "/"]
                for each in below:
                    yield (group, each), code
            else:
                yield tuple(words), code


def commands(below: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Commands that do something, by what is typed."""
    for name, command in below.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


def test_commands_are_those_of_the_program(docs_table: Table) -> None:
    promised = sorted(path for path, _ in promised_commands(docs_table("command")))

    assert sorted(path for path, _ in commands(PROGRAM)) == promised


def test_options_of_commands_are_those_of_the_program(docs_table: Table) -> None:
    known = dict(commands(PROGRAM))

    for path, code in promised_commands(docs_table("command")):
        options = {option for each in known[path].params for option in each.opts}
        assert set(re.findall(r"(?<=[\[ ])--?[a-z][\w-]*", code)) <= options, code


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "config" / "recommender.toml"], ids=lambda path: path.name
)
def test_commands_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"`recommender ([a-z]\S*?)[` ]", page.read_text(encoding="utf-8")))

    assert named - PROGRAM.commands.keys() == set()


def test_settings_have_the_defaults_that_are_told(docs_table: Table, tmp_path: Path) -> None:
    file = tmp_path / "recommender.toml"
    rows = {codes(key)[0]: default for key, default, _ in docs_table("key")}
    lines = [f"{key} = {codes(each)[0]}" for key, each in rows.items() if each != "must be set"]
    (tmp_path / "secret.key").write_text("known to everybody who reads this test\n", "utf-8")

    file.write_text("", encoding="utf-8")
    untouched = load_settings(file, environ={})
    file.write_text("\n".join(lines), encoding="utf-8")
    assert untouched == load_settings(file, environ={})

    with pytest.raises(ConfigurationError) as refusal:
        untouched.require_ready()
    needed = {problem.partition(":")[0] for problem in refusal.value.problems}
    assert needed == {key for key, default in rows.items() if default == "must be set"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_that_are_named_exist(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(SECTIONS)})\.\w+)`", page.read_text(encoding="utf-8"))

    assert set(named) - DESCRIPTIONS.keys() == set()


def test_columns_of_subscribers_are_those_that_are_told(docs_table: Table) -> None:
    [told] = [does for typed, does in docs_table("command") if "subscribers" in typed]
    before = told.partition("; status")[0]

    assert tuple(codes(before)) == COLUMNS


def test_addresses_of_the_list_are_those_that_mail_is_taken_for() -> None:
    told = re.findall(r"`papers\+([a-z]+)(-TOKEN)?@`", DESIGN)
    signed = {tag for tag, token in told if token}

    for tag, token in told:
        address = f"papers+{tag}{token and '-abc234'}@example.org"
        assert judge_recipient(address, "papers@example.org").is_taken
        assert split_tag(address) == (tag, token and "abc234")
        if tag not in signed:
            assert read_command(tag, "", "").verb is Verb(tag)
    assert {"confirm", "rate", "bounce", "pending", "unsubscribe", "digest"} == signed


def test_mail_commands_are_understood() -> None:
    told = re.search(r"A subject, or a first line, of (.+?) to the bare address", DESIGN)
    assert told is not None
    written = [each.replace("…", "new@example.org") for each in codes(told[1])]

    # What only a reply to a question can say is not offered.
    expected = set(Verb) - {Verb.UNKNOWN, Verb.CONFIRM}
    assert {read_command("", each, "").verb for each in written} == expected
    assert {read_command("", "hello", each).verb for each in written} == expected


def test_states_are_those_that_are_told(docs_table: Table) -> None:
    meanings = {codes_of[0]: means for codes_of, means in map(_bold, docs_table("word"))}

    assert set(codes(meanings["Subscriber"])) == set(SubscriberState)
    assert set(codes(meanings["Delivery"])) == set(DeliveryState)
    assert set(codes(meanings["Bounce"])) == set(BounceKind)
    assert set(codes(meanings["Source"])) == {*SourceState, "ingest"}


def _bold(row: list[str]) -> tuple[list[str], str]:
    word, means = row
    return re.findall(r"\*\*(.+?)\*\*", word), means


def test_stages_are_those_of_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, rows = page.partition("\n| stage |")
    told = [
        stage
        for row in rows.partition("\n\n")[0].splitlines()[2:]
        for stage in codes(row.split(" | ")[0])
    ]

    assert sorted(told) == sorted(re.findall(r"^stage_(\w+)\(\)", script, re.MULTILINE))


# The pages themselves


def anchors(page: Path) -> set[str]:
    """Names of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^):]+))?\)", page.read_text("utf-8")):
        leads_to = page.parent / target if target else page
        assert leads_to.exists(), target
        assert not anchor or anchor in anchors(leads_to), f"{target}#{anchor}"


def test_every_page_is_named_where_one_looks_first() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "design.md" or f"]({page.name})" in DESIGN


def test_no_decision_stands_twice() -> None:
    leads = [
        lead
        for page in (ROOT / "docs").glob("*.md")
        for lead in re.findall(r"^- \*\*(.+?)\*\*", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert sorted(leads) == sorted(set(leads))
