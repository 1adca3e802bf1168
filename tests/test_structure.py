"""What holds for the code as a whole: sizes, names, imports; and the commands that README shows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "recommender"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

LONGEST_MODULE = 500
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
SLOW_TO_IMPORT = {
    *("alembic", "babel", "jinja2", "numpy", "pydantic", "rich", "scipy", "sklearn"),
    *("sqlalchemy", "sqlmodel", "starlette", "uvicorn"),
}
LOADED_BY_USE = {
    *("alembic", "cryptography", "dns", "feedparser", "httpx", "imapclient", "PIL", "psycopg"),
    *(
        "aiosmtpd",
        "bibtexparser",
        "css_inline",
        "pygal",
        "scipy.linalg",
        "scipy.special",
        "sklearn",
        "recommender.demo",
    ),
}
# Tests of more than one room: the project as a whole, templates, processes, speed.
OF_NO_ROOM = {
    *("packaging", "structure", "docs", "journeys"),
    *("mail_templates", "mail_texts", "system", "benchmarks", "fuzz"),
}

README = (ROOT / "README.md").read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def in_a_process(code: str) -> str:
    ended = subprocess.run(  # noqa: S603, our own interpreter
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return ended.stdout


def test_modules_fit_a_mind() -> None:
    lines = {
        name_of(module): len(module.read_text(encoding="utf-8").splitlines())
        for module in (*MODULES, *TESTS)
    }

    assert {name: length for name, length in lines.items() if length > LONGEST_MODULE} == {}


def test_names_of_modules_say_what_is_in_them() -> None:
    assert [
        name_of(module)
        for module in MODULES
        if not SAYS_NOTHING.isdisjoint({module.stem, module.parent.name})
    ] == []


def test_no_module_is_called_like_one_of_the_standard_library() -> None:
    names = {path.stem for path in MODULES if not path.stem.startswith("_")}

    assert names & sys.stdlib_module_names == set()


def test_modules_that_hold_code_say_where_one_is() -> None:
    trees = {
        name_of(module): ast.parse(module.read_text(encoding="utf-8"))
        for module in MODULES
        if "migrations" not in module.parts
    }

    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_docstrings_open_with_the_verb_of_the_field() -> None:
    opening = re.compile(r"(Tell|Give(?! up| back)|Say)\b")
    spoken = [
        f"{name_of(module)}: {node.name}: {docstring.splitlines()[0]}"
        for module in (*MODULES, *(ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (docstring := ast.get_docstring(node))
        and opening.match(docstring)
    ]

    assert spoken == []


def is_of_a_room(test: Path) -> bool:
    *folders, name = test.relative_to(ROOT / "tests").parts
    room = folders[0] if folders else name.removeprefix("test_").removesuffix(".py")
    return (
        room in OF_NO_ROOM
        or (PACKAGE.joinpath(*folders) if folders else PACKAGE / room).is_dir()
        or (PACKAGE / f"{room}.py").is_file()
    )


def test_tests_mirror_the_rooms_and_their_wings() -> None:
    assert [name_of(test) for test in TESTS if not is_of_a_room(test)] == []


def test_help_imports_nothing_that_is_slow_to_import() -> None:
    loaded = in_a_process(
        "import sys\n"
        "from recommender.cli import main\n"
        "sys.argv = ['recommender', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "print('loaded', *{name.partition('.')[0] for name in sys.modules})\n"
    )

    listed, _, names = loaded.partition("loaded ")
    assert "ingest" in listed
    assert set(names.split()) & SLOW_TO_IMPORT == set()


def test_daemon_loads_what_it_may_never_use_when_it_uses_it() -> None:
    loaded = in_a_process(
        "import sys, recommender.cli, recommender.daemon_process\nprint(*sys.modules, sep='\\n')"
    )

    assert "recommender.daemon" in loaded.split()
    assert set(loaded.split()) & LOADED_BY_USE == set()


def test_readme_table_names_what_exists() -> None:
    named = re.findall(r"^\| `([^`]+)` \|", README, re.MULTILINE)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_readme_begins_with_two_commands_of_one_line() -> None:
    demo, tests = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[:2]

    assert re.fullmatch(r"python3 -m venv \.venv && .+ && \.venv/bin/recommender demo\n", demo)
    assert re.fullmatch(r"python3 -m venv \.venv && .+ && \.venv/bin/pytest -n auto\n", tests)


def test_ci_runs_the_commands_of_the_readme() -> None:
    # The script's own rule, on the real README: what it would run is what the README shows.
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    rule = re.search(r"awk -v wanted=\"\$1\" '(.+?)'", script, re.DOTALL)
    assert rule is not None
    shown = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

    for number in (1, 2):
        taken = subprocess.run(  # noqa: S603, our own script's words
            ["awk", "-v", f"wanted={number}", rule[1], ROOT / "README.md"],  # noqa: S607, of POSIX
            capture_output=True,
            text=True,
            check=True,
        )
        assert taken.stdout == shown[number - 1]


def ci_run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603, our own script
        ["bash", ROOT / ".ci" / "run", *arguments],  # noqa: S607, of Debian
        capture_output=True,
        text=True,
        check=False,
    )


def test_ci_explains_every_stage_that_it_has() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    stages = re.findall(r"^stage_(\w+)\(\)", script, re.MULTILINE)
    explained = re.findall(r"^  (\w+) {2,}\S", ci_run("--help").stdout, re.MULTILINE)

    assert stages
    assert explained == ["stage", *stages]


def test_ci_runs_nothing_where_a_stage_is_unknown() -> None:
    ended = ci_run("lint", "lnit")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "there is no stage lnit; .ci/run --help lists them\n"
