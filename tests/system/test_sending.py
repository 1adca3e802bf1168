"""`recommender send` into a real mail server that defers and refuses."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from recommender.domain import DeliveryState

READERS = 200
DEFERRED = "451 4.7.1 greylisted, come back later"
REFUSED = "550 5.1.1 no such mailbox here"


def every_tenth_deferred_every_twentieth_refused() -> Any:
    """Answer a new recipient by their number; who was deferred is taken the next time."""
    deferred: set[str] = set()

    def answer(recipient: str, number: int) -> str:
        if number % 20 == 0:
            return REFUSED
        if number % 10 == 0 and recipient not in deferred:
            deferred.add(recipient)
            return DEFERRED
        return "250 2.0.0 taken"

    return answer


@pytest.fixture
def sent_once(with_digest: Any, sink: Any) -> Any:
    """Send 200 issues into a server that answers every tenth 451 and every twentieth 550."""
    with_digest.import_subscribers(READERS)
    sink.answer = every_tenth_deferred_every_twentieth_refused()
    with_digest.report = json.loads(with_digest.do("send", "--now", "--json"))
    return with_digest


def test_an_answer_451_or_550_to_some_stops_nobody_else_and_a_retry_sends_nothing_twice(
    sent_once: Any, sink: Any, promised_keys: Any
) -> None:
    states = {"sent": 180, "deferred": 10, "failed": 10, "in_doubt": 0, "held_back": 0}
    assert sent_once.report == {"issues": READERS, "deliveries": states}
    assert sent_once.report.keys() == promised_keys("send")
    assert set(Counter(mail.recipient for mail in sink.mails()).values()) == {1}
    assert len(sink.mails()) == 180
    ids_of_first_run = sink.message_ids()
    first_run = list(sink.mails())

    again = json.loads(sent_once.do("send", "--now", "--json"))

    assert again["issues"] == 0
    assert again["deliveries"] == dict.fromkeys(states, 0) | {"sent": 10}
    late = sink.mails()[len(first_run) :]
    assert {mail.recipient for mail in late} == {
        recipient for recipient, number in sink.numbers.items() if number % 20 == 10
    }
    assert set(Counter(mail.recipient for mail in sink.mails()).values()) == {1}
    assert sink.message_ids() == ids_of_first_run
    assert {len(ids) for ids in ids_of_first_run.values()} == {1}

    failed = [each for each in sent_once.deliveries() if each.state is DeliveryState.FAILED]
    assert {each.recipient for each in failed} == {
        recipient for recipient, number in sink.numbers.items() if number % 20 == 0
    }
    assert {each.last_reply for each in failed} == {REFUSED}
    assert json.loads(sent_once.do("stats", "--json"))["deliveries"]["failed"] == 10


def test_without_a_mail_server_everything_stays_queued_and_goes_out_when_there_is_one(
    with_digest: Any, sink: Any
) -> None:
    with_digest.import_subscribers(3)
    with_digest.settings["SMTP__PORT"] = "9"  # discard: nobody listens there

    line = with_digest.fail("send", "--now", status=1)

    assert "127.0.0.1:9" in line
    assert "check smtp.host and smtp.port" in line
    assert {each.state for each in with_digest.deliveries()} == {DeliveryState.QUEUED}

    with_digest.settings["SMTP__PORT"] = str(sink.port)
    with_digest.do("send")

    assert {each.state for each in with_digest.deliveries()} == {DeliveryState.SENT}
    assert sorted(mail.recipient for mail in sink.mails()) == [
        f"reader{number}@example.org" for number in (1, 2, 3)
    ]


def test_a_server_without_starttls_gets_no_mail_unless_the_configuration_says_plain(
    with_digest: Any, sink: Any
) -> None:
    with_digest.import_subscribers(1)
    del with_digest.settings["SMTP__SECURITY"]

    line = with_digest.fail("send", "--now", status=1)

    assert "STARTTLS" in line
    assert sink.mails() == []


def test_a_dry_run_stores_and_sends_nothing(with_digest: Any, sink: Any) -> None:
    with_digest.import_subscribers(2)
    before = with_digest.database_hashes()

    plans = json.loads(with_digest.do("send", "--now", "--dry-run", "--json"))

    assert with_digest.database_hashes() == before
    assert sink.mails() == []
    assert [plan["subscriber"] for plan in plans] == ["reader1@example.org", "reader2@example.org"]
    assert [paper["position"] for paper in plans[0]["papers"]] == list(range(1, 11))


def test_send_to_one_address_sends_to_nobody_else(with_digest: Any, sink: Any) -> None:
    with_digest.import_subscribers(3)

    with_digest.do("send", "--now", "--to", "reader2@example.org")

    assert [mail.recipient for mail in sink.mails()] == ["reader2@example.org"]
    assert "nobody subscribed" in with_digest.fail("send", "--to", "who@example.org", status=1)


def test_an_issue_that_is_not_due_is_not_sent_without_now(with_digest: Any, sink: Any) -> None:
    with_digest.import_subscribers(2)

    report = json.loads(with_digest.do("send", "--json"))

    assert report["issues"] == 0
    assert sink.mails() == []


def test_where_something_was_to_go_and_nothing_went_it_ends_with_1(
    with_digest: Any, sink: Any
) -> None:
    with_digest.import_subscribers(2)
    sink.answer = lambda _recipient, _number: "451 4.3.0 later"

    refused = with_digest.run("send", "--now", "--json")

    assert refused.returncode == 1
    assert json.loads(refused.stdout)["deliveries"]["deferred"] == 2
    # Nothing is due: what cron starts every hour does not fail for that.
    assert with_digest.run("send").returncode == 0
    assert with_digest.run("send", "--to", "reader1@example.org").returncode == 1
