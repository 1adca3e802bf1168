"""Mail: what a mail says that comes back for one of ours: a failure, a complaint, or nothing. Pure.

Whom it concerns is never read from a report: anybody can write one. That, the signed address says
to which it came, or what we signed in the message that it carries (`signed_references`). How
reports are taken apart: `report_forms`; what their words and codes mean: `failure_causes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import Message
from typing import Final

from recommender.domain import BounceKind
from recommender.mail.inbox.failure_causes import STATUS_CODE, Cause, cause_of
from recommender.mail.inbox.failure_notices import (
    ABSENCE,
    ANSWERING_PROGRAMS,
    MOST_ANSWERS,
    answers_in,
    is_after_data,
    is_automatic_answer_of_person,
    is_before_recipient,
    is_from_mail_system,
    is_receipt,
    tells_of_delay,
    tells_of_failure,
    tells_of_success,
    told_words,
)
from recommender.mail.inbox.report_forms import ReportForm, header_text, read_form
from recommender.mail.transport.replies import bounded_line

COMPLAINTS: Final = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list"})
"""Feedback types by which a reader wants no more; ``not-spam`` and reports on DMARC are none."""

LONGEST_TYPE: Final = 40
"""Characters before the semicolon of a Diagnostic-Code, which say whose words follow."""


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What came back.

    Attributes
    ----------
    enhanced_status_code : str or None
        ``5.1.1``.
    diagnostic : str
        In one line, safe to store and to print.
    source : str
        ``dsn``, ``unstructured``, ``arf`` or ``smtp``.
    is_final : bool
        False for the warning of a delay: it is tried again, and counts nothing.
    """

    kind: BounceKind
    cause: Cause
    enhanced_status_code: str | None
    diagnostic: str
    source: str
    is_final: bool = True


_KINDS = {
    Cause.ADDRESS: BounceKind.HARD,
    Cause.MAILBOX_FULL: BounceKind.SOFT,
    Cause.TEMPORARY: BounceKind.SOFT,
    Cause.REFUSED: BounceKind.SOFT,
    Cause.COMPLAINT: BounceKind.COMPLAINT,
}

_FAILED_ACTIONS = ("fail", "error", "expired", "bounce", "undeliver", "reject", "return")
_AMAZON = re.compile(r'notificationType\\{0,3}"\s{0,3}:\s{0,3}\\{0,3}"(\w{1,20})')
_AMAZON_WORDS = re.compile(r'diagnosticCode\\{0,3}"\s{0,3}:\s{0,3}\\{0,3}"([^"\\]{1,600})')


def read_report(content: bytes, *, is_to_signed_address: bool = True) -> BounceReport | None:
    """Return what a returned mail means; None where it means nothing. Never raises.

    Nothing mean: confirmations of delivery or reading, automatic answers of
    people, and what is not understood.

    Parameters
    ----------
    content : bytes
        As it came, however broken.
    is_to_signed_address : bool
        It came where nothing but bounces should come: a failure need not have a mail system's name
        or form then. What came to an open address may as well be a person's mail about a bounce.
    """
    form = read_form(content)
    feedback = _feedback(form, is_to_signed_address=is_to_signed_address)
    if feedback:
        return _complaint(feedback)
    # What is a message as a whole was forwarded by somebody to whom it came.
    if form.types[0].startswith("message/") or is_receipt(form):
        return None
    if any("action" in block or "status" in block for block in form.status_blocks):
        return _by_status(form)
    return _by_notice(form, is_to_signed_address=is_to_signed_address)


def is_automatic_answer(message: Message) -> bool:
    """Return whether a person's program answered in their place: they are away, or mail arrived."""
    if ABSENCE.search(header_text(message, "Subject")):
        return True
    if any(message[name] for name in ANSWERING_PROGRAMS):
        return True
    return header_text(message, "Auto-Submitted").lower().startswith("auto-replied")


def judge_failure(status: str | None, diagnostic: str, *, source: str) -> BounceReport:
    """Return what the answer of a server means that did not take a message.

    Parameters
    ----------
    status : str or None
        Enhanced status code.
    diagnostic : str
        Its words; the code that it holds itself goes before ``status``.
    """
    return _judged(status, [diagnostic], source=source)


def _judged(
    status: str | None, answers: list[str], *, source: str, form: ReportForm | None = None
) -> BounceReport:
    own = STATUS_CODE.search(answers[0]) if answers else None
    status = own[1] if own else status
    notices = [] if form is None else told_words(form)
    before_recipient = any(map(is_before_recipient, (*answers, *notices)))
    after_data = any(map(is_after_data, (*answers, *notices)))
    cause = cause_of(
        answers,
        status,
        notices=notices,
        before_recipient=before_recipient,
        after_data=after_data,
    )
    words = next(filter(None, (*answers, *notices)), f"failed with status {status}")
    return BounceReport(_KINDS[cause], cause, status, bounded_line(words), source)


