"""Room 1, papers: days as people write them, in the languages in which they do. Pure.

A day that may be two is none: ``03/11/2026`` is read only where one of its readings is left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final
from unicodedata import decimal

from recommender.errors import DigestError
from recommender.papers.text.event_days import is_of_event
from recommender.papers.text.month_names import MONTHS

_MONTH: Final = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
WEEKDAYS: Final = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nes(?:day)?)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:ur(?:day)?)?|sun(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend"
    r"|sonntag|mo|di|mi|do|fr|sa|so|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes"
    r"|martes|miércoles|jueves|viernes|sábado|domingo"
)
_WEEKDAY: Final = rf"(?:(?:{WEEKDAYS})\b\.?,?\s{{1,3}}(?:den\s|the\s|le\s)?)?"
_WEEKDAY_BEHIND: Final = rf"(?:\s?[(（](?:{WEEKDAYS}|[月火水木金土日一二三四五六]|周.|星期.)[)）])?"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR: Final = (
    r"(?:,?\s{1,3}(?:de(?:l)?\s)?(?P<year>[0-9]{4}|['’][0-9]{2})(?![0-9])"
    r"(?:\s(?:г\.|р\.|года|року|roku))?)?"
)
_ROMAN: Final = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_FIRST_OF_ERA: Final = {"令和": 2019, "平成": 1989}
_ERA: Final = "|".join(_FIRST_OF_ERA)
DAYS_WITHOUT_YEAR: Final = (
    rf"{_WEEKDAY}{_MONTH}\s{{1,3}}{_DAY}",
    rf"{_WEEKDAY}(?:the\s)?{_DAY}\s{{1,3}}(?:of\s|de\s)?{_MONTH}",
)
_NAMED_FORMS: Final = (
    *(f"{form}{_YEAR}" for form in DAYS_WITHOUT_YEAR),
    rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})(?P<part>[-/.]){_MONTH}(?P=part)?(?P<year>[0-9]{{4}})(?![0-9])",
    rf"(?P<year>[0-9]{{4}})(?:\.?\s|[-/]){_MONTH}(?:\s|[-/]){_DAY}(?![0-9])",
)
_NUMBERED_FORMS: Final = (
    r"(?P<year>[0-9]{4})(?P<part>[-/.])(?P<month>[0-9]{1,2})(?P=part)(?P<day>[0-9]{1,2})",
    (
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})\.\s?(?P<month>[0-9]{{1,2}})\.\s?"
        r"(?:(?P<year>[0-9]{4}|(?<=\.)[0-9]{2})(?![0-9]))?"
    ),
    (
        rf"(?P<day>[0-9]{{1,2}})(?P<part>[-/. ])\s?(?-i:(?P<month>{'|'.join(_ROMAN[:0:-1])}))"
        r"(?P=part)\s?(?P<year>[0-9]{4})(?![0-9])"
    ),
    r"(?P<year>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])(?![0-9])",
    (
        rf"(?:(?P<year>[0-9]{{4}}|(?:{_ERA})(?:元|[0-9]{{1,2}}))\s?年\s?)?"
        r"(?P<month>[0-9]{1,2})\s?月\s?(?P<day>[0-9]{1,2})\s?[日号號]"
    ),
    r"(?:(?P<year>[0-9]{4})\s?년\s?)?(?P<month>[0-9]{1,2})\s?월\s?(?P<day>[0-9]{1,2})\s?일",
    r"ngày\s(?P<day>[0-9]{1,2})\stháng\s(?P<month>[0-9]{1,2})(?:\snăm\s(?P<year>[0-9]{4}))?",
    (
        rf"{_WEEKDAY}(?P<either>[0-9]{{1,2}})(?P<part>[-/])(?P<other>[0-9]{{1,2}})(?P=part)"
        r"(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
    ),
)


def _compiled(forms: Sequence[str], frame: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(frame.format(form), re.IGNORECASE) for form in forms)


_IS_WHOLE: Final = f"(?:{{}}){_WEEKDAY_BEHIND}"
_WHOLE_NAMED: Final = _compiled(_NAMED_FORMS, _IS_WHOLE)
_WHOLE_NUMBERED: Final = _compiled(_NUMBERED_FORMS, _IS_WHOLE)
# "Mar 11" within a sentence may be anything, so there a year is asked for.
_IS_WITHIN: Final = r"(?<![\w./-]){}"
_WITHIN_NAMED: Final = _compiled(_NAMED_FORMS, _IS_WITHIN)
_WITHIN_NUMBERED: Final = _compiled(_NUMBERED_FORMS, _IS_WITHIN)
# "Papers of Mar 11", "Daily digest (11 March)".
_AT_END: Final = tuple(
    re.compile(
        rf"(?P<before>.{{0,60}})(?:\b(?:of|for|from|vom|für|du|del)\s|[-–—|:,(·]\s?){form}\)?",
        re.IGNORECASE,
    )
    for form in DAYS_WITHOUT_YEAR
)
# "Please read until 20 March 2026", "submit before …".
_DEADLINE: Final = re.compile(
    r"\b(?:until|till|by|before|deadline|due|bis|vor|avant|jusqu['’]au|hasta|since|after|ab|seit)"
    r"(?:\s(?:the|is|was|on|zum|le|el|den))?[\s:]{0,2}\Z",
    re.IGNORECASE,
)
_BEGINS_A_WEEK: Final = re.compile(r"\b(?:week|woche|semaine|semana|settimana)\s*\Z", re.IGNORECASE)
_LONGEST_AGO: Final = 100
"""Days; of which year an older one is, its heading does not say for certain."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_WEEK: Final = re.compile(
    r"\b(?:(?:week|woche|kw|semaine|semana|settimana)\s(?:no\.?\s|n[°º]\s?)?[0-9]{1,2}(?:,|\sof|\s/|/)?"
    r"\s?[0-9]{4}|[0-9]{4}-?\s?W[0-9]{2})\b",
    re.IGNORECASE,
)
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
_HAN_NUMERALS: Final = "〇一二三四五六七八九"
_HAN_NUMBER: Final = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=\s?[年月日号號])")
_NUMBER: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_FULL_YEAR: Final = r"(?:19|20)[0-9]{2}"
_NAME: Final = r"[^\s\d,]{3,15}"
_NTH: Final = rf"{_NUMBER}(?:st|nd|rd|th|er|º|\.)?"
_LIKE_A_DAY: Final = re.compile(
    r"(?:\D{0,20}\s)?(?:"
    rf"{_NUMBER}/{_NUMBER}|{_FULL_YEAR}[0-9]{{4}}"
    rf"|[0-9]{{1,4}}(?P<part>[-./])(?:{_NUMBER}|[IVX]{{1,4}}|{_NAME})(?P=part)[0-9]{{1,4}}"
    rf"|{_NTH}\s(?:of\s|de\s)?{_NAME},?\s(?:de\s)?['’]?(?:{_FULL_YEAR}|[0-9]{{2}})"
    rf"|{_NAME}\s{_NTH},?\s['’]?{_FULL_YEAR}|{_FULL_YEAR}\s{_NAME}\s{_NTH}"
    r"|\w{1,8}\s?年\s?\w{1,3}\s?月(?:\s?\w{1,3}\s?[日号號])?"
    r")(?:\s\D{0,20})?"
)
"""Numbers as of a day, between few words at most: "Papers of 3/11", "11 listopada 2025"."""
COUNTED: Final = re.compile(
    r"\b(?:issue|vol|volume|no|number|nr|part|edition|episode|top|ausgabe|heft|nummer|band|numéro"
    r"|número|tome|chapter|section|version)\b",
    re.IGNORECASE,
)
_LONGEST: Final = 60
_LONGEST_HEADING: Final = 200
_LONGEST_SEARCHED: Final = 500
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
    text = with_ascii_digits(text.strip(" :·—–-"))
    found = _whole_day(text)
    if found is not None:
        return _day(found, today, where)
    if len(text) <= _LONGEST and _WEEK.fullmatch(text):
        raise _only_a_week(text, where)
    return None


