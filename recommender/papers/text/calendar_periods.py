"""Room 1, papers: headings that name a week, a month or a year, and no day of it. Pure.

A digest below one is of some day, but not of today.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.papers.text.calendar_dates import (
    COUNTED,
    DAYS_WITHOUT_YEAR,
    WEEKDAYS,
    with_ascii_digits,
)
from recommender.papers.text.month_names import MONTHS

_LONGEST: Final = 60
_MONTH: Final = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_YEAR: Final = r"(?:19|20)[0-9]{2}"
_NUMBER: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_WEEK: Final = (
    r"(?:weeks?|kw|woche|kalenderwoche|semaine|semana|settimana|vecka|uke|uge|hafta|viikko|týden"
    r"|tydzień|неделя|тиждень)"
)
_OF: Final = r"(?:of|for|from|vom|von|der|für|du|de|des|del|dal|di|за|for the|from the)\s"
_BEFORE: Final = rf"(?:.{{0,40}}(?:\b{_OF}|[-–—|:,(·]\s?))?"
_OF_A_YEAR: Final = (
    r"(?:papers|digests?|newsletters?|articles|preprints|reading list|bulletin|year|spring|summer"
    r"|autumn|fall|winter|arbeiten|artikel|artículos|jahr|année|año)"
)
# "ICLR 2026" is a conference, of which papers may be listed on any day.
_NAMES: Final = re.compile(
    r"(?P<name>\b(?-i:[A-Z]\w*[A-Z]\w*)[\s'’]{1,2}(?:19|20)?[0-9]{2})\b", re.IGNORECASE
)
_PERIODS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # Week 3, KW 3, W03, 第3周; the week of 12 January.
        rf".{{0,40}}\b{_WEEK}\s?(?:no\.?\s?|nr\.?\s?|n[°º]\s?|#\s?)?[0-9]{{1,2}}\b.{{0,40}}",
        rf".{{0,40}}\b[0-9]{{1,2}}(?:st|nd|rd|th|\.|er|ª|a|e)\s{_WEEK}\b.{{0,40}}",
        r"(?:.{0,40}\s)?W[0-9]{1,2}(?:\s.{0,40})?",
        r".{0,40}第?\s?[0-9一二三四五六七八九十]{1,3}\s?[周週](?:\s.{0,40})?",
        rf".{{0,40}}\b{_WEEK}\s(?:of|vom|du|del|dal|beginning|ending|starting)\b.{{0,40}}",
        # March, papers of March, March 2026, 03/2026.
        rf"{_BEFORE}{_MONTH}\)?",
        (
            rf"(?:\D{{0,20}}\s)?(?:{_MONTH},?\s{{1,3}}(?:de(?:l)?\s)?{_YEAR}|{_NUMBER}[-./]{_YEAR}"
            rf"|{_YEAR}[-./]{_NUMBER}|{_YEAR}\s?年\s?[0-9]{{1,2}}\s?月)(?:\s\D{{0,20}})?"
        ),
        # 2026, papers of 2026, digest 2026, spring 2026, Q1 2026.
        rf"(?:.{{0,40}}\b(?:{_OF}|{_OF_A_YEAR}\s\(?))?(?:Q[1-4][\s/,-]{{1,2}})?{_YEAR}\)?",
        rf"{_YEAR}\s(?:Q[1-4]|{_OF_A_YEAR})",
        rf"(?:\D{{0,40}}\s)?{_YEAR}\s?年(?:\D{{0,20}})?",
        # 12-18 January 2026, Jan 12-18, Jan 12 - Jan 18.
        rf".{{0,40}}\b{_NUMBER}\.?\s?[-–—/]\s?{_NUMBER}\.?\s(?:de\s)?{_MONTH}.{{0,20}}",
        rf".{{0,40}}\b{_MONTH}\s{_NUMBER}\s?[-–—]\s?(?:{_MONTH}\s)?{_NUMBER}\b.{{0,20}}",
        rf".{{0,40}}\b{_NUMBER}(?:st|nd|rd|th|\.)?\s(?:to|bis|au|al)\s{_NUMBER}.{{0,3}}\s{_MONTH}.{{0,20}}",
        # Monday, the papers of Monday; yesterday's, last week's.
        rf"{_BEFORE}(?:{WEEKDAYS})(?:\W.{{0,20}})?",
        rf"(?:{WEEKDAYS})(?:['’]s)\s.{{0,40}}",
        r"(?:.{0,40}\b)?(?:yesterday|(?:last|previous|past)\s(?:week|month|year))\b.{0,40}",
        # A day without its year among words, of which the year is not certain.
        *(rf".{{0,40}}[\s(]{form}\)?" for form in DAYS_WITHOUT_YEAR),
    )
)


def names_a_period(text: str) -> bool:
    """Whether a heading names a time and no day of it: a week, a month, a year, some weekday."""
    bare = with_ascii_digits(text.strip(" :·—–-"))
    if len(bare) > _LONGEST or COUNTED.search(bare):
        return False
    unnamed = _NAMES.sub(" ", bare).strip()
    return bool(unnamed) and any(form.fullmatch(unnamed) for form in _PERIODS)
