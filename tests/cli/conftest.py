"""What commands print, on a terminal and elsewhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return the lines that something prints, on a terminal or into a file."""

    def printed(show: Callable[[], None], *, columns: int | None) -> list[str]:
        stream = io.StringIO() if columns is None else Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            patch.setenv("COLUMNS", str(columns or 80))
            show()
        return stream.getvalue().splitlines()

    return printed
