"""Mail: our own words, where somebody sends them back without marking them as a quote. Pure.

What our templates say is known, whatever the issue: the lines under each paper, the last lines,
the sentences that tell how to vote. A test holds this to the templates.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_LINE: Final = 500
"""Characters of a line that are looked at."""

# Between two words of ours may stand anything that programs put there when they wrap or quote.
_GAP: Final = r"[\s>|:%*_]{1,40}"
_LINK: Final = r"[<\[(]*(?:https?://|mailto:)\S*[>\])]*"


def _sentence(words: str) -> str:
    return _GAP.join(re.escape(each) for each in words.split())


# From both sides of the example to its other side: what was wrapped may be cut anywhere.
_EXAMPLES = re.compile(
    "|".join(
        (
            (
                rf"(?:or{_GAP})?just{_GAP}reply:(?:{_GAP}[+\-*]\d+){{1,3}}"
                rf"(?:{_GAP}{_sentence('likes paper 1, dislikes paper 2 and saves paper 3')}"
                rf"(?:;{_GAP}{_sentence('help lists what else you can write.')})?)?"
            ),
            rf"(?:[+\-*]\d+{_GAP}){{1,3}}{_sentence('likes paper')}",
            rf"[+\-*]\d+(?:{_GAP}[+\-*]\d+){{3}}{_GAP}{_sentence('like 1 and 4, dislike 7, save')}",
            rf"{_sentence('Reply to an issue with')}{_GAP}\*\d+",
            rf"{_sentence('with lines such as hour')}(?:{_GAP}7,)?",
            # The end of a link that writes a vote, where a line was broken.
            rf"y=(?:3D)?=?{_GAP}(?:%2B|[+\-*])\d{{1,2}}\b",
        )
    ),
    re.IGNORECASE,
)
_UNDER_A_PAPER = re.compile(
    rf"(?:\W*(?:(?:more|less)(?: like this)?\b|save\b)\W*(?:{_LINK})?\W*){{1,3}}", re.IGNORECASE
)
_SURELY_UNDER_A_PAPER = re.compile(r"like this|👍|👎|more\W.*less\W.*save", re.IGNORECASE)
_RATE_ALL = r"rate (?:all [\d,.]{1,9} on one page|it on its page):?"
_THUMBS = re.compile(r"[\s\[\]()]*👍[\s\[\]()👎🔖]*")
_LAST_LINES = re.compile(
    rf"\W*(?:(?:view in browser|preferences|unsubscribe|subscribe)\W*(?:{_LINK})?\W*){{1,4}}",
    re.IGNORECASE,
)
_FORM = re.compile(
    rf"{_LINK}|\d{{1,2}}\.\s+\S.*|(?:\d{{1,2}}\s*·\s*)?[\d,.]+ upvotes?|and in short"
    r"|in the digest.s words:.*|forwarded to you\?.*|(?:or )?just reply\b.*|ranked by .*"
    r"|nothing new on .*|search for it at \S+(?: \S+)?|code|project",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"{_RATE_ALL}|confirm your subscription|is it you who asked\?|what you can write|your settings"
    r"|your reading list|you are already subscribed|somebody, we hope it was you, asked .*"
    r"|somebody, we hope it was you",
    re.IGNORECASE,
)
_END = re.compile(r"\S.{0,150} · [^\s@]{1,64}@[^\s@]{1,255}")
_LINK_ONLY = re.compile(_LINK)


def without_examples(text: str) -> str:
    """Leave out the votes that our mails show as examples, wherever lines are broken."""
    return _EXAMPLES.sub(" ", text)


def opens_our_mail(line: str) -> bool:
    """Return whether a line is so much our own that a quote begins there, if none has yet."""
    return bool(
        _OPENING.fullmatch(line)
        or _END.fullmatch(line)
        or _THUMBS.fullmatch(line)
        or (_UNDER_A_PAPER.fullmatch(line) and _SURELY_UNDER_A_PAPER.search(line))
    )


def is_ours(line: str) -> bool:
    """Return whether a line, inside a quote, has a form that lines of our mails have."""
    return bool(
        opens_our_mail(line)
        or _UNDER_A_PAPER.fullmatch(line)
        or _LAST_LINES.fullmatch(line)
        or _FORM.fullmatch(line)
    )


def ends_our_mail(line: str) -> bool:
    """Return whether our mails end with this line; at most a link follows."""
    return bool(_END.fullmatch(line))


def is_link(line: str) -> bool:
    """Return whether a line is nothing but a link."""
    return bool(_LINK_ONLY.fullmatch(line))
