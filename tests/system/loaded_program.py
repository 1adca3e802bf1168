"""The program, loaded once: each command that a test types runs in a process forked from it.

To start Python and import the program takes 0.7 s of a core, which is most of what a command takes.
What is started as users start it, interpreter and all, is tested in `test_packaging`, and wherever
a daemon runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_PROGRAM = r"""
import gc, json, os, sys, time

import recommender.cli
import recommender.installation
import recommender.jobs.outgoing.health
import recommender.papers.formats

assert "numpy" not in sys.modules, "it reads how many cores it may use when it is imported"

# What is loaded is shared with each process as long as nobody looks through it for garbage.
gc.freeze()
for line in sys.stdin:
    process = os.fork()
    if not process:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
else:
    sys.exit()

asked = json.loads(line)
for descriptor, path, mode in (
    (0, os.devnull, os.O_RDONLY), (1, asked["out"], os.O_WRONLY), (2, asked["err"], os.O_WRONLY)
):
    os.dup2(os.open(path, mode), descriptor)
sys.stdin = open(0, closefd=False)
os.environ.clear()
os.environ.update(asked["environ"])
time.tzset()
os.umask(asked["umask"])
os.chdir(asked["folder"])
sys.argv = ["recommender", *asked["arguments"]]
recommender.cli.main()
"""


class LoadedProgram:
    """A process that has loaded the program and forks one for each command, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self, arguments: Sequence[str], *, environ: Mapping[str, str], folder: Path, seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, and give what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        umask = os.umask(0o022)
        os.umask(umask)
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            asked = {
                "arguments": arguments,
                "environ": dict(environ),
                "folder": str(folder),
                "umask": umask,
                "out": out.name,
                "err": err.name,
            }
            self._process.stdin.write(f"{json.dumps(asked)}\n")
            self._process.stdin.flush()
            if not select.select([self._process.stdout], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired(list(arguments), seconds)
            status = int(self._process.stdout.readline())
            said, told = (Path(each.name).read_text(encoding="utf-8") for each in (out, err))
        return subprocess.CompletedProcess(list(arguments), status, said, told)


@contextlib.contextmanager
def loading_program() -> Iterator[LoadedProgram]:
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield LoadedProgram(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
