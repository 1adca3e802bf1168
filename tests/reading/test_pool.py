"""Reading: whatever an input does to the process that reads it, nobody else is troubled.

`exec` is the parser of most of these tests: what it is given is the harm that is done.
"""

from __future__ import annotations

import re
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from recommender.errors import DigestError, UnreadableError
from recommender.papers.formats import parse_digest
from recommender.reading.pool import GRACE_SECONDS, ReadingPool


@pytest.fixture
def pool() -> Iterator[ReadingPool]:
    # Patient, for a test machine may be busy: what computes is ended by what it has computed.
    pool = ReadingPool(seconds=1, patience=60.0)
    yield pool
    pool.close()


def _answers(pool: ReadingPool) -> bool:
    return pool.read(zlib.decompress, zlib.compress(b"well")) == b"well"


def test_what_a_parser_gives_comes_back(pool: ReadingPool, shared_data: Path) -> None:
    content = (shared_data / "digests" / "trending-papers-mar-11.txt").read_bytes()
    today = date(2026, 3, 12)
    assert parse_digest(content, today=today) == pool.read(parse_digest, content, today=today)


def test_what_a_parser_refuses_comes_back_with_its_place(pool: ReadingPool) -> None:
    with pytest.raises(DigestError, match="0x00") as refused:
        pool.read(parse_digest, b"a\n\0", today=date(2026, 3, 12))
    assert refused.value.where == "line 2"
    assert _answers(pool)


def test_a_pattern_that_never_ends_is_ended(pool: ReadingPool) -> None:
    """The interpreter hears no signal and no other thread meanwhile: it is in code of C."""
    with pytest.raises(UnreadableError, match="more than 1 seconds of computing"):
        pool.read(re.match, b"(a|a)*b", string=b"a" * 60)
    assert _answers(pool)


def test_whoever_waits_without_computing_is_ended(pool: ReadingPool) -> None:
    pool.patience = 0.3
    with pytest.raises(UnreadableError, match="longer than"):
        pool.read(exec, b"import time; time.sleep(60)")
    assert _answers(ReadingPool())


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (b"bytearray(1 << 40)", "too much memory"),
        (b"x = [[]]\nwhile True: x = [x, bytes(1 << 20)]", "too much memory"),
        (b"f = lambda f: f(f)\nf(f)", "nested too deeply"),
        (b"int('7' * 5000)", "ValueError"),
        (b"import os; os.abort()", "killed by SIGABRT"),
        (b"import os; os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        (b"import os; os._exit(3)", "ended with status 3"),
        (b"raise SystemExit", "ended with status 0"),
    ],
)
def test_whatever_ends_a_process_is_told_and_the_next_one_reads(
    pool: ReadingPool, harm: bytes, words: str
) -> None:
    with pytest.raises(UnreadableError, match=words):
        pool.read(exec, harm)
    assert _answers(pool)


def test_what_was_read_cannot_write_a_file(pool: ReadingPool, tmp_path: Path) -> None:
    target = tmp_path / "written"
    with pytest.raises(UnreadableError):
        pool.read(exec, f"open({str(target)!r}, 'w').write('x' * 100_000)".encode())
    assert not target.exists() or not target.read_text()


def test_secrets_of_the_daemon_are_not_passed_on(
    pool: ReadingPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOMMENDER_SMTP__PASSWORD", "secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials")
    names = b"{'RECOMMENDER_SMTP__PASSWORD', 'CREDENTIALS_DIRECTORY'}"
    pool.read(exec, b"import os; assert not os.environ.keys() & " + names)


def test_an_answer_that_is_none_of_ours_is_not_loaded(pool: ReadingPool) -> None:
    with pytest.raises(UnreadableError, match="no place in an answer"):
        pool.read(eval, b"__import__('pathlib').Path('/')")
    assert _answers(pool)


def test_one_input_that_hangs_keeps_nobody_else(pool: ReadingPool) -> None:
    failures: list[UnreadableError] = []

    def hang() -> None:
        try:
            pool.read(exec, b"import time; time.sleep(2.5)")
        except UnreadableError as error:
            failures.append(error)

    thread = threading.Thread(target=hang)
    _answers(pool)
    thread.start()
    begun = time.monotonic()
    for _ in range(20):
        assert _answers(pool)
    took = time.monotonic() - begun
    thread.join()
    assert (took < 2.0, failures) == (True, [])


def test_a_process_that_needed_much_memory_ends_and_gives_it_back(pool: ReadingPool) -> None:
    pool.read(exec, b"bytes(100 << 20)")
    [process] = pool._processes._waiting
    pool.read(exec, b"bytearray(250 << 20)")
    assert process.child.poll() is not None
    assert _answers(pool)


def test_processes_end_when_nothing_is_to_be_read() -> None:
    pool = ReadingPool(idle_seconds=1.0)
    assert _answers(pool)
    [process] = pool._processes._waiting
    process.child.wait(10)
    assert _answers(pool)
    pool.close()


def test_a_process_that_died_while_it_was_idle_is_nobodys_fault(pool: ReadingPool) -> None:
    assert _answers(pool)
    [process] = pool._processes._waiting
    process.child.kill()
    process.child.wait()
    assert _answers(pool)


def test_what_libraries_log_of_an_input_reaches_no_log(
    pool: ReadingPool, capfd: pytest.CaptureFixture[str]
) -> None:
    pool.read(exec, b"import logging; logging.getLogger('x').error('a flood')")
    assert capfd.readouterr() == ("", "")


def test_pool_that_waits_beyond_all_bounds_turns_no_more(
    pool: ReadingPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pool.is_turning()
    seen: list[bool] = []
    reading = threading.Thread(target=lambda: pool.read(exec, b"import time; time.sleep(1)"))
    reading.start()
    while not pool._due:
        time.sleep(0.01)
    seen.append(pool.is_turning())
    later = time.monotonic() + 1 * pool.patience + GRACE_SECONDS + 1
    with monkeypatch.context() as patched:
        patched.setattr(time, "monotonic", lambda: later)
        seen.append(pool.is_turning())
    reading.join()
    assert [*seen, pool.is_turning()] == [True, False, True]
