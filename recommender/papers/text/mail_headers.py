"""Room 1, papers: the head of a mail where it stands in a text: forwarded, quoted, pasted. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

HEADER: Final = re.compile(
    r"\s*\*?(?:from|date|sent|subject|to|cc|reply-to|von|gesendet|datum|betreff|an|kopie|de|envoyé"
    r"|objet|à|fecha|asunto|para|enviado|da|data|oggetto|a|van|verzonden|onderwerp|aan"
    r"|发件人|日期|主题|收件人|差出人|件名|宛先|list-\w+)\s?\*?\s?[:：]\*?",
    re.IGNORECASE,
)
"""A line of a mail's head, as mail programs write it into a text."""

FROM: Final = re.compile(
    r"\s*\*?(?:from|von|de|da|van|发件人|差出人)\s?\*?\s?[:：]\*?\s?\S", re.IGNORECASE
)
DATED: Final = re.compile(
    r"\s*\*?(?:date|sent|gesendet|datum|envoyé|fecha|enviado|data|verzonden|日期)\s?\*?\s?[:：]\*?"
    r"(?P<said>.{6,100})",
    re.IGNORECASE,
)
_MONTHS: Final = (
    *(("jan", "ene", "gen"), ("feb", "fév", "fev"), ("mar", "mär", "mrz", "mrt")),
    *(("apr", "avr", "abr"), ("may", "mai", "mei", "mag", "may"), ("jun", "juin", "giu")),
    *(("jul", "juil", "lug"), ("aug", "aoû", "ago"), ("sep", "set"), ("oct", "okt", "ott", "out")),
    *(("nov",), ("dec", "dez", "déc", "dic")),
)
_NUMBER_OF: Final = {name: n for n, names in enumerate(_MONTHS, start=1) for name in names}
_NAME: Final = r"(?P<month>[^\W\d_]{3,10})\.?"
_DAYS: Final = (
    re.compile(r"(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)-(?P<day>\d\d)"),
    re.compile(r"(?P<year>(?:19|20)\d\d)年(?P<number>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(rf"\b(?P<day>\d{{1,2}})\.?\s(?:de\s)?{_NAME}\s(?:de\s)?(?P<year>(?:19|20)\d\d)"),
    re.compile(rf"\b{_NAME}\s(?P<day>\d{{1,2}}),?\s(?P<year>(?:19|20)\d\d)"),
)


def day_in(text: str) -> date | None:
    """Read the day in a line such as ``Tue, Mar 10, 2026 at 2:03 AM``; None where it is unclear."""
    for form in _DAYS:
        found = form.search(text)
        if found is None:
            continue
        names = found.groupdict()
        month = names.get("number") or _month(names.get("month") or "")
        try:
            return date(int(found["year"]), int(month or 0), int(found["day"]))
        except ValueError:
            continue
    return None


def _month(name: str) -> int:
    folded = name.casefold()
    return _NUMBER_OF.get(folded[:4], _NUMBER_OF.get(folded[:3], 0))
