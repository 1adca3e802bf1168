"""Mail: what a person wrote, without what they quoted and without their signature. Pure.

People answer above the quote, below it, or between its lines; some programs mark each line that
they quote, others only say where the quote begins. There, the quote ends where our own mail ends;
before that, only what cannot be ours counts: a line of ratings behind lines of ours.
"""

from __future__ import annotations

import re
from typing import Final

from recommender.mail.inbox.attributions import is_marked, quote_start, text_after_attribution
from recommender.mail.inbox.characters import plain_characters
from recommender.mail.inbox.commands import is_command
from recommender.mail.inbox.our_mail import (
    LONGEST_LINE,
    ends_our_mail,
    is_link,
    is_ours,
    opens_our_mail,
    without_examples,
)
from recommender.mail.inbox.reply_ratings import is_rating
from recommender.mail.inbox.word_lists import any_of

LONGEST_TEXT: Final = 20_000
"""Characters of what a person wrote that are looked at."""

LONGEST_BODY: Final = 300_000
"""Characters that are looked at: whoever answers below sends our whole newsletter before it."""

MOST_LINES: Final = 8_000

QUOTE_BEGINS: Final = "\x02"
QUOTE_ENDS: Final = "\x03"
"""Lines by which `html_body` says that an element that quotes begins and ends."""

_LOOKED_AHEAD: Final = 6
# What a program that does not know quoted-printable shows at the end of lines.
_LEFT_OVER = re.compile(r"(?:=(?:20|09|A0|C2))+=?$|=$")
_SIGNATURE = any_of(
    r"""
    --|__|(?:sent (?:from|via|with|using)|get outlook|sent on) .{0,60}|sent by mobile|(?:von
    mit) meinem .{0,40} gesendet.{0,20}|(?:gesendet (?:mit|von|aus)|diese nachricht wurde
    envoy[ée] (?:de|depuis|[àa] partir|avec|via)|enviado (?:desde|do|de|da|a partir|via|con)
    enviada (?:do|a partir)|inviato (?:da|dal|con)|(?:verzonden|verstuurd) (?:vanaf|met|via|van)
    skickat från|sendt (?:fra|med)|lähetetty|wysłan[eo] z|odesl[aá]no|odoslan[ée]|trimis (?:de
    din)|отправлено (?:с|из|от)|отправлен[оа]? через|надіслано|στάλθηκε|εστάλη|gönderildi
    dikirim (?:dari|menggunakan)|(?:được |đã )?gửi từ|ส่งจาก|发自|發自|נשלח|أ?رسل|فرستاده|ارسال
    से भेजा|poslan[oi] s)\b.{0,80}|(?:发自|發自|נשלח|أُ?رسل|ส่งจาก|gửi từ).{0,80}|(?:従|从我的
    從我的).{1,40}|.{1,30}(?:から送信|에서 보냄|傳送|发送|küldve|gönderildi|से भेजा गया)\W?
    \[?(?:mobile )?signature\]?|.{0,60}<https://aka\.ms/\w{1,20}>.{0,40}
    """
)


def without_quotes(text: str) -> str:
    """Leave out what was quoted and who signs; takes time in proportion to the text."""
    text = without_examples(plain_characters(text[:LONGEST_BODY]))
    lines = [
        _LEFT_OVER.sub("", line.rstrip()[:LONGEST_LINE]).strip()
        for line in text.splitlines()[:MOST_LINES]
    ]
    reading = _Reading(lines)
    reading.read()
    return "\n".join(reading.kept).strip()[:LONGEST_TEXT]


class _Reading:
    """A walk through the lines of a mail.

    Attributes
    ----------
    kept : list of str
        What the person wrote.
    """

    def __init__(self, lines: list[str]) -> None:
        self.kept: list[str] = []
        self._lines = lines
        self._index = 0
        self._is_signature = False
        self._is_quote = False
        self._ours_seen = False
        self._has_words = False
        # Of each element that quotes, from the outermost: whether it stands inside a quote.
        self._elements: list[bool] = []
        self._commands: list[str] = []

    def read(self) -> None:
        while self._index < len(self._lines):
            # A step may pass over lines that follow.
            number = self._step()
            self._index += number
        self._end_quote()

    def _step(self) -> int:
        """Take one line, or the lines that say that a quote follows; return how many."""
        line = self._lines[self._index]
        if line in (QUOTE_BEGINS, QUOTE_ENDS):
            self._take_border(begins=line == QUOTE_BEGINS)
            return 1
        if is_marked(line):
            # The first line of a quote shows whether all its lines have a mark.
            if not (self._is_quote and self._ours_seen):
                self._end_quote()
            return 1
        number = quote_start(self._lines, self._index)
        if number:
            self._end_quote()
            self._begin_quote_at(self._index + number)
            return number
        rest = text_after_attribution(line)
        if rest is not None:
            self._end_quote()
            self._begin_quote()
            line = rest
        self._take(line)
        return 1

    def _take_border(self, *, begins: bool) -> None:
        """Begin or end a quote, but for the elements inside one: our own mails have such."""
        if begins:
            self._elements.append(self._is_quote and self._has_words)
            is_inside = self._elements[-1]
        else:
            is_inside = bool(self._elements) and self._elements.pop()
        if is_inside:
            return
        self._end_quote()
        if begins:
            self._begin_quote()

    def _take(self, line: str) -> None:
        if self._is_quote:
            self._take_quoted(line)
        elif opens_our_mail(line):
            self._end_quote()
            self._begin_quote()
            self._take_quoted(line)
        elif self._is_signature:
            return
        elif _SIGNATURE.fullmatch(line):
            self._is_signature = True
        else:
            self.kept.append(line)

    def _take_quoted(self, line: str) -> None:
        self._has_words = self._has_words or bool(line)
        if is_ours(line):
            self._ours_seen = True
            self._commands.clear()
            if ends_our_mail(line):
                self._end_quote()
                following = self._lines[self._index + 1 : self._index + 2]
                if following and is_link(following[0]):
                    self._index += 1
        elif is_rating(line) and self._ours_seen:
            self.kept.append(line)
        elif is_command(line) and self._ours_seen:
            self._commands.append(line)

    def _begin_quote(self) -> None:
        self._is_quote, self._ours_seen, self._has_words = True, False, False

    def _begin_quote_at(self, index: int) -> None:
        """Begin a quote behind the line that says so, unless its lines are marked one by one."""
        ahead = [line for line in self._lines[index : index + _LOOKED_AHEAD] if line]
        own = 0
        while own < len(ahead) and (is_rating(ahead[own]) or is_command(ahead[own])):
            own += 1
        if not (own < len(ahead) and is_marked(ahead[own])):
            self._begin_quote()

    def _end_quote(self) -> None:
        # A command is the reader's where nothing of ours follows it.
        self.kept += self._commands
        self._commands.clear()
        self._is_quote = self._is_signature = self._ours_seen = False
