"""Room 1, papers: topics that a digest writes before its titles: "NLP: A title". Pure.

Of 14,781 real titles one begins with the name of a field and a colon ("PHYSICS: …"), none with a
field's initials, and on none of 351 real days two titles begin with the same words before one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from recommender.errors import DigestError

_LABEL: Final = re.compile(r"(?P<label>[^\s:：|][^:：|]{0,39}?)\s?(?:[:：]|\s[-–—|])\s+(?=\S)")
_MOST_WORDS: Final = 4
# "AI: …" may be a title.
_INITIALS: Final = frozenset(
    {
        *("asr", "cl", "cv", "dl", "genai", "hci", "ir", "llm", "llms", "ml", "mllm", "mllms"),
        *("nlp", "rl", "tts", "vlm", "vlms"),
    }
)
_TOPICS: Final = _INITIALS | frozenset(
    {
        *("ai", "agents", "alignment", "audio"),
        *("computer vision", "deep learning", "generative ai", "image", "information retrieval"),
        *("language", "machine learning", "multimodal", "natural language processing"),
        *("optimization", "optimisation", "reinforcement learning", "robotics", "safety"),
        *("security", "speech", "systems", "theory", "video", "vision", "astronomy", "biology"),
        *("botany", "cell biology", "chemistry", "climate", "ecology", "economics", "education"),
        *("evolution", "genetics", "genomics", "geology", "health", "immunology", "linguistics"),
        *("materials", "mathematics", "maths", "medicine", "neuroscience", "philosophy"),
        *("physics", "psychology", "sociology", "statistics", "zoology"),
    }
)
_FEWEST: Final = 2


def without_topics(titles: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """Return titles without the names of fields before them, where two or more have one.

    The initials of a field are taken from a title alone as well.

    Parameters
    ----------
    titles : sequence of str
        Those of a digest.
    numbers : sequence of int
        The line of each.

    Raises
    ------
    DigestError
        Where each title has words before a colon, and what is no known field stands before most:
        it may be the beginning of titles, or a topic.
    """
    found = [_LABEL.match(title) for title in titles]
    labels = [_folded(each["label"]) if each is not None else "" for each in found]
    known = [label in _TOPICS for label in labels]
    if sum(known) >= _FEWEST:
        _require_no_other(labels, known, numbers)
        return _without(titles, found, known)
    counts = Counter(filter(None, labels))
    repeated = sum(count for count in counts.values() if count > 1)
    if all(labels) and len(counts) > 1 and 2 * repeated > len(labels):
        _refuse(labels, numbers, next(label for label in labels if counts[label] > 1))
    return _without(titles, found, [label in _INITIALS for label in labels])


def _without(
    titles: Sequence[str], found: Sequence[re.Match[str] | None], known: Sequence[bool]
) -> list[str]:
    return [
        title[each.end() :] if each is not None and is_known else title
        for title, each, is_known in zip(titles, found, known, strict=True)
    ]


def _require_no_other(labels: Sequence[str], known: Sequence[bool], numbers: Sequence[int]) -> None:
    """Notice a lone label beside topics before all other titles."""
    others = [label for label, is_known in zip(labels, known, strict=True) if not is_known]
    if others and all(others) and 2 * len(others) <= len(labels):
        _refuse(labels, numbers, others[0])


def _refuse(labels: Sequence[str], numbers: Sequence[int], label: str) -> None:
    raise DigestError(
        f"line {numbers[list(labels).index(label)]}",
        f"'{label}' before a title may be its beginning or a topic; take it out or write it in "
        "brackets, as '[topic] title', if it is one",
    )


def _folded(label: str) -> str:
    folded = " ".join(label.casefold().split())
    return folded if folded.count(" ") < _MOST_WORDS else ""
