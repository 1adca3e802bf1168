"""Room 6, what they click: a process that makes pages of searches, see `search_desk`.

Run as a module. It ends with its input: who asks may be killed at any time. An error that nobody
foresaw ends it too, with a traceback; the page is made by who asked then, and fails there.
"""

from __future__ import annotations

import contextlib
import sys
from multiprocessing.connection import Connection

from starlette.exceptions import HTTPException

from recommender.errors import RecommenderError
from recommender.web.search_page import SearchPage, SearchPageRecipe


def serve(line: Connection) -> None:
    """Make pages until the other end closes."""
    known: SearchPageRecipe | None = None
    page: SearchPage | None = None
    with line, contextlib.suppress(EOFError, OSError):
        line.send("ready")
        while True:
            recipe, asked = line.recv()
            try:
                if page is None or recipe != known:
                    if page is not None:
                        page.database.close()
                    page, known = recipe.made(), recipe
                line.send(page.answer(asked))
            except (RecommenderError, HTTPException) as error:
                line.send(error.with_traceback(None))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
