"""How another process tells the daemon that there is something to do: it touches a file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

WAKE_FILE: Final = "wake"


def wake_daemon(index_folder: Path) -> None:
    """Have the daemon of this installation look at once for what there is to do.

    It watches this file. Where it cannot be written, the daemon looks within a minute anyway.
    """
    try:
        index_folder.mkdir(mode=0o700, exist_ok=True)
        index_folder.joinpath(WAKE_FILE).touch()
    except OSError as error:
        logging.getLogger(__name__).info("the daemon is not woken: %s", error)
