"""Reading: nothing but plain values and our own records comes out of a process that read."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest

from recommender.domain import BounceKind, Digest
from recommender.errors import (
    ConfigurationError,
    DigestError,
    PreferenceError,
    UnfinishedDigestError,
)
from recommender.reading import answers
from recommender.reading.answers import Answer


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": [1, 2.5, "é", b"\xff", (True, frozenset({1}))]},
        BounceKind.HARD,
        Digest("text", "AK", date(2026, 3, 11), ()),
        datetime(2026, 3, 11, 7, tzinfo=UTC),
    ],
)
def test_values_and_records_cross(value: Any) -> None:
    assert Answer(value=value) == answers.unpack(answers.pack(Answer(value=value)))


@pytest.mark.parametrize(
    "error",
    [
        DigestError("line 3", "is none"),
        UnfinishedDigestError("line 3", "it ends there"),
        PreferenceError("hour", "none"),
        ConfigurationError(["a", "b"]),
    ],
)
def test_errors_cross_with_all_that_they_say(error: Exception) -> None:
    found = answers.unpack(answers.pack(Answer(refusal=error))).refusal  # type: ignore[arg-type]  # they are
    assert (type(error), str(error), vars(error)) == (type(found), str(found), vars(found))


class _Harm:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("exit 1",)


@pytest.mark.parametrize(
    "packed",
    [
        pickle.dumps(Answer(value=_Harm())),
        pickle.dumps(Answer(value=len)),
        pickle.dumps(Answer(value=answers.pack)),
        pickle.dumps("no answer"),
        b"",
        b"garbage",
        pickle.dumps(Answer())[:-3],
    ],
)
def test_nothing_else_crosses(packed: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError):
        answers.unpack(packed)


def test_members_of_enumerations_cross_from_each_python_that_we_run_on() -> None:
    # 3.11.0 to 3.11.3 make them by `getattr`, which is refused; what each makes by itself is not
    # asked.
    packed = answers.pack(Answer(value=[BounceKind.HARD, *BounceKind]))

    assert b"getattr" not in packed
    assert b"HARD" not in packed
    assert answers.unpack(packed).value == [BounceKind.HARD, *BounceKind]
