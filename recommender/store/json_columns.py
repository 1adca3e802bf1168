"""Store: values of JSON columns as text, and back."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any


def as_json(value: Any) -> str:
    """Return a value as text."""
    return _names_as_json(value) if isinstance(value, tuple) else json.dumps(value)


# The authors of a paper are written and read with every issue that it is in.
@lru_cache(maxsize=2_000)
def _names_as_json(names: tuple[str, ...]) -> str:
    return json.dumps(names)


def from_json(content: str) -> Any:
    """Return the value that a text was made of."""
    is_of_names = content.startswith('["')
    return list(_names_from_json(content)) if is_of_names else json.loads(content)


@lru_cache(maxsize=2_000)
def _names_from_json(content: str) -> tuple[str, ...]:
    return tuple(json.loads(content))
