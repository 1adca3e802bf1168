"""Commands are read from tag, subject or first line, in any case, and never from prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.mail.inbox.commands import Command, Verb, read_command


@pytest.mark.parametrize(
    ("tag", "subject", "text", "expected"),
    [
        ("subscribe", "anything", "", Command(Verb.SUBSCRIBE)),
        ("subscribe", "", "graphs\nand pruning", Command(Verb.SUBSCRIBE, "graphs and pruning")),
        ("", "SUBSCRIBE", "", Command(Verb.SUBSCRIBE)),
        ("", "hello", "subscribe\ngraphs", Command(Verb.SUBSCRIBE, "graphs")),
        ("unsubscribe", "", "", Command(Verb.UNSUBSCRIBE)),
        ("", "Re: AW: Leave", "", Command(Verb.UNSUBSCRIBE)),
        ("", "", "STOP!", Command(Verb.UNSUBSCRIBE)),
        ("", "Re[2]: resume", "", Command(Verb.RESUME)),
        ("", "pause 14 days", "", Command(Verb.PAUSE, "14")),
        ("", "", "pause for 2 weeks", Command(Verb.PAUSE, "14")),
        ("", "pause 3", "", Command(Verb.PAUSE, "3")),
        ("", "settings", "", Command(Verb.SETTINGS)),
        ("", "", "hour 7\nweekdays: mon thu", Command(Verb.SETTINGS, "hour 7; weekdays mon thu")),
        ("", "settings", "papers = 5", Command(Verb.SETTINGS, "papers 5")),
        ("", "Timezone Europe/Berlin", "", Command(Verb.SETTINGS, "timezone Europe/Berlin")),
        ("", "", "address: <New@example.org>", Command(Verb.ADDRESS, "New@example.org")),
        ("", "list", "", Command(Verb.LIST)),
        ("help", "", "", Command(Verb.HELP)),
        ("", "Fwd: confirm", "", Command(Verb.CONFIRM)),
        ("", "Question", "Could you stop the rain?", Command(Verb.UNKNOWN)),
        ("", "", "", Command(Verb.UNKNOWN)),
        ("nonsense", "", "", Command(Verb.UNKNOWN)),
        ("", "", "\nhelp\n", Command(Verb.HELP)),
        ("", "", "words first\nstop", Command(Verb.UNKNOWN)),
    ],
)
def test_command_is_read(tag: str, subject: str, text: str, expected: Command) -> None:
    assert expected == read_command(tag, subject, text)


@given(st.text(max_size=30), st.text(max_size=80), st.text(max_size=300))
def test_no_words_make_it_fail(tag: str, subject: str, text: str) -> None:
    assert isinstance(read_command(tag, subject, text), Command)
