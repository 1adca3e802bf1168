"""Command line: runs the program, and tells errors as one line."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

# Importing a module of commands adds them to the program.
from recommender.cli import (  # noqa: F401
    bounces,
    doctor,
    evaluation,
    help_files,
    inbox,
    newsletters,
    operations,
    outbox,
    papers,
    rejected,
    setting_up,
    sources,
    subscribers,
)
from recommender.cli.application import app, debugging
from recommender.errors import ConfigurationError, RecommenderError
from recommender.log_lines import visible, without_passwords
from recommender.private_files import keep_new_files_private


def main() -> None:
    """Run the program; errors that we raise on purpose are told, not traced."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A name of a file that we are given need not be UTF-8; standard error is like this already.
        sys.stdout.reconfigure(errors="backslashreplace")
    keep_new_files_private()
    help_files.answer_shell()
    try:
        app(prog_name=help_files.PROGRAM)
    except RecommenderError as error:
        if debugging():
            raise
        for line in without_passwords(str(error)).split("\n"):
            sys.stderr.write(f"recommender: {visible(line)}\n")
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
    except OverflowError as error:
        if debugging():
            raise
        sys.stderr.write(f"recommender: a number is too large ({error}); give a smaller one\n")
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output has seen enough; a message about it has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if debugging():
            raise
        # Where no command foresaw it, such as a folder that this user may not enter.
        where = f"{error.filename}: " if error.filename else ""
        reason = f"{where}{error.strerror or error}"
        sys.stderr.write(
            f"recommender: {visible(reason)}; see that it is there, has room, and that this user "
            "may use it\n"
        )
        sys.exit(1)
