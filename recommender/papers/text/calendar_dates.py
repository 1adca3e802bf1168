"""Room 1, papers: days as people write them, in the languages in which they do. Pure.

A day that may be two is none: ``03/11/2026`` is read only where one of its readings is left.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final
from unicodedata import decimal

from recommender.errors import DigestError

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier janv enero ene janeiro gennaio januari",
            "feb february februar février févr fevrier febrero fevereiro febbraio februari",
            "mar march märz maerz mär mrz mars marzo março maart",
            "apr april avril avr abril abr aprile",
            "may mai mayo maio maggio mei",
            "jun june juni juin junio junho giugno",
            "jul july juli juillet juil julio julho luglio",
            "aug august août aout agosto ago augustus",
            "sep sept september septembre septiembre setembro settembre",
            "oct october okt oktober octobre octubre outubro ottobre",
            "nov november novembre noviembre novembro",
            "dec december dez dezember décembre déc decembre diciembre dic dezembro dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_WEEKDAYS: Final = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nes(?:day)?)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:ur(?:day)?)?|sun(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend"
    r"|sonntag|mo|di|mi|do|fr|sa|so|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes"
    r"|martes|miércoles|jueves|viernes|sábado|domingo"
)
_WEEKDAY: Final = rf"(?:(?:{_WEEKDAYS})\b\.?,?\s{{1,3}}(?:den\s|the\s|le\s)?)?"
_WEEKDAY_BEHIND: Final = (
    rf"(?:\s?[(（](?:{_WEEKDAYS}|[月火水木金土日一二三四五六]|周.|星期.)[)）])?"
)
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR: Final = r"(?:,?\s{1,3}(?:de(?:l)?\s)?(?P<year>[0-9]{4}))?"
_FORMS: Final = (
    rf"{_WEEKDAY}{_MONTH}\s{{1,3}}{_DAY}{_YEAR}",
    rf"{_WEEKDAY}(?:the\s)?{_DAY}\s{{1,3}}(?:of\s|de\s)?{_MONTH}{_YEAR}",
    r"(?P<year>[0-9]{4})(?P<part>[-/.])(?P<month>[0-9]{1,2})(?P=part)(?P<day>[0-9]{1,2})",
    (
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})\.\s?(?P<month>[0-9]{{1,2}})\.\s?"
        r"(?:(?P<year>[0-9]{4}|(?<=\.)[0-9]{2})(?![0-9]))?"
    ),
    r"(?:(?P<year>[0-9]{4})\s?年\s?)?(?P<month>[0-9]{1,2})\s?月\s?(?P<day>[0-9]{1,2})\s?[日号]",
    r"(?:(?P<year>[0-9]{4})\s?년\s?)?(?P<month>[0-9]{1,2})\s?월\s?(?P<day>[0-9]{1,2})\s?일",
    r"ngày\s(?P<day>[0-9]{1,2})\stháng\s(?P<month>[0-9]{1,2})(?:\snăm\s(?P<year>[0-9]{4}))?",
    (
        rf"{_WEEKDAY}(?P<either>[0-9]{{1,2}})(?P<part>[-/])(?P<other>[0-9]{{1,2}})(?P=part)"
        r"(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
    ),
)
_WHOLE: Final = tuple(re.compile(rf"(?:{form}){_WEEKDAY_BEHIND}", re.IGNORECASE) for form in _FORMS)
# "Mar 11" within a sentence may be anything, so there a year is asked for.
_WITHIN: Final = tuple(re.compile(rf"(?<![\w./-]){form}", re.IGNORECASE) for form in _FORMS)
_WEEK: Final = re.compile(
    r"\b(?:(?:week|woche|kw|semaine|semana|settimana)\s(?:no\.?\s|n[°º]\s?)?[0-9]{1,2}(?:,|\sof|\s/|/)?"
    r"\s?[0-9]{4}|[0-9]{4}-?\s?W[0-9]{2})\b",
    re.IGNORECASE,
)
_LONGEST: Final = 60
_LONGEST_HEADING: Final = 200
_CENTURY: Final = 2000
_SHORT_YEAR: Final = 100
# 29 February comes every four years, but not in 1900 or 2100.
_LONGEST_WAIT_YEARS: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_JOURNAL: Final = 1665
_DAYS_AHEAD: Final = 1
"""Whose day has begun already may be a day ahead of us."""


def day_of(text: str, today: date, where: str) -> date | None:
    """Read a line that is a day and nothing else; None where it is none.

    Parameters
    ----------
    text : str
        One line.
    today : date
        A day without a year is the latest such day that is not after tomorrow: east of us it is
        tomorrow already.
    where : str
        For the error.

    Raises
    ------
    DigestError
        Where the day is none of the calendar, or may be two.

    Examples
    --------
    >>> day_of("11. März 2026", date(2026, 3, 20), "line 1")
    datetime.date(2026, 3, 11)
    """
    text = _with_ascii_digits(text.strip(" :·—–-"))
    if not text or len(text) > _LONGEST:
        return None
    for form in _WHOLE:
        found = form.fullmatch(text)
        if found is not None:
            return _day(found, today, where)
    if _WEEK.fullmatch(text):
        raise _only_a_week(text, where)
    return None


def lies_ahead(day: date, today: date) -> bool:
    """Whether a day is after tomorrow: one day's difference is a time zone's, more an error."""
    return (day - today).days > _DAYS_AHEAD


def says_none(moment: datetime) -> bool:
    """Whether a moment is what programs write where they know none: year 1, or the epoch."""
    return moment.year < _FIRST_JOURNAL or moment == _EPOCH


def is_day(text: str) -> bool:
    """Whether a line is written like a day and nothing else."""
    text = _with_ascii_digits(text.strip(" :·—–-"))
    return 0 < len(text) <= _LONGEST and any(form.fullmatch(text) for form in _WHOLE)


def day_within(text: str, today: date, where: str) -> date | None:
    """Find the one day with its year in a heading such as "Papers of 11 March 2026".

    Raises
    ------
    DigestError
        As `day_of`.
    """
    if len(text) > _LONGEST_HEADING or not any(map(str.isdigit, text)):
        return None
    text = _with_ascii_digits(text)
    for form in _WITHIN:
        for found in form.finditer(text):
            if found["year"] is not None:
                return _day(found, today, where)
    if week := _WEEK.search(text):
        raise _only_a_week(week[0], where)
    return None


def _with_ascii_digits(text: str) -> str:
    """Write Arabic, full-width and other decimal digits as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(decimal(each)) if each.isdecimal() else each for each in text)


