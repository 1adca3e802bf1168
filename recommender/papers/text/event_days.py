"""Room 1, papers: lines whose day is that of a deadline or a meeting, not of a digest. Pure."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 300
_MEETING: Final = (
    r"(?:meetings?|talks?|seminars?|workshops?|conferences?|events?|sessions?|lectures?|webinars?"
    r"|treffen|sitzung|vortrag|tagung|seminar|réunion|séminaire|atelier|reunión|seminario|taller)"
)
_OF_EVENT: Final = re.compile(
    r"\b(?:deadlines?|due\s(?:on|by|date)|(?:are|is)\sdue|submi(?:t|ssions?)\b|regist(?:er|rations?)"
    r"|rsvp|apply|applications?|sign\sup|save\sthe\sdate|expires?|closes?\son|open\suntil"
    r"|einreich\w*|frist|anmeld\w*|anmeldeschluss|dates?\slimites?|inscriptions?|soumettre|soumission"
    r"|fecha\slímite|plazo|inscripci(?:ón|ones)|we\s(?:will\s)?meet|wir\streffen\suns"
    rf"|(?:next|upcoming|nächste[rs]?|prochaine?|próxim[oa])\s{_MEETING}"
    rf"|{_MEETING}\s?(?::|[-–—]|\bis\son\b|\bon\b|\bam\b|\ble\b))(?!\w)"
    # "by March 12", "bis 12. März"
    r"|\b(?:until|till|by|before|bis(?:\szum)?|vor(?:\sdem)?|avant(?:\sle)?|hasta(?:\sel)?)"
    r"\s(?=(?:[^\W\d]{3,10}\.?\s)?\d)",
    re.IGNORECASE,
)


def is_of_event(text: str) -> bool:
    """Whether the day that a line names is one of a deadline or a meeting.

    Examples
    --------
    >>> is_of_event("Submit by March 20"), is_of_event("Next meeting: March 12")
    (True, True)
    >>> is_of_event("Papers of the seminar, 11 March 2026")
    False
    """
    return _OF_EVENT.search(text[:_LONGEST]) is not None
