"""SpamAssassin's own rules, without network, find nothing wrong with our mails."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from recommender.jobs.people import subscriptions

pytestmark = pytest.mark.system

POINTS_ALLOWED = 2.0

# Every rule that may fire, and why. Anything else is to be fixed, or explained here.
EXPLAINED = {
    "NO_RECEIVED": "the test hands the mail in directly, no server has stamped it",
    "NO_RELAYS": "the same",
    "HTML_MESSAGE": "it has an HTML part, which says nothing",
    "WEIRD_PORT": "the pages of the test are at a port of the loopback interface",
    "NORMAL_HTTP_TO_IP": "the same, at an address in place of a name",
    "NUMERIC_HTTP_ADDR": "the same",
    "MAILING_LIST_MULTI": "it is a mailing list, and looks like one: fewer points",
    "DKIM_SIGNED": "nobody looks the key up without a network",
    "T_SCC_BODY_TEXT_LINE": "informational",
}


def judged(content: bytes) -> tuple[float, set[str]]:
    """Return the points and the rules that fired."""
    finished = subprocess.run(
        ["/usr/bin/spamassassin", "--local", "--test-mode"],
        input=content,
        capture_output=True,
        check=True,
        timeout=120,
    )
    said = finished.stdout.decode("utf-8", "replace")
    details = said.partition("Content analysis details:")[2]
    points = re.search(r"\(\s*(-?[\d.]+) points", details)
    assert points is not None, said
    rules = re.findall(r"^\s*-?\d+\.\d+ ([A-Z][A-Z0-9_]+)", details, re.MULTILINE)
    return float(points[1]), set(rules)


def test_no_mail_of_ours_looks_like_spam(with_digest: Any, sink: Any) -> None:
    with with_digest.services() as services, services.change() as session:
        subscriptions.request_subscription(
            services, session, "new@example.org", network="192.0.2.1"
        )
    with_digest.import_subscribers(1)
    with_digest.do("send", "--now")
    confirmation = sink.wait_for("new@example.org")
    newsletter = sink.wait_for("reader1@example.org")

    for mail in (confirmation, newsletter):
        points, rules = judged(mail.content)
        assert points < POINTS_ALLOWED, (mail.subject, points, rules)
        assert rules <= set(EXPLAINED), (mail.subject, rules - set(EXPLAINED))
