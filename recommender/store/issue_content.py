"""Store: what one issue says besides its papers, in few bytes. Pure.

JSON, deflated with a dictionary of what most issues say, behind a byte that tells the form. Texts
that many issues have are numbers of the table ``frozen_text``, others stand as they are.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from recommender.domain import Issue, IssueEntry

_FORM: Final = b"\x01"
_SCALE: Final = 10_000
"""Of scores: four decimals are kept."""

_PROPENSITY_DIGITS: Final = 6
_RAW: Final = -zlib.MAX_WBITS
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# Titles that reasons name, in whichever language; what is shorter is not worth a number.
_QUOTED = re.compile("(?<=[“„«])([^“”„«»]{16,})(?=[”“»])")

# Of form 1, and never changed: what was deflated with it cannot be read with another.
_DICTIONARY: Final = (
    '"reinforcement learning (RL)","vision-language models (VLMs)","diffusion models",'
    '"large language models (LLMs)", large language model (LLM), "; by "," an author you like"],'
    '"you follow ","you said you like: ","trending: in 2 digests, number 2 in the newest",'
    '"trending: number 4 in the digest of Mar 11","a suggestion outside your usual topics",'
    '"by Ann Author, an author you liked","close to what you like",["like “",1,"”: '
    '{"welcome":false,"curator":"the research community",'
    '"schedule":"every day at 7:00 (UTC)","schedule":"Monday to Friday at 7:00 (Europe/Berlin)",'
    '"welcome":true,"schedule":1,"curator":2,"likes":10,"dislikes":0,"saves":0,'
    '"poor_signal":false,"unmet_interests":[],"language":"en","positions":[1,2,3,4,5,6,7,8,9,10],'
    '"upvotes":[0,1,2,3,4,5,10,20,30],"trend_scores":[100,200,300],'
    '"interest_scores":null,"interest_weights":0,"interest_scores":[100,200,300],'
    '"interest_weights":9000,"ranking_scores":[100,200,300],"explored":[],"propensities":1.0,'
    '"not_personal":[],"reasons":[["like “",3,"”: '
).encode()


def texts_of(issue: Issue) -> set[str]:
    """Return the texts of an issue that others may have as well."""
    quoted = {text for entry in issue.entries for text in _QUOTED.findall(entry.reason)}
    return {issue.curator, issue.schedule, *quoted}


def packed(issue: Issue, number_of: Mapping[str, int]) -> bytes:
    """Return what an issue says besides its papers.

    Scores are kept to four decimals, propensities to six digits.

    Parameters
    ----------
    number_of : mapping
        Of the texts that have a number.
    """
    entries = issue.entries
    content = {
        "welcome": issue.welcome,
        "schedule": number_of.get(issue.schedule, issue.schedule),
        "curator": number_of.get(issue.curator, issue.curator),
        "likes": issue.likes,
        "dislikes": issue.dislikes,
        "saves": issue.saves,
        "poor_signal": issue.poor_signal,
        "unmet_interests": issue.unmet_interests,
        "language": issue.language,
        "positions": [entry.position for entry in entries],
        "upvotes": _once([entry.upvotes for entry in entries]),
        "trend_scores": _once([round(_SCALE * entry.trend_score) for entry in entries]),
        "interest_scores": _once(
            [
                None if entry.interest_score is None else round(_SCALE * entry.interest_score)
                for entry in entries
            ]
        ),
        "interest_weights": _once([round(_SCALE * entry.interest_weight) for entry in entries]),
        "ranking_scores": _once([round(_SCALE * entry.ranking_score) for entry in entries]),
        "explored": [at for at, entry in enumerate(entries) if entry.explored],
        "propensities": _once(
            [
                None
                if entry.propensity is None
                else float(f"{entry.propensity:.{_PROPENSITY_DIGITS}g}")
                for entry in entries
            ]
        ),
        "not_personal": [at for at, entry in enumerate(entries) if not entry.reason_is_personal],
        "reasons": [_in_parts(str(entry.reason), number_of) for entry in entries],
    }
    text = _ENCODER.encode(content)
    deflate = zlib.compressobj(wbits=_RAW, zdict=_DICTIONARY)
    return _FORM + deflate.compress(text.encode()) + deflate.flush()


def unpacked(content: bytes) -> dict[str, Any]:
    """Return what `packed` was given, with numbers for the texts that had one.

    Raises
    ------
    ValueError
        If a newer version of the program wrote it.
    """
    if content[:1] != _FORM:
        raise ValueError(f"an issue is kept in form {content[:1].hex()}, which is unknown here")
    inflate = zlib.decompressobj(wbits=_RAW, zdict=_DICTIONARY)
    unpacked: dict[str, Any] = json.loads(inflate.decompress(content[1:]))
    return unpacked


def numbers_in(content: Mapping[str, Any]) -> set[int]:
    """Return the numbers of texts that an unpacked content names."""
    said = [content["schedule"], content["curator"]]
    said += [part for reason in content["reasons"] if isinstance(reason, list) for part in reason]
    return {each for each in said if isinstance(each, int)}


def text_of(said: int | str | Sequence[int | str], texts: Mapping[int, str]) -> str:
    """Return a text that stands as a number, as it is, or in parts of both."""
    if isinstance(said, str):
        return said
    if isinstance(said, int):
        return texts[said]
    return "".join(part if isinstance(part, str) else texts[part] for part in said)


def entries_of(
    content: Mapping[str, Any],
    texts: Mapping[int, str],
    papers: Sequence[Mapping[str, Any]],
) -> tuple[IssueEntry, ...]:
    """Return the entries of an unpacked content.

    Parameters
    ----------
    papers : sequence of mapping
        The values of each entry that are frozen with its paper.
    """
    number = len(papers)
    explored, not_personal = set(content["explored"]), set(content["not_personal"])
    columns = zip(
        content["positions"],
        _all(content["upvotes"], number),
        _all(content["trend_scores"], number, _score),
        _all(content["interest_scores"], number, _score),
        _all(content["interest_weights"], number, _score),
        _all(content["ranking_scores"], number, _score),
        _all(content["propensities"], number),
        content["reasons"],
        papers,
        strict=True,
    )
    return tuple(
        IssueEntry(
            position=position,
            upvotes=upvotes,
            trend_score=trend_score,
            interest_score=interest_score,
            interest_weight=interest_weight,
            ranking_score=ranking_score,
            propensity=propensity,
            reason=text_of(reason, texts),
            reason_is_personal=at not in not_personal,
            explored=at in explored,
            **paper,
        )
        for at, (
            position,
            upvotes,
            trend_score,
            interest_score,
            interest_weight,
            ranking_score,
            propensity,
            reason,
            paper,
        ) in enumerate(columns)
    )


def propensities_of(content: Mapping[str, Any]) -> list[float | None]:
    """Return the propensity of each entry."""
    return _all(content["propensities"], len(content["positions"]))


def are_personal(content: Mapping[str, Any]) -> list[bool]:
    """Return whether the reason of each entry is the reader's own."""
    not_personal = set(content["not_personal"])
    return [at not in not_personal for at in range(len(content["positions"]))]


def _once(values: list[Any]) -> Any:
    """Return the values, or the one that all of them are."""
    return values[0] if values and values.count(values[0]) == len(values) else values


def _all(said: Any, number: int, made: Callable[[Any], Any] = lambda value: value) -> list[Any]:
    values = said if isinstance(said, list) else [said] * number
    return [made(value) for value in values]


def _score(kept: int | None) -> float | None:
    return None if kept is None else kept / _SCALE


def _in_parts(reason: str, number_of: Mapping[str, int]) -> str | list[str | int]:
    """Return a reason, its quotes that have a number as these."""
    parts = _QUOTED.split(reason)
    if not any(text in number_of for text in parts[1::2]):
        return reason
    return [number_of.get(part, part) if at % 2 else part for at, part in enumerate(parts)]
