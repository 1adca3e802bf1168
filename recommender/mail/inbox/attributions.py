"""Mail: where a quote begins that somebody's program put into a reply. Pure.

Programs say who wrote what follows in one line ("On … wrote:"), in the first lines of the mail
itself ("From: …"), or by a line of dashes, in any language. So the form decides, not the words:
an attribution ends with a colon and has a date and an address; a block of headers has three lines
``Word: …`` with one of both. Known words help where a program leaves part of it out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from recommender.mail.inbox.our_mail import opens_our_mail
from recommender.mail.inbox.word_lists import any_of

LONGEST_ATTRIBUTION: Final = 500
_MOST_LINES: Final = 4
_MOST_HEADERS: Final = 14
_LOOKED_AHEAD: Final = 30
_ENOUGH_HEADERS: Final = 3
_ENOUGH_KNOWN_HEADERS: Final = 2

MARK: Final = re.compile(
    r"\s*(?:[>|│┃▏▎»›❯]|[}](?=\s)|&gt;|[^\W_][\w.'-]{0,15}>(?!\S*@)|[:%](?=\s|$)|[:%](?=[>:%]))"
)
"""What programs put before each quoted line; with initials in some."""

_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[:.h]\d{2}|(?:20|25|13|14)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?!\d)"
    r"|\d[年년]"
)
_ADDRESS = re.compile(r"[^\s<>@\"':,;]{1,64}@[^\s<>@\"':,;]{2,255}")
_WROTE = any_of(
    r"""
    \b(?:wrote|writes?|written|said|schrieb|schreibt|[ée]crit|[ée]crivait|escribi[óo]
    escrit[ao]?|va escriure|scrisse|scritto|scrive|schreef|geschreven|escreveu|skrev|skreiv
    skriver|skrifaði|kirjoitti|kirjutas|napisa[łlv]|napsala?|nap[íi]sala?|napísal|pisze|píše
    [íi]rta|scris|rašė|rakstīja|yazdı|yazmış|menulis|tulis|viết|shkroi|написал[аи]?|писал[аи]?
    пишет|пише|написав|написа|έγραψε|έγραφε)\b|написа|писа[лв]|napisa|写道|寫道|书写|写了|写到|書きました|書いた
    のメッセージ|からのメール|작성|썼|보낸|כתב|كتب|كتاب|نوشت|लिखा|লিখে|เขียน|გწერ|գրել
    """
)
_OPENING_WORD = any_of(
    r"""
    (?:on|am|le|el|il|op|em|den|d\.|dnia|dne|den|på|vào|pada)\b
    """
)
_TABLE_ROW = re.compile(r"\|[^|]{1,100}\|[^|]*(?:\||$)")
_RULE = re.compile(r"(?:_{8,}|-{8,}|={8,}|[─—–‐=_-]{12,})")
_TITLED_RULE_ENDS = re.compile(r"[-‐–—─]{2}|[_=]{3}|>{3}")
_TWO_LETTERS = re.compile(r"[^\W\d_]\S?[^\W\d_]")
_FORWARDED = re.compile(r"(?:begin forwarded message|original message)\s*:?", re.IGNORECASE)
_HEADER = re.compile(
    r"[\s*_|•]*([^\W\d_][^\s:|<>@\d]{0,30}(?: [^\s:|<>@\d]{1,30}){0,4})"
    r"\s?[*_]*\s{0,3}(?:[:|])(?!//)[*_]*(?:\s.*|[^\s/].*|)"
)
_KNOWN_HEADER = any_of(
    r"""
    from|von|de|da|van|fra|från|sent|gesendet|envoy[ée]|enviado|inviato|verzonden|date|datum|to
    an|[àa]|para|subject|betreff|objet|asunto|oggetto|onderwerp|發件人|发件人|寄件者|差出人|от|кому|тема
    дата|отправлено|主题|主旨|件名|送信日時|发送时间|收件人|宛先
    """
)
# These, a reader writes: settings, as commands.
_OWN_WORDS: Final = frozenset({"hour", "weekdays", "papers", "timezone", "address"})


def is_marked(line: str) -> bool:
    """Return whether a line has a mark of a quote in front; a row of a table has none."""
    is_rule = line.startswith(">>>") and line.endswith(">>>")
    return MARK.match(line) is not None and not is_rule and not _TABLE_ROW.match(line)


def quote_start(lines: Sequence[str], index: int) -> int:
    """Return how many lines, from here on, say that a quote follows; 0 where none does.

    Parameters
    ----------
    lines : sequence of str
        Stripped.
    """
    line = lines[index]
    if not line:
        return 0
    if _RULE.fullmatch(line) or _is_titled_rule(line) or _FORWARDED.fullmatch(line):
        return 1
    return _block_length(lines, index) or _attribution_length(lines, index)


def text_after_attribution(line: str) -> str | None:
    """Return what follows an attribution in its own line; None where there is no attribution.

    Yahoo's apps begin the quote in the same line.
    """
    for match in re.finditer(r":(?=\s+\S)", line[:LONGEST_ATTRIBUTION]):
        before = line[: match.end()]
        if _ADDRESS.search(before) and _DATE.search(before) and _WROTE.search(before):
            return line[match.end() :].strip()
    return None


def _is_titled_rule(line: str) -> bool:
    """Return whether a line is words between dashes: "-----Original Message-----", in any language.

    A person's "-- Ann --" is one too: what follows that is a signature.
    """
    if len(line) > LONGEST_ATTRIBUTION or not _TITLED_RULE_ENDS.match(line):
        return False
    return line[-1] == line[-2] == line[0] and bool(_TWO_LETTERS.search(line))


def _block_length(lines: Sequence[str], index: int) -> int:
    """Return the number of lines of the block of headers that begins here; 0 for none."""
    first = _HEADER.fullmatch(lines[index][:LONGEST_ATTRIBUTION]) if index < len(lines) else None
    if first is None:
        return 0
    number = known = length = blanks = 0
    proof = False
    for offset in range(min(_MOST_HEADERS, len(lines) - index)):
        line = lines[index + offset][:LONGEST_ATTRIBUTION]
        match = _HEADER.fullmatch(line)
        if match is None:
            blanks += not line
            # A folded value, or the blank line that some put between headers; two end it.
            if blanks > 1 or (line and (offset != length or not _is_folded(line))):
                break
            length += bool(line)
            proof = proof or _proves(line)
            continue
        word = match[1].strip().lower()
        if word in _OWN_WORDS:
            break
        blanks = 0
        number += 1
        known += bool(_KNOWN_HEADER.fullmatch(word))
        proof = proof or _proves(line)
        length = offset + 1
    is_block = known >= _ENOUGH_KNOWN_HEADERS or (number >= _ENOUGH_HEADERS and proof)
    return length if is_block else 0


def _proves(line: str) -> bool:
    return bool(_ADDRESS.search(line) or _DATE.search(line))


def _is_folded(line: str) -> bool:
    return bool(_ADDRESS.search(line))


def _attribution_length(lines: Sequence[str], index: int) -> int:
    for number in range(1, _MOST_LINES + 1):
        end = index + number
        if end > len(lines) or not lines[end - 1]:
            break
        if _is_attribution(lines, index, end):
            return 0 if _is_own(lines, index, end) else number
    return 0


def _is_own(lines: Sequence[str], start: int, end: int) -> bool:
    """Return whether the first line is the writer's own, and an attribution begins below it."""
    if lines[start].partition(" ")[0].strip(":").lower() in _OWN_WORDS:
        return True
    whole = _signs(lines, start, end)
    return any(
        whole == _signs(lines, later, end) and _is_attribution(lines, later, end)
        for later in range(start + 1, end)
    )


