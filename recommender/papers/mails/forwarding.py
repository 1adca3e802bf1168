"""Room 1, papers: what mail programs and lists write around the text of a mail. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from recommender.papers.mails.article_links import article_of
from recommender.papers.text.mail_headers import DATED, FROM, HEADER, day_in

_MOST_LEVELS: Final = 6
_HEADERS_WITHIN: Final = 6
_FEWEST_HEADERS: Final = 2
_FEWEST_BARE_HEADERS: Final = 4
_MOST_HEADER_LINES: Final = 30
_MOST_LINES_OF_A_SIGNATURE: Final = 30
_MOST_LINES_OF_A_FOOTER: Final = 15

_FORWARDED: Final = re.compile(
    r"""[\s>]*(?:
      [-_]{3,}\s?(?:forwarded\ (?:message|by)|original\ message|weitergeleitete\ nachricht
        |urspr(?:ü|ue)ngliche\ nachricht|message\ (?:transf[ée]r[ée]|d'origine)
        |mensaje\ (?:reenviado|original)|messaggio\ (?:inoltrato|originale)
        |mensagem\ (?:encaminhada|original)|doorgestuurd\ bericht|oorspronkelijk\ bericht
        |转发的邮件|原始邮件|転送メッセージ)\b.{0,120}
    | begin\ forwarded\ message\s?: | anfang\ der\ weitergeleiteten\ nachricht\s?:
    | d[ée]but\ du\ message\ (?:transf[ée]r[ée]|réexpédié)\s?: | inicio\ del\ mensaje\ reenviado\s?:
    | _{20,}
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_LIST_FOOTER: Final = re.compile(
    r"mailing list|listinfo|unsubscribe|groups\.google\.com|/lists?/|postorius|hyperkitty|listserv"
    r"|list archive",
    re.IGNORECASE,
)
WROTE: Final = re.compile(
    r"(?:\b(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef)\b.{0,60}|写道"
    r"|书写道|のメール)\s?[:：]\s*\Z",
    re.IGNORECASE,
)
"""Ends "On …, Ann wrote:", which may be wrapped."""

_FEWEST_QUOTED: Final = 4
_LINK: Final = re.compile(r"https?://[^\s<>\"')\]]{4,1000}")
_FOOTER_RULE: Final = re.compile(r"[_=#*-]{10,}")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The text that was sent on.

    Attributes
    ----------
    day : date or None
        Of the innermost mail that was sent on; None where none was, or it does not say so.
    """

    lines: tuple[str, ...]
    day: date | None


def unwrapped(lines: Sequence[str]) -> Unwrapped:
    """Take from a mail's text the headers of forwarding, the marks of quotes, and footers."""
    kept = list(lines)
    day = None
    for _ in range(_MOST_LEVELS):
        quotes = _without_quotes(kept)
        forwarded = _behind_headers(quotes)
        if forwarded is None and quotes == kept:
            break
        kept = quotes
        if forwarded is not None:
            kept, said = forwarded
            day = said or day
    return Unwrapped(tuple(_without_footer(kept)), day)


def _without_quotes(lines: list[str]) -> list[str]:
    """Take one level of ``>`` away where most lines have it, or a line says who wrote them.

    What stands above or below them is an answer, and between blank lines among them a remark. A
    line that follows a quoted one at once is its end, which was wrapped.
    """
    quoted = [n for n, line in enumerate(lines) if line.startswith(">")]
    if not quoted:
        return lines
    written = sum(bool(line.strip()) for line in lines)
    above = [line for line in lines[: quoted[0]] if line.strip()]
    is_answer = bool(above) and WROTE.search(" ".join(above[-2:])) is not None
    if 2 * len(quoted) < written and not (is_answer and len(quoted) >= _FEWEST_QUOTED):
        return lines
    if any(_FORWARDED.fullmatch(line) or HEADER.match(line) for line in above):
        return [_unquoted(line) for line in lines]
    kept: list[str] = []
    goes_on = True
    for line in lines[quoted[0] : quoted[-1] + 1 + _is_wrapped(lines, quoted[-1])]:
        is_quoted = line.startswith(">")
        goes_on = is_quoted or (goes_on and bool(line.strip()))
        kept.append(_unquoted(line) if goes_on else "")
    return kept


def _unquoted(line: str) -> str:
    return line[1:].removeprefix(" ") if line.startswith(">") else line


def _is_wrapped(lines: Sequence[str], last: int) -> bool:
    """Whether the line behind the last quoted one is its end."""
    return last + 1 < len(lines) and bool(lines[last + 1].strip())


def begins_forwarded(lines: Sequence[str], number: int) -> bool:
    """Whether a mail that is sent on begins with a line: a rule that announces it, or its head."""
    return _head_at(lines, number) is not None


def _head_at(lines: Sequence[str], number: int) -> tuple[int, list[str], int] | None:
    """Return the line before a head, what follows it, and where in that the head begins.

    A rule such as Outlook's is none without headers below it.
    """
    is_bare = FROM.match(lines[number]) is not None
    if not is_bare and not _FORWARDED.fullmatch(lines[number]):
        return None
    before = number - is_bare  # its first header announces it
    ahead = lines[before + 1 : before + 1 + _MOST_HEADER_LINES]
    # The marks of quotes begin below the line that announces the mail.
    below = [each.lstrip("> ") for each in ahead]
    start = next((n for n, each in enumerate(below) if each.strip()), len(below))
    headers = [each for each in below[start : start + _HEADERS_WITHIN] if HEADER.match(each)]
    is_head = len(headers) >= (_FEWEST_BARE_HEADERS if is_bare else _FEWEST_HEADERS)
    return (before, below, start) if is_head else None


def _behind_headers(lines: list[str]) -> tuple[list[str], date | None] | None:
    """Return what follows the headers of a mail that was sent on, and its day; None: no headers."""
    for at in range(len(lines)):
        head = _head_at(lines, at)
        if head is None:
            continue
        number, ahead, start = head
        end = next((n for n in range(start, len(ahead)) if not ahead[n].strip()), None)
        if end is None:
            # HTML has no blank lines: the headers end where one line is none.
            end = next(
                (n - 1 for n in range(start, len(ahead)) if not HEADER.match(ahead[n])),
                len(ahead) - 1,
            )
        dates = [found["said"] for each in ahead[start : end + 1] if (found := DATED.match(each))]
        day = next(filter(None, map(day_in, dates)), None)
        return lines[number + 1 + end + 1 :], day
    return None


def _without_footer(lines: list[str]) -> list[str]:
    """Leave out a signature, and what a list adds to each of its mails."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for number in range(max(0, len(lines) - _MOST_LINES_OF_A_SIGNATURE), len(lines)):
        line = lines[number].rstrip("\r")
        if line in ("-- ", "--"):
            return lines[:number]
        is_near_end = len(lines) - number <= _MOST_LINES_OF_A_FOOTER
        if is_near_end and _FOOTER_RULE.fullmatch(line.strip()):
            below = "\n".join(lines[number + 1 :])
            has_papers = "arXiv" in below or any(map(article_of, _LINK.findall(below)))
            if _LIST_FOOTER.search(below) and not has_papers:
                return lines[:number]
    return lines
