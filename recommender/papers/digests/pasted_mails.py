"""Room 1, papers: the head of a mail that somebody pasted above its papers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from recommender.papers.text.mail_headers import DATED, FROM, HEADER, day_in

NumberedLine = tuple[int, str]

_FEWEST_HEADERS: Final = 3
_FRONT: Final = 6
_YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}\b")


def with_day_of_mail(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Write the day on which a mail was sent in the place of its head.

    Its subject and people say nothing of papers. Where the lines below name a day of their own,
    nothing stands there.
    """
    begin = next((at for at, (_, raw) in enumerate(lines) if raw.strip()), len(lines))
    head = list(takewhile(lambda each: HEADER.match(each[1]), lines[begin:]))
    marked = [(number, found) for number, raw in head if (found := DATED.match(raw))]
    days = [(number, sent) for number, found in marked if (sent := day_in(found["said"]))]
    if len(head) < _FEWEST_HEADERS or not days or not any(FROM.match(raw) for _, raw in head):
        return list(lines)
    below = lines[begin + len(head) :]
    front = [raw for _, raw in below if raw.strip()][:_FRONT]
    day = [] if any(map(_YEAR.search, front)) else [(days[0][0], days[0][1].isoformat())]
    return [*day, *below]
