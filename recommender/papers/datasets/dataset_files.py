"""Room 1, papers: the folder of a data set, plain or compressed by gzip. Touches these files only.

What the lines say is read and written by `dataset`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, TextIO

from recommender.errors import DatasetError, DigestError
from recommender.papers.datasets.dataset import Dataset, read_papers, read_ratings
from recommender.papers.json_lists.json_lines import LONGEST_LINE

PAPERS_FILE: Final = "papers.jsonl"
RATINGS_FILE: Final = "ratings.csv"


def read_dataset(folder: Path) -> Dataset:
    """Read ``papers.jsonl`` and ``ratings.csv``, each with or without ``.gz``.

    Raises
    ------
    DatasetError
        Names the file, the line and the fix.
    """
    with _lines_of(folder, PAPERS_FILE) as lines:
        described = list(read_papers(lines))
    with _lines_of(folder, RATINGS_FILE) as lines:
        ratings = list(read_ratings(lines, [name for name, _, _ in described]))
    return Dataset.of(described, ratings)


@contextmanager
def _lines_of(folder: Path, name: str) -> Iterator[Iterator[str]]:
    """Open a file of the data set; what is wrong within it is told with its name."""
    path = _find(folder, name)
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield _lines(file)
    except DigestError as error:
        raise DatasetError(f"{path} {error}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: it is not UTF-8 ({error.reason}); save it as UTF-8") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(f"{path}: broken gzip ({error}); fetch or compress it again") from error
    except OSError as error:
        raise DatasetError(f"{path}: it cannot be read ({error.strerror}); grant access") from error


def _find(folder: Path, name: str) -> Path:
    found = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
    if not found:
        raise DatasetError(
            f"{folder} holds no {name} or {name}.gz; name a folder in the portable form, such as "
            "`recommender export` writes"
        )
    if len(found) > 1:
        raise DatasetError(f"{folder} holds {name} and {name}.gz; take one of them away")
    return found[0]


def _lines(file: TextIO) -> Iterator[str]:
    for number in count(1):
        line = file.readline(LONGEST_LINE)
        if not line:
            return
        if len(line) == LONGEST_LINE:
            raise DigestError(
                f"line {number}", f"over {LONGEST_LINE:,} characters; end each entry with its line"
            )
        yield line


def write_dataset(folder: Path, papers: Iterable[str], ratings: Iterable[str]) -> tuple[int, int]:
    """Write lines of papers, then of ratings; the folder is made where it is missing.

    The two files appear when they are complete.

    Returns
    -------
    tuple of int
        How many lines each has.

    Raises
    ------
    DatasetError
        If the folder has a data set already, or cannot be written.
    """
    names = (PAPERS_FILE, RATINGS_FILE)
    for path in (folder / f"{name}{suffix}" for name in names for suffix in ("", ".gz")):
        if path.exists():
            raise DatasetError(f"{path} exists; name another folder, or move the data set away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be made ({error.strerror}); name another folder"
        ) from error
    with (
        writing(folder / PAPERS_FILE) as papers_file,
        writing(folder / RATINGS_FILE) as ratings_file,
    ):
        return _write_all(papers_file, papers), _write_all(ratings_file, ratings)


def _write_all(file: TextIO, lines: Iterable[str]) -> int:
    number = 0
    for number, line in enumerate(lines, start=1):  # noqa: B007 - the last one is how many
        file.write(line)
    return number


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open a file that appears under its name, and replaces an older one, when it is complete.

    Raises
    ------
    DatasetError
        If it cannot be written; nothing is left behind.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        # Whatever an interrupted run left; nothing that it may point to is written.
        part.unlink(missing_ok=True)
        with part.open("x", encoding="utf-8", newline="") as file:
            try:
                yield file
                file.flush()
                part.replace(path)
            except BaseException:
                part.unlink()
                raise
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be written ({error.strerror}); name another place"
        ) from error
