"""Room 1, papers: values out of JSON that somebody else wrote, checked one by one. Pure.

Every function takes ``where``, the place that a `DigestError` names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final

from recommender.errors import DigestError, UnfinishedDigestError
from recommender.papers.text.author_lists import authors_of
from recommender.papers.text.plain_text import MOST_TITLE_CHARACTERS, clean_line

MOST_KEYS: Final = 300_000
"""Of one document, counted before it is parsed: 10 MB of real papers have a third as many. Beyond,
their table outgrows the processor's caches, and twice as many take more than twice as long."""
LONGEST_SUMMARY: Final = 1_000
"""Characters of what a digest says itself of a paper."""

_KEY: Final = re.compile(r'"\s*:')
# Beyond any count of votes, and within every database's integers.
_MOST_UPVOTES = 1_000_000_000
_LONGEST_QUOTE = 40
_MOST_DATE_PARTS: Final = 3
# Words, and the ends of numbers, that stand alone where a document ends in the middle of one.
_CUT_OFF: Final = ("true", "false", "null", "-", ".", "e+", "e-", "E+", "E-")
_UNICODE_ESCAPE: Final = len("u0041")
_MOST_KEYWORDS = 50
_LONGEST_KEYWORD = 100
_WHOLE_NAMES: Final = ("name", "literal", "full_name", "fullName", "display_name", "fullname")
_GIVEN_NAMES: Final = ("given", "first", "first_name", "firstName", "forename", "givenName")
_FAMILY_NAMES: Final = ("family", "last", "last_name", "lastName", "surname", "familyName")
_MOST_CHARACTERS = {"title": MOST_TITLE_CHARACTERS, "id": 500, "name": 500}
"""What a field may hold; of those that are not here, `_MOST_OF_A_TEXT`."""
_MOST_OF_A_TEXT = 100_000


def load_json(text: str, where: str | None = None) -> object:
    """Parse strict JSON: no NaN, no infinity, no nesting that exhausts the stack.

    Parameters
    ----------
    text : str
    where : str or None
        The place to report; None reports the line of the fault within ``text``.

    Raises
    ------
    UnfinishedDigestError
        Where it is the beginning of JSON.
    DigestError
        Where it is no JSON, with line and column.
    """
    fix = "write the file again with a JSON serialiser"
    # Most documents have fewer colons, which are counted in no time.
    if text.count(":") > MOST_KEYS and _has_too_many_keys(text):
        raise DigestError(where or "file", f"more than {MOST_KEYS:,} keys; split it by days")

    def refuse_constant(name: str) -> object:
        raise DigestError(where or "file", f"{name} is no number in JSON; {fix}")

    try:
        parsed: object = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        kind = UnfinishedDigestError if _is_beginning(error) else DigestError
        raise kind(
            where or f"line {error.lineno}",
            f"broken JSON at column {error.colno}: {error.msg}; is the file complete? {fix}",
        ) from error
    except RecursionError as error:
        raise DigestError(where or "file", f"JSON nested too deeply; {fix}") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise DigestError(where or "file", f"a number of too many digits; {fix}") from error
    return parsed


def _is_beginning(error: json.JSONDecodeError) -> bool:
    """Whether nothing is wrong but that there is no more of it."""
    rest = error.doc[error.pos :].rstrip()
    return (
        not rest
        # Its closing quote is nowhere.
        or error.msg.startswith("Unterminated string")
        or (
            error.msg.startswith("Invalid \\u") and len(rest) <= _UNICODE_ESCAPE and '"' not in rest
        )
        or any(word.startswith(rest) for word in _CUT_OFF)
    )


def _has_too_many_keys(text: str) -> bool:
    return sum(1 for _ in islice(_KEY.finditer(text), MOST_KEYS + 1)) > MOST_KEYS


def mapping_field(value: object, name: str, where: str) -> Mapping[str, object]:
    """Require an object."""
    if not isinstance(value, dict):  # as JSON has it; `Mapping` takes ten times as long to tell
        raise DigestError(where, f"{name} is {kind_of(value)}, not an object")
    return value


def text_field(record: Mapping[str, object], key: str, where: str) -> str:
    """Read text, on one line; empty where the key is missing or null."""
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _no_text(value, key, where)
    most = _MOST_CHARACTERS.get(key, _MOST_OF_A_TEXT)
    if len(value) > most:
        raise DigestError(where, f"'{key}' has {len(value):,} characters; write at most {most:,}")
    return clean_line(value)


