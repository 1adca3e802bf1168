"""Mail: notices for people about mail that came back, in no standard form. Pure.

Whether a mail is one, whether it tells of a failure, a delay or a success, and what servers said in
it. What it is about is judged elsewhere (`failure_causes`). Gaps in patterns are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from recommender.mail.inbox.report_forms import ReportForm

MOST_ANSWERS: Final = 10
"""Answers of servers that are looked at."""

ANSWERING_PROGRAMS: Final = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From")
"""Headers of programs that answer for people."""

_LINES_OF_AN_ANSWER = 6


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


ABSENCE: Final = re.compile(
    r"^\W{0,20}(out of (the )?office|automatic reply|auto(matic)?[- ]?(response|reply)|vacation"
    r"|on (holiday|leave)|abwesen|autom.{0,12}antwort|r[ée]ponse automatique|absence du bureau"
    r"|respuesta autom|fuera de la oficina|risposta automatica|afwezig|fr[åa]nvarande)",
    re.IGNORECASE,
)
"""Subjects of people who are away."""

_DAEMON = _any_of(
    r"mailer[-_. ]?daemon|post[-_.]?master|mail[-_ .]?(?:delivery|deliver)|mdaemon",
    r"mail administrator|delivery (?:sub)?system|bounce|mail system|mail router|mailsystem",
    r"microsoft exchange|system administrator",
)
_FAILURE_SUBJECT = _any_of(
    r"undeliver|deliver\w* .{0,30}fail|fail\w* .{0,30}deliver|delivery status",
    r"delivery (?:problem|error|notification)|returned (?:e?-?mail|to sender|message)",
    r"failure (?:notice|delivery)",
    r"(?:mail|message|delivery) .{0,20}(?:fail|could not|not delivered|returned|bounce|error"
    r"|problem|undeliv)",
    r"non[- ]?(?:delivery|remis)|unzustellbar|nicht zugestellt|unable to deliver",
    r"could ?n.t deliver|не доставлено|loop alert|failed mail|mail failure|not delivered",
    r"processing error|reject\w* (?:mail|message)|mail .{0,20}rejected|smtp server: errors",
    r"no entregad|non recapitabile|mail system error|user unknown|can'?t be delivered",
    r"退信|退回|エラー|無法|配信",
)
_FAILURE_WORDS = _any_of(
    r"(?:could|can|has|have|was|were|did|is) ?(?:not|n.t) (?:be |been )?(?:deliver|reach|sent"
    r"|relay|able to deliver)\w*",
    r"undeliver\w*|unable to (?:deliver|relay|send)",
    r"deliver\w* .{0,40}?(?:fail|error|not possible|impossible|unsuccessful)",
    r"fail\w* .{0,40}?deliver|not delivered|cannot (?:be )?(?:deliver|send|sent)",
    r"permanent (?:fatal )?error|returned to sender|wasn.t able to deliver",
    r"error .{0,30}?(?:deliver|message)|giv\w+ up|rejected|bounced?\b",
    r"invalid (?:final|user|recipient)|trouble delivering",
    r"follow\w* (?:address|recipient)\w*.{0,30}?(?:fail|error)|message was not",
    r"无法(?:发送|送达|投递)|n'a pas pu|did not reach|action not taken",
    r"(?:user|mailbox|recipient) (?:unknown|unavailable|not found)",
    r"(?:no such|unknown) (?:user|recipient)",
)
_DELAY = _any_of(
    r"warning message only|not yet (?:been )?(?:deliver|able)",
    r"will (?:continue|keep|be) (?:to )?(?:be )?(?:try|retr|attempt)\w*|has been delayed",
    r"is delayed|still (?:trying|being)|will retry|delivery (?:is |has been )?delayed",
    r"no action is required|attempts? will continue|been postponed|not need to take any action",
    r"you do not need to (?:resend|re-?send)",
    r"could not be delivered .{0,20}for the last \d+ hours?.{0,80}will",
)
_DELAY_SUBJECT = _any_of(
    r"\bdelay|warning: (?:could not|message|mail|delivery|e-?mail)|will be retried|still trying",
)
_SUCCESS = _any_of(
    r"\bsuccess\w* deliver|deliver\w* .{0,30}?\bsuccess",
    r"was (?:successfully )?(?:delivered|relayed) to|return receipt",
)
_SUCCESS_SUBJECT = re.compile(r"\bsuccess|\bread:|receipt|\brelay(?:ed)?\)", re.IGNORECASE)
_REJECTION_SUBJECT = re.compile(r"reject|refus|fail", re.IGNORECASE)
# Behind these, the program's own words follow, and not the subject of our message.
_TELLING_SUBJECT = re.compile(
    r"(?:returned mail|delivery failure|mail delivery failed|warning|mail failure)\b", re.IGNORECASE
)
# What was answered before a recipient was named concerns who sends.
_AFTER_DATA = re.compile(r"(?:in reply to|after)\s{1,9}end\s{1,9}of\s{1,9}data", re.IGNORECASE)
_BEFORE_RECIPIENT = _any_of(
    r"(?:after|in reply to|in response to|response to|did not like our|reply to) (?:sending "
    r")?(?:the )?(?:ehlo|helo|mail from|initial connection|connect|greeting|banner)",
    r">>> ?(?:mail from|helo|ehlo)[^\n]{0,300}\n[ \t]{0,20}<<<[ \t]{0,4}[45]\d\d",
)
_NAMES_MESSAGE = _any_of(
    r"[ \t>]{0,8}(?:from|to|cc|date|sent|subject|message-id|sender|reply-to|mail from|size"
    r"|subject of|content-[a-z]{1,20}|mime-version)[^:\n]{0,30}:",
    r"[ \t]{1,8}charset=",
)
# A reply code, alone or before its words; not the seconds, sizes and addresses of a notice.
_REPLY = re.compile(
    r"(?<![\w.:/@-])(?:[45]\d\d(?:[ \-:]+|$)|#?\(?#?[45]\.\d{1,3}\.\d{1,3}\)?)(?![\d:]).{0,600}"
)
_PERMANENT_REPLY = re.compile(r"5\d\d|#?\(?#?5\.")


def is_from_mail_system(form: ReportForm) -> bool:
    """Return whether a mail system wrote it, by its names or form."""
    if any(_DAEMON.search(form.headers.get(name, "")) for name in ("from", "sender")):
        return True
    return form.headers.get("return-path") == "<>" or form.types[0] == "multipart/report"


def is_automatic_answer_of_person(headers: Mapping[str, str]) -> bool:
    """Return whether a person's program answered in their place, by names in lower case."""
    return (
        ABSENCE.search(headers.get("subject", "")) is not None
        or any(name.lower() in headers for name in ANSWERING_PROGRAMS)
        or headers.get("auto-submitted", "").lower().startswith("auto-replied")
    )


