"""A language whose every sentence is marked, to find what is said outside of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from gettext import NullTranslations
from html.parser import HTMLParser

from recommender.languages.catalogue import Language
from recommender.languages.negotiation import LANGUAGES
from recommender.rendering import Renderer

TOLD_ATTRIBUTES = frozenset({"alt", "title", "aria-label", "placeholder", "content", "data-failed"})
TOLD_ATTRIBUTES |= {"data-before", "data-after"}
WORD = re.compile(r"[^\W\d_]{2,}")


class _Everything:
    def __contains__(self, _: object) -> bool:
        return True


class _Marking(NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class MarkedLanguage(Language):
    """It marks sentences, and dates as the language writes them."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag, _Marking(), _Everything())
        self.long_date = self.short_date = self.month_and_year = _marked_day


def _marked_day(day: date) -> str:
    return f"⟦{day:%d}⟧"


def marked_renderer() -> Renderer:
    """Return what renders in the marked language, for whoever asks for none."""
    tag = LANGUAGES[1]
    renderer = Renderer(language=tag)
    renderer._speak(MarkedLanguage(tag))
    return renderer


class _Texts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script", "pre", "option"}:
            self._inside.append(tag)
        is_for_programs = tag == "meta" and dict(attrs).get("name") != "description"
        if not is_for_programs:
            self.texts += [text or "" for name, text in attrs if name in TOLD_ATTRIBUTES]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside or self._inside == ["option"]:
            self.texts.append(data)


def texts_of(html: str) -> list[str]:
    """Return what a page says: its text, and the attributes that are read out or shown."""
    return _Texts(html).texts


def words_outside(texts: Iterable[str], data: Iterable[str]) -> set[str]:
    """Return the words of texts that stand outside of all marks and are no data."""
    # In one, for markup parts a sentence; apart by a character that is no part of any.
    whole = "\n".join(texts)
    depth, kept = 0, []
    for part in re.split(r"([⟦⟧])", whole):
        if part in "⟦⟧" and part:
            depth += 1 if part == "⟦" else -1
        elif depth == 0:
            kept.append(part)
    assert depth == 0, "a mark was cut"
    left = re.sub(r"https?://\S+", " ", "".join(kept))
    for each in sorted(data, key=len, reverse=True):
        left = left.replace(each, " ")
    return set(WORD.findall(left))