def _delayed(report: BounceReport) -> BounceReport:
    """Return a failure as what it is where the message is still being tried."""
    cause = Cause.MAILBOX_FULL if report.cause is Cause.MAILBOX_FULL else Cause.TEMPORARY
    return replace(report, kind=_KINDS[cause], cause=cause, is_final=False)


def _feedback(form: ReportForm, *, is_to_signed_address: bool) -> Mapping[str, str]:
    """Return the fields of a complaint; empty where it is none."""
    if "x-hmxmroriginalrecipient" in {*form.headers, *form.carried_headers}:
        # Microsoft's programme for complaints: the whole message, and no form.
        return {"feedback-type": "abuse", "user-agent": "JMRP"}
    if is_to_signed_address and form.headers.get("x-apple-unsubscribe", "").lower() == "true":
        return {"feedback-type": "opt-out", "user-agent": "Apple Mail"}
    return form.feedback


def _complaint(fields: Mapping[str, str]) -> BounceReport | None:
    kind = fields.get("feedback-type", "").lower()
    if kind not in COMPLAINTS:
        return None
    agent = fields.get("user-agent", "")
    words = bounded_line(f"{kind} reported by {agent}" if agent else f"{kind} reported")
    return BounceReport(BounceKind.COMPLAINT, Cause.COMPLAINT, None, words, "arf")


def _by_status(form: ReportForm) -> BounceReport | None:
    """Judge a delivery status; of several recipients of ours, a full mailbox goes first."""
    failed: list[BounceReport] = []
    delayed: list[BounceReport] = []
    told = answers_in(form.notice)
    for block in form.status_blocks:
        is_failure = _is_failure(block)
        if is_failure is None:
            continue
        field = block.get("status", "")
        found = STATUS_CODE.search(field)
        diagnostic = _diagnostic(block) or field.partition("(")[2].rstrip(")")
        answers = [diagnostic, *told] if diagnostic else told
        report = _judged(found[1] if found else None, answers, source="dsn", form=form)
        (failed if is_failure else delayed).append(report)
        if len(failed) + len(delayed) == MOST_ANSWERS:
            break
    if failed:
        full = (each for each in failed if each.cause is Cause.MAILBOX_FULL)
        return next(full, failed[0])
    return _delayed(delayed[0]) if delayed else None


def _is_failure(block: Mapping[str, str]) -> bool | None:
    """Return whether a block tells of a failure for good; False: of a delay; None: of neither."""
    action = block.get("action", "").lower()
    status = STATUS_CODE.search(block.get("status", ""))
    if status and status[1].startswith("2"):
        return None
    if action.startswith(_FAILED_ACTIONS):
        return True
    if action:
        return False if action.startswith("delay") else None
    return True if status and status[1].startswith("5") else None


def _diagnostic(block: Mapping[str, str]) -> str:
    """Return the words of a Diagnostic-Code, without the type before its semicolon."""
    value = block.get("diagnostic-code", "")
    kind, _, words = value.partition(";")
    return words.strip() if words.strip() and len(kind) < LONGEST_TYPE else value


def _by_notice(form: ReportForm, *, is_to_signed_address: bool) -> BounceReport | None:
    """Judge a mail without a form, if it is one of a mail system, or came where these come."""
    amazon = _AMAZON.search(form.notice)
    if amazon:
        return _by_amazon(amazon[1].lower(), form.notice)
    if "x-failed-recipients" not in form.headers:
        is_of_mail_system = is_from_mail_system(form)
        if not (is_of_mail_system or is_to_signed_address):
            return None
        if not is_of_mail_system and is_automatic_answer_of_person(form.headers):
            return None
        is_failure = tells_of_failure(form, is_of_mail_system=is_of_mail_system)
        if not is_failure or tells_of_success(form):
            return None
    report = _judged(None, answers_in(form.notice), source="unstructured", form=form)
    return _delayed(report) if tells_of_delay(form) else report


def _by_amazon(kind: str, notice: str) -> BounceReport | None:
    if kind == "complaint":
        return _complaint({"feedback-type": "abuse", "user-agent": "Amazon SES"})
    if kind != "bounce":
        return None
    words = _AMAZON_WORDS.search(notice)
    return _judged(None, [words[1] if words else ""], source="unstructured")
