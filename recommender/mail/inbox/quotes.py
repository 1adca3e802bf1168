"""Mail: what a person wrote, without what they quoted and without their signature. Pure.

Who answers on a phone sends our whole newsletter back.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_TEXT: Final = 20_000
"""Characters of what a person wrote that are looked at."""

LONGEST_ATTRIBUTION: Final = 500

_QUOTE = re.compile(r"^\s*[>|]")
_SEPARATOR = re.compile(
    r"^\s*(-{2,}\s*(original message|urspr.{1,10}ngliche nachricht|message d.origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht|forwarded message"
    r"|weitergeleitete nachricht).*|_{8,}|-{8,})\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"^\s*(on|am|le|el|il|op|em|den)\b.{0,300}(wrote|schrieb|[ée]crit|escribi[óo]|scritto|schreef"
    r"|escreveu|skrev)\b.{0,80}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_HEADER_LINE = re.compile(
    r"^\s*\*?(from|von|de|da|van|fra|från|sent|gesendet|envoy[ée]|enviado|inviato|verzonden|date"
    r"|datum|to|an|[àa]|para|subject|betreff|objet|asunto|oggetto|onderwerp)\s*:\*?\s",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(--\s*|\s*(sent|get) (from|with|using|outlook).{0,60}|\s*(von|mit) meinem .{0,40} gesendet.*"
    r"|\s*(gesendet mit|diese nachricht wurde von meinem).{0,80}"
    r"|\s*envoy[ée] (de|depuis) mon.{0,60}"
    r"|\s*enviado desde mi.{0,60}|\s*inviato da(l mio)? .{0,60})$",
    re.IGNORECASE,
)
_ATTRIBUTION_LINES = 3
_HEADER_BLOCK_LINES = 2


def without_quotes(text: str) -> str:
    """Leave out what was quoted and who signs; pure text in, pure text out."""
    kept: list[str] = []
    lines = text[:LONGEST_TEXT].splitlines()
    for index, line in enumerate(lines):
        if _ends_here(lines, index):
            break
        if not _QUOTE.match(line):
            kept.append(line.strip())
    return "\n".join(kept).strip()


def _ends_here(lines: list[str], index: int) -> bool:
    line = lines[index]
    if _SEPARATOR.match(line) or _SIGNATURE.match(line):
        return True
    # Mail programs fold the line that says who wrote what follows.
    for number in range(1, _ATTRIBUTION_LINES + 1):
        if _ATTRIBUTION.match(" ".join(lines[index : index + number])[:LONGEST_ATTRIBUTION]):
            return True
    block = lines[index : index + _HEADER_BLOCK_LINES]
    return len(block) == _HEADER_BLOCK_LINES and all(_HEADER_LINE.match(each) for each in block)
