"""Languages: the catalogue of each language, and dates, numbers and lists as it writes them.

English is what stands in templates and code; another language is a file of translations beside
this module, in gettext's form, read when somebody first needs it. Babel knows the rest.
"""

from __future__ import annotations

import io
from collections.abc import Container, Mapping, Sequence
from datetime import date
from functools import cache, cached_property, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from recommender.languages.messages import Message, counted_message
from recommender.languages.negotiation import ENGLISH

FOLDER: Final = Path(__file__).parent

AUTHORS_SHOWN: Final = 3
_KEPT: Final = 2_000
# Babel's English is American; days stand first in ours, like in the digests of the community.
_LONG_DATE: Final = {ENGLISH: "EEEE, d MMMM y"}
_SHORT_DATE: Final = {ENGLISH: "MMM d"}


class Language:
    """One language: translations, and how numbers, dates and lists are written.

    Parameters
    ----------
    tag : str
        Of BCP 47, such as ``de``; Babel has to know it.
    translations : NullTranslations
        Null for English, whose sentences are their own keys.
    known : container of str
        The sentences that there are translations of.

    Attributes
    ----------
    tag : str
    """

    def __init__(
        self, tag: str, translations: NullTranslations, known: Container[str] = frozenset()
    ) -> None:
        self.tag = tag
        self._known = known
        self._translations = translations
        # Babel takes 20 µs and more for each, and the same few come again and again.
        self.number = lru_cache(_KEPT)(self._number)
        self.long_date = lru_cache(_KEPT)(self._long_date)
        self.short_date = lru_cache(_KEPT)(self._short_date)
        self.month_and_year = lru_cache(_KEPT)(self._month_and_year)

    @cached_property
    def _locale(self) -> Locale:
        # What Babel knows takes 5 MB, and is read when there is something to write.
        return Locale.parse(self.tag, sep="-")

    @cached_property
    def name(self) -> str:
        """What its speakers call it: ``Deutsch``."""
        return self._locale.get_display_name(self._locale) or self.tag

    def sentence(self, msgid: str) -> str:
        """Return a sentence in this language, with its placeholders."""
        return self._translations.gettext(msgid)

    def counted_sentence(self, msgid: str, plural: str, number: int) -> str:
        """Return the form of a sentence that fits a number, with its placeholders."""
        return self._translations.ngettext(msgid, plural, number)

    def told(self, words: str) -> str:
        """Return a `Message` in this language; other text as it is.

        A message that is not in the catalogue stays in English: one of an older version, or one of
        a process that was taken over by what it read, and must format nothing here.
        """
        if not isinstance(words, Message) or words.msgid not in self._known:
            return str(words)
        if words.plural:
            said = self.counted_sentence(words.msgid, words.plural, words.number)
        else:
            said = self.sentence(words.msgid)
        return said % self.told_values(words.values) if words.values else said

    def listed(self, words: Sequence[str]) -> str:
        """Join words as a sentence does: ``a``, ``a and b``, ``a, b and c``."""
        if len(words) <= 1:
            return "".join(map(self.told, words))
        *some, last = map(self.told, words)
        return self.told(Message("%(words)s and %(last)s", words=", ".join(some), last=last))

    def authors(self, names: Sequence[str]) -> str:
        """Return the first three names and how many others there are; empty where there are none.

        The names stand as they are written.
        """
        shown = ", ".join(names[:AUTHORS_SHOWN])
        others = len(names) - AUTHORS_SHOWN
        if others <= 0:
            return shown
        return self.told(
            counted_message(
                "%(names)s and %(num)s other", "%(names)s and %(num)s others", others, names=shown
            )
        )

    def told_values(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return values as sentences have them: numbers, days, lists and messages are told."""
        return {name: self._told_value(value) for name, value in values.items()}

    def _number(self, count: int) -> str:
        return format_decimal(count, locale=self._locale)

    def _long_date(self, day: date) -> str:
        return self._date(day, _LONG_DATE.get(self.tag, "full"))

    def _short_date(self, day: date) -> str:
        if self.tag in _SHORT_DATE:
            return self._date(day, _SHORT_DATE[self.tag])
        return format_skeleton("MMMd", day, locale=self._locale)

    def _month_and_year(self, day: date) -> str:
        return format_skeleton("yMMMM", day, locale=self._locale)

    def _date(self, day: date, form: str) -> str:
        # Babel only asserts it.
        if not isinstance(day, date):
            raise TypeError(f"{day!r} is no date")
        return format_date(day, form, locale=self._locale)

    def _told_value(self, value: Any) -> object:
        if isinstance(value, str):
            return self.told(value) if isinstance(value, Message) else value
        if isinstance(value, int):
            return self.number(value)
        if isinstance(value, date):
            return self.short_date(value)
        return self.listed(value) if isinstance(value, tuple) else value


@cache
def language(tag: str) -> Language:
    """Return one of the languages of `negotiation.LANGUAGES`, read when it is first asked for."""
    if tag == ENGLISH:
        return Language(tag, NullTranslations())
    with (FOLDER / f"{tag}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=tag)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    ids = (each.id for each in catalogue if each.id)
    known = frozenset(each if isinstance(each, str) else each[0] for each in ids)
    return Language(tag, GNUTranslations(compiled), known)