def _as_written(record: Mapping[str, object], key: str, where: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _no_text(value, key, where)
    return value


def _no_text(value: object, key: str, where: str) -> DigestError:
    return DigestError(where, f"'{key}' is {kind_of(value)}; write text there")


def title_field(record: Mapping[str, object], where: str) -> str:
    """Require a title, which no paper can do without."""
    title = text_field(record, "title", where)
    if not title:
        raise DigestError(where, "a paper without 'title'; add it or take the entry out")
    return title


def summary_field(record: Mapping[str, object], where: str) -> str:
    """Read what the digest's own line says of a paper, cut where it is no line any more."""
    return clean_line(_as_written(record, "ai_summary", where))[:LONGEST_SUMMARY].rstrip()


def keywords_field(record: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Read keywords, each once; a paper is not left out because of what is none."""
    value = record.get(key)
    words = value[:_MOST_KEYWORDS] if isinstance(value, list) else []
    lines = dict.fromkeys([clean_line(word) for word in words if isinstance(word, str)])
    return tuple([line for line in lines if 0 < len(line) <= _LONGEST_KEYWORD])


def authors_field(
    record: Mapping[str, object], where: str, key: str = "authors"
) -> tuple[str, ...]:
    """Read names; none where the key is missing.

    They are a list of texts or of objects, such as ``{"name": "Ann Example"}`` or CSL-JSON's, or
    one line as people write it.
    """
    authors = record.get(key)
    if authors is None:
        return ()
    if isinstance(authors, str):
        return authors_of([text_field(record, key, where)])
    if not isinstance(authors, list):
        raise DigestError(where, f"'{key}' is {kind_of(authors)}; write a list of names")
    names = [name if isinstance(name, str) else _name_in(name, key, where) for name in authors]
    return tuple(filter(None, map(clean_line, names)))


def _name_in(author: object, key: str, where: str) -> str:
    """Return the name that an object has for an author, or for what is said of them."""
    if isinstance(author, Mapping):
        within = author.get("author")
        author = within if isinstance(within, Mapping) else author
        given, family = (
            next((text for name in names if (text := text_field(author, name, where))), "")
            for names in (_GIVEN_NAMES, _FAMILY_NAMES)
        )
        particle = text_field(author, "non-dropping-particle", where)
        parted = " ".join(filter(None, [given, particle, family]))
        whole = (text_field(author, name, where) for name in _WHOLE_NAMES)
        name = (parted if given and family else "") or next(filter(None, whole), "") or parted
        suffix = text_field(author, "suffix", where)
        if name:
            return f"{name}, {suffix}" if suffix else name
    raise DigestError(
        where,
        f"an entry of '{key}' is {kind_of(author)} without a name; write names as text, or as "
        "objects with 'name' or with 'given' and 'family'",
    )


def upvotes_field(record: Mapping[str, object], where: str) -> int:
    """Read a count of votes, >= 0; 0 where the key is missing or null."""
    value = record.get("upvotes")
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise DigestError(where, f"'upvotes' is {kind_of(value)}; write a whole number")
    if not 0 <= value <= _MOST_UPVOTES:
        raise DigestError(
            where, f"'upvotes' lies outside 0 to {_MOST_UPVOTES:,}; correct the number"
        )
    return value


def instant_field(record: Mapping[str, object], key: str, where: str) -> datetime | None:
    """Read an ISO 8601 time as UTC; None where the key is missing or null. No zone means UTC.

    CSL-JSON has an object there, whose ``date-parts`` are year, month and day.
    """
    value = record.get(key)
    if isinstance(value, Mapping):
        return _date_in(value, key, where)
    text = text_field(record, key, where)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DigestError(
            where, f"'{key}' is '{_quoted(text)}'; write a time such as 2026-03-11T08:00:00Z"
        ) from error


def _date_in(value: Mapping[str, object], key: str, where: str) -> datetime | None:
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    moment = moment_of(first) if isinstance(first, list) and first else None
    if moment is None and parts is None and isinstance(raw := value.get("raw"), str):
        moment = moment_of(raw.strip()[:10].split("-"))
    if moment is None and any(value.values()):
        raise DigestError(
            where, f"'{key}' has no day that can be read; write it as 2026-03-11, or take it out"
        )
    return moment


def moment_of(parts: Iterable[object]) -> datetime | None:
    """Read year, month and day; what is missing is its first, and None where it is no date."""
    try:
        numbers = [int(str(part)) for part in list(parts)[:_MOST_DATE_PARTS]]
        year, month, day = (*numbers, *(1, 1, 1)[len(numbers) :])
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def date_field(record: Mapping[str, object], key: str, where: str) -> date | None:
    """Read the day of an ISO 8601 date or time; None where the key is missing or null."""
    instant = instant_field(record, key, where)
    return instant.date() if instant else None


def kind_of(value: object) -> str:
    """Name what a JSON value is, in an operator's words."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else "an object"


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