def tells_of_failure(form: ReportForm, *, is_of_mail_system: bool) -> bool:
    """Return whether it says that mail did not arrive, or not yet."""
    subject = form.headers.get("subject", "")
    if ABSENCE.search(subject):
        return False
    if _FAILURE_SUBJECT.search(subject):
        return True
    if is_of_mail_system and _DELAY.search(form.notice):
        return True
    says_so = _FAILURE_WORDS.search(form.notice) is not None
    return says_so and (is_of_mail_system or bool(answers_in(form.notice)))


def tells_of_success(form: ReportForm) -> bool:
    """Return whether it says that mail arrived, or was read."""
    subject = form.headers.get("subject", "")
    return bool(_SUCCESS_SUBJECT.search(subject) or _SUCCESS.search(form.notice))


def tells_of_delay(form: ReportForm) -> bool:
    """Return whether it says that delivery is still being tried."""
    subject = form.headers.get("subject", "")
    return bool(_DELAY_SUBJECT.search(subject) or _DELAY.search(form.notice))


def is_receipt(form: ReportForm) -> bool:
    """Return whether it says that somebody, or their filter, has seen the mail.

    Filters that refuse a mail write such receipts, too.
    """
    is_one = "message/disposition-notification" in form.types
    return is_one and not _REJECTION_SUBJECT.search(form.headers.get("subject", ""))


def is_before_recipient(words: str) -> bool:
    """Return whether something was answered before a recipient was named."""
    return _BEFORE_RECIPIENT.search(words) is not None


def is_after_data(words: str) -> bool:
    """Return whether something was answered to the message itself."""
    return _AFTER_DATA.search(words) is not None


def told_words(form: ReportForm) -> list[str]:
    """Return the words for people: without those that name our message, and a telling subject.

    Paragraphs end like sentences, so that nothing is read across them.
    """
    subject = form.headers.get("subject", "")
    lines = (line for line in form.notice.split("\n") if not _NAMES_MESSAGE.match(line))
    notice = "\n".join(line if line.strip() else " . " for line in lines)
    return [notice, subject] if _TELLING_SUBJECT.match(subject) else [notice]


def answers_in(notice: str) -> list[str]:
    """Return what servers said in a notice, the permanent first.

    An answer goes from a reply code to the next, a line that begins with an address, or a blank
    line.
    """
    answers: list[str] = []
    lines = notice.split("\n")
    for number, line in enumerate(lines):
        found = _REPLY.search(line)
        if found is None:
            continue
        words = [found[0]]
        for more in lines[number + 1 : number + _LINES_OF_AN_ANSWER]:
            begins_another = more.lstrip().startswith((">>>", "<"))
            if not more.strip() or begins_another or _REPLY.search(more):
                break
            words.append(more)
        answers.append(" ".join(" ".join(words).split()))
        if len(answers) == 2 * MOST_ANSWERS:
            break
    return sorted(answers, key=lambda each: _PERMANENT_REPLY.match(each) is None)[:MOST_ANSWERS]
