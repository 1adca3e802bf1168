"""What holds for every command, whatever it does."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np  # noqa: F401 - loads the library whose threads are counted
from threadpoolctl import threadpool_info

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
