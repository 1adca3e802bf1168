"""Room 1, papers: whether a text reads like an abstract or like a list of names. Pure."""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.text.author_lists import names_alone

SENTENCE_END: Final = tuple(".?!…。！？\"”’'»)]")
SENTENCE_BREAK: Final = re.compile(r"[.?!…][)\]\"”’»]?\s+\S|[。！？]")
LONGEST_TITLE: Final = 450
"""No title of the daily-papers archive (5,204) is longer than 168 characters, those of experiments
in physics have up to 400."""

_NOTE_SIGNS: Final = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹†‡§"))
_LONGEST_SENTENCE_TITLE: Final = 200
_MOST_WORDS_A_NAME: Final = 5
_MANY_NAMES: Final = 5
_LONGEST_NAME: Final = 40
_MOST_OF: Final = 0.9
# Chinese and Japanese sentences part their clauses like names, but not so shortly.
_OF_SENTENCES: Final = re.compile(r"。.|[^\s,]{7}。|\d\s?[%％]", re.DOTALL)


def is_prose(text: str) -> bool:
    """Whether a text reads like an abstract: long, or a sentence with its end; no list of names."""
    reads_so = (
        len(text) > LONGEST_TITLE
        or text.endswith((".", "。", "…"))
        or (len(text) > _LONGEST_SENTENCE_TITLE and SENTENCE_BREAK.search(text) is not None)
    )
    return reads_so and not is_list_of_names(text)


def is_list_of_names(text: str) -> bool:
    """Whether a text is names between commas; a list of many short parts is one of names, too."""
    if text and ord(text[0]) in _NOTE_SIGNS:
        return False  # the institutions that notes behind names refer to
    text = without_note_signs(text)
    text = text.replace("，", ",").replace("、", ",")
    if _OF_SENTENCES.search(text):
        return False
    parts = text.replace(";", ",").split(",")
    if len(parts) * _MOST_WORDS_A_NAME < text.count(" "):
        return False
    if len(parts) >= _MANY_NAMES and not text.endswith("."):
        short = sum(len(part) <= _LONGEST_NAME for part in parts)
        if short >= _MOST_OF * len(parts):
            return True
    if (
        len(parts) == 1
        and 2 * sum(word[0].islower() for word in text.split()) > text.count(" ") + 1
    ):
        return False  # one name at most, of which no half is in small letters; this is fast
    return bool(names_alone(text))


def without_note_signs(text: str) -> str:
    """Return names without the signs behind them that refer to institutions."""
    return text.translate(_NOTE_SIGNS)
