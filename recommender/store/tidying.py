"""Store: the database's file shrinks again, and the planner learns what it holds; at night.

What PostgreSQL does by itself (autovacuum), SQLite is told to do, in parts that hold up nobody.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Final

from recommender.store.database import Database
from recommender.wording import counted

PAGES_AT_A_TIME: Final = 1_000
"""4 MB: whoever writes meanwhile waits for some hundredths of a second."""

LEAST_FREE_SHARE: Final = 0.1
"""Of the file's pages: what is free below that is soon used again."""

ROWS_LOOKED_AT: Final = 1_000
"""Of each index, to learn how many rows have a value."""

MOST_BYTES_AT_ONCE: Final = 512 * 2**20
"""Of a file that is written anew while all others wait: some seconds."""

_INCREMENTAL: Final = 2


def tidy(database: Database, proceed: Callable[[], None] = lambda: None) -> str:
    """Give back pages that are free, look at what the indexes hold, and say what was done.

    A file that an older version made is written anew once, so that it can give back pages: where
    that takes seconds, and there is room.

    Parameters
    ----------
    proceed : callable
        Is called between the parts; may raise to end the work.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    if database.folder is None:
        return "nothing to do"
    with database.outside_transactions() as run:
        run("PRAGMA query_only = OFF")
        size = run("PRAGMA page_size")
        before = run("PRAGMA page_count")
        if (
            run("PRAGMA auto_vacuum") != _INCREMENTAL
            and _is_worth_it(run)
            and (
                before * size
                < min(MOST_BYTES_AT_ONCE, shutil.disk_usage(database.folder).free // 2)
            )
        ):
            run(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
            run("VACUUM")
        while run("PRAGMA auto_vacuum") == _INCREMENTAL and _is_worth_it(run):
            proceed()
            run(f"PRAGMA incremental_vacuum({PAGES_AT_A_TIME})")
        run(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}")
        run("PRAGMA optimize")
        # Others write meanwhile: a file may grow by more than was given back.
        freed = max(0, before - run("PRAGMA page_count"))
        free = run("PRAGMA freelist_count")
    return f"{counted(freed, 'page')} given back, {free:,} free"


def _is_worth_it(run: Callable[[str], int]) -> bool:
    return run("PRAGMA freelist_count") > LEAST_FREE_SHARE * run("PRAGMA page_count")