def _only_a_week(week: str, where: str) -> DigestError:
    return DigestError(
        where, f"'{week}' is a week, which begins on other days elsewhere; write a day of it"
    )


def _day(found: re.Match[str], today: date, where: str) -> date:
    named = found.groupdict()
    if named.get("either") is not None:
        return _one_of_two(found, today, where)
    month = found["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS[month]
    if found["year"] is not None:
        years = [_full_year(found["year"])]
    else:
        years = list(range(today.year + 1, today.year - _LONGEST_WAIT_YEARS - 1, -1))
    for year in years:
        candidate = _date(year, number, int(found["day"]))
        if candidate is not None and (
            found["year"] is not None or not lies_ahead(candidate, today)
        ):
            return candidate
    raise DigestError(where, f"'{found[0]}' is no day of the calendar; correct the date heading")


def _one_of_two(found: re.Match[str], today: date, where: str) -> date:
    """Read ``11/03/2026``: of day first and month first, what is a day and not in the future."""
    year, either, other = _full_year(found["year"]), int(found["either"]), int(found["other"])
    days = {day for day in (_date(year, other, either), _date(year, either, other)) if day}
    past = {day for day in days if not lies_ahead(day, today)}
    if len(past) == 1 or len(days) == 1:
        return min(past or days)
    if not days:
        raise DigestError(
            where, f"'{found[0]}' is no day of the calendar; correct the date heading"
        )
    first, second = sorted(days)
    raise DigestError(
        where, f"'{found[0]}' may be {first} or {second}; write the one that is meant"
    )


def _full_year(written: str) -> int:
    year = int(written)
    return year + _CENTURY if year < _SHORT_YEAR and len(written) == len("26") else year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
