"""Room 6, what they click: what of a list the address asks for; touches `jobs` only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from starlette.requests import Request

from recommender.jobs.people.rated_papers import SEARCHED_CHARACTERS, Order, Query, Shown

_DIGITS: Final = 9
_Choice = TypeVar("_Choice", bound=StrEnum)


def query_of(request: Request) -> Query:
    """Return what of a list is asked for; what is not understood asks for nothing special."""
    given = request.query_params
    return Query(
        words=" ".join(given.get("q", "").split())[:SEARCHED_CHARACTERS],
        order=_chosen(given.get("sort", ""), Order.NEWEST),
        shown=_chosen(given.get("show", ""), Shown.ALL),
        tag=given.get("tag", "")[:SEARCHED_CHARACTERS],
        page=number_in(given, "page") or 1,
    )


def number_in(given: Mapping[str, Any], name: str) -> int:
    """Return a field of an address or a form as a number; 0 where it is none."""
    value = str(given.get(name, "")).strip()
    is_number = value.isascii() and value.isdigit() and len(value) <= _DIGITS
    return int(value) if is_number else 0


def _chosen(value: str, default: _Choice) -> _Choice:
    try:
        return type(default)(value)
    except ValueError:
        return default