@dataclass(frozen=True, slots=True)
class _Signs:
    """What of an attribution a few lines have."""

    colon: bool
    verb: bool
    date: bool
    address: bool


def _signs(lines: Sequence[str], start: int, end: int) -> _Signs:
    each = [_signs_of_line(line) for line in lines[start:end]]
    return _Signs(
        colon=each[-1].colon,
        verb=any(signs.verb for signs in each),
        date=any(signs.date for signs in each),
        address=any(signs.address for signs in each),
    )


# Each line is looked at with those before and behind it.
@lru_cache(maxsize=2 * _MOST_LINES)
def _signs_of_line(line: str) -> _Signs:
    return _Signs(
        colon=line.rstrip("-—– *_").endswith((":", "։")),
        verb=_WROTE.search(line) is not None,
        date=_DATE.search(line) is not None,
        address=_ADDRESS.search(line) is not None,
    )


def _is_attribution(lines: Sequence[str], start: int, end: int) -> bool:
    if sum(map(len, lines[start:end])) > LONGEST_ATTRIBUTION:
        return False
    signs = _signs(lines, start, end)
    if signs.colon and signs.date and (signs.address or signs.verb):
        return True
    if signs.colon and signs.verb and _OPENING_WORD.match(lines[start]):
        return True
    if signs.colon and signs.address and (signs.verb or "<" in "".join(lines[start:end])):
        return True
    # Less is enough where what follows is a quote beyond doubt.
    is_likely = signs.colon + signs.verb + signs.date + signs.address > 1
    return is_likely and _is_followed_by_quote(lines, end, signs)


def _is_followed_by_quote(lines: Sequence[str], index: int, signs: _Signs) -> bool:
    first = _next_filled(lines, index)
    if first < len(lines) and is_marked(lines[first]):
        return True
    if not (signs.colon or signs.verb):
        return False
    return any(opens_our_mail(line) for line in lines[first : first + _LOOKED_AHEAD])


def _next_filled(lines: Sequence[str], index: int) -> int:
    while index < len(lines) and not lines[index]:
        index += 1
    return index