def _whole_day(text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return None
    forms = _WHOLE_NUMBERED if not _names_a_month(text) else _WHOLE_NAMED + _WHOLE_NUMBERED
    return next(filter(None, (form.fullmatch(text) for form in forms)), None)


def _names_a_month(text: str) -> bool:
    """Whether to look for the names of months, which are so many that looking takes long."""
    return not MONTHS.keys().isdisjoint(_WORD.findall(text.lower()))


def lies_ahead(day: date, today: date) -> bool:
    """Whether a day is after tomorrow: one day's difference is a time zone's, more an error."""
    return (day - today).days > _DAYS_AHEAD


def says_none(moment: datetime) -> bool:
    """Whether a moment is what programs write where they know none: year 1, or the epoch."""
    return moment.year < _FIRST_JOURNAL or moment == _EPOCH


def is_day(text: str) -> bool:
    """Whether a line is written like a day and nothing else."""
    return _whole_day(with_ascii_digits(text.strip(" :·—–-"))) is not None


def day_within(text: str, today: date, where: str) -> date | None:
    """Find the one day with its year in a heading such as "Papers of 11 March 2026".

    Raises
    ------
    DigestError
        As `day_of`.
    """
    if len(text) > _LONGEST_HEADING:
        return None
    text = with_ascii_digits(text)
    if not any(map(str.isdigit, text)):
        return None
    forms = _WITHIN_NUMBERED if not _names_a_month(text) else _WITHIN_NAMED + _WITHIN_NUMBERED
    for form in forms:
        for found in form.finditer(text):
            before = text[: found.start()]
            if found["year"] and not (_DEADLINE.search(before) or is_of_event(before)):
                return _day(found, today, where)
    if week := _WEEK.search(text):
        raise _only_a_week(week[0], where)
    return None


def day_in_heading(text: str, today: date, where: str) -> date | None:
    """Find the day of a heading above papers; None where it names none, or that of an event.

    Raises
    ------
    DigestError
        As `day_of`, and where it names a day in a way that is not understood: its papers would be
        of today.
    """
    day = day_of(text, today, where) or day_within(text, today, where)
    day = day or _day_at_end(text, today)
    bare = with_ascii_digits(text.strip(" :·—–-"))
    is_other = COUNTED.search(bare) is not None or is_of_event(bare)
    if day is None and not is_other and _LIKE_A_DAY.fullmatch(bare):
        raise DigestError(
            where, f"'{text}' may be a day, which cannot be read; write it as 2026-03-11"
        )
    return day


def mentions_a_day(text: str) -> bool:
    """Whether a day stands somewhere in a text, with its year or with the name of its month."""
    text = with_ascii_digits(text[:_LONGEST_SEARCHED])
    if not any(map(str.isdigit, text)):
        return False
    if _names_a_month(text) and any(form.search(text) for form in _WITHIN_NAMED):
        return True
    numbered = (found for form in _WITHIN_NUMBERED for found in form.finditer(text))
    return any(found["year"] is not None for found in numbered)


def _day_at_end(text: str, today: date) -> date | None:
    """Find a day without its year at the end of a heading, where it was lately."""
    text = with_ascii_digits(text.strip(" :·—–-"))
    if len(text) > _LONGEST or not any(map(str.isdigit, text)) or not _names_a_month(text):
        return None
    found = next(filter(None, (form.fullmatch(text) for form in _AT_END)), None)
    # "Week of 12 January", "12 January - 18 January": which day is meant?
    before = "" if found is None else found["before"]
    if found is None or _names_a_month(before) or _BEGINS_A_WEEK.search(before):
        return None
    if is_of_event(text[: min(found.start("month"), found.start("day"))]):
        return None
    month, number = _month(found["month"]), int(found["day"])
    days = [_date(year, month, number) for year in (today.year, today.year - 1)]
    lately = [day for day in days if day and -_DAYS_AHEAD <= (today - day).days <= _LONGEST_AGO]
    return lately[0] if lately else None


def with_ascii_digits(text: str) -> str:
    """Write Arabic, full-width and other digits as 0 to 9, and Han numerals before 年, 月, 日."""
    if text.isascii():
        return text
    text = _OTHER_DIGIT.sub(lambda found: str(decimal(found[0])), text)
    return _HAN_NUMBER.sub(lambda found: _han_number(found[0]), text)


def _han_number(written: str) -> str:
    """Read 三十一 by tens, and 二〇二五 by its digits.

    Examples
    --------
    >>> [_han_number(each) for each in ("十", "三十一", "二〇二五")]
    ['10', '31', '2025']
    """
    tens, ten, ones = written.partition("十")
    if ten:
        return f"{_han_number(tens) if tens else 1}{_han_number(ones) if ones else 0}"
    return "".join(str(_HAN_NUMERALS.index("〇" if each == "零" else each)) for each in written)


def _only_a_week(week: str, where: str) -> DigestError:
    return DigestError(
        where, f"'{week}' is a week, which begins on other days elsewhere; write a day of it"
    )


def _day(found: re.Match[str], today: date, where: str) -> date:
    named = found.groupdict()
    if named.get("either") is not None:
        return _one_of_two(found, today, where)
    number = _month(found["month"])
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


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return _ROMAN.index(written) if written in _ROMAN else MONTHS[written.lower()]


def _full_year(written: str) -> int:
    era, written = written[:2], written.lstrip("'’")
    if era in _FIRST_OF_ERA:
        first = _FIRST_OF_ERA[era]
        return first if written[2:] == "元" else first - 1 + int(written[2:])
    year = int(written)
    return year + _CENTURY if year < _SHORT_YEAR and len(written) == len("26") else year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
