"""Reading: what a process that read something hostile may answer, and how that is taken. Pure.

Requests are pickled, and so are answers: both ends are this program. But who answers has read what
a stranger wrote, so its answers are loaded with care: nothing but plain values, moments, and the
records, enumerations, errors and messages of this project.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import importlib
import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any, Final

from recommender import errors
from recommender.languages import messages

LARGEST_BYTES: Final = 1 << 28
"""Of one answer. A digest of 50 MB is answered with as much."""

_PROJECT: Final = errors.__name__.partition(".")[0] + "."
_MADE_BY: Final = frozenset(
    (maker.__module__, maker.__name__) for maker in (errors.remade, messages.remade)
)
_MOMENTS: Final = frozenset({"date", "datetime", "timedelta", "timezone"})


Request = tuple[Callable[..., Any], bytes, Mapping[str, Any], int]
"""A parser, what it reads, its options, and how many seconds of computing it may take."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came of one reading; one of the fields is set.

    Attributes
    ----------
    value : object
        What the parser gave.
    refusal : RecommenderError or None
        What the parser raised: the input is at fault, and the error says how.
    fault : str
        What ended the parser otherwise, in words: it needed more memory, or has a fault itself.
    is_last : bool
        The process ends after this answer, to give its memory back.
    """

    value: Any = None
    refusal: errors.RecommenderError | None = None
    fault: str = ""
    is_last: bool = False


def pack(answer: Answer) -> bytes:
    """Return an answer as it goes over."""
    packed = io.BytesIO()
    _Pickler(packed).dump(answer)
    return packed.getvalue()


def unpack(packed: bytes) -> Answer:
    """Take an answer that came over.

    Raises
    ------
    pickle.UnpicklingError
        If it holds what no answer may hold.
    """
    try:
        answer = _Unpickler(io.BytesIO(packed)).load()
    except Exception as error:
        # What is no pickle at all raises whatever the bytes happen to ask for.
        raise pickle.UnpicklingError(str(error)) from error
    if not isinstance(answer, Answer):
        raise pickle.UnpicklingError(f"a {type(answer).__name__} is no answer")
    return answer


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Have a member of an enumeration made anew from its value.

        Python 3.11.0 to 3.11.3, Debian 12's among them, name `getattr` instead, which no answer
        may hold.
        """
        if isinstance(value, enum.Enum):
            return type(value), (value.value,)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Find a class that an answer names, where it may name it."""
        if (module == dt.__name__ and name in _MOMENTS) or (module, name) in _MADE_BY:
            return super().find_class(module, name)
        if module.startswith(_PROJECT) and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and (
                dataclasses.is_dataclass(found)
                or issubclass(found, (enum.Enum, errors.RecommenderError))
            ):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in an answer")
