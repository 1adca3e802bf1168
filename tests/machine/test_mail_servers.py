"""What the mail server of a machine is told of the list."""

from __future__ import annotations

import pytest

from recommender.machine.mail_servers import (
    exim_lines,
    opensmtpd_lines,
    postfix_command,
    postfix_settings,
)

LIST = "papers@lists.example.org"
TRANSPORT = f"inline:{{ {{ {LIST} = lmtp:inet:127.0.0.1:8024 }} }}"
RECIPIENT = f"inline:{{ {{ {LIST} = list }} }}"
DEBIANS = {
    "recipient_delimiter": "+",
    "transport_maps": "",
    "mydestination": "$myhostname, localhost.localdomain, localhost",
    "relay_domains": "${{$compatibility_level} <level {2} ? {$mydestination} : {}}",
    "virtual_mailbox_domains": "$virtual_mailbox_maps",
    "local_recipient_maps": "proxy:unix:passwd.byname $alias_maps",
    "virtual_mailbox_maps": "",
    "relay_recipient_maps": "",
}
EXPANDED = DEBIANS | {
    "mydestination": "mx.example.org, localhost.localdomain, localhost",
    "relay_domains": "",
    "virtual_mailbox_domains": "",
}


def test_domain_that_is_new_to_postfix_becomes_one_with_a_single_recipient() -> None:
    assert postfix_settings(LIST, DEBIANS, EXPANDED) == {
        "transport_maps": TRANSPORT,
        "relay_domains": "lists.example.org",
        "relay_recipient_maps": RECIPIENT,
    }


def test_domain_of_local_users_takes_one_more_of_them() -> None:
    expanded = EXPANDED | {"mydestination": "localhost, lists.example.org"}

    assert postfix_settings(LIST, DEBIANS, expanded) == {
        "transport_maps": TRANSPORT,
        "local_recipient_maps": f"proxy:unix:passwd.byname $alias_maps {RECIPIENT}",
    }


def test_what_is_set_stays_in_front() -> None:
    current = DEBIANS | {"transport_maps": "hash:/etc/postfix/transport", "recipient_delimiter": ""}
    expanded = EXPANDED | {"recipient_delimiter": "", "relay_domains": "lists.example.org"}

    assert postfix_settings(LIST, current, expanded) == {
        "transport_maps": f"hash:/etc/postfix/transport {TRANSPORT}",
        "recipient_delimiter": "+",
    }


def test_nothing_is_left_to_say_once_all_is_set() -> None:
    current = DEBIANS | postfix_settings(LIST, DEBIANS, EXPANDED)

    assert postfix_settings(LIST, current, current | {"mydestination": "localhost"}) == {}


def test_command_for_postfix_passes_each_setting_whole() -> None:
    assert postfix_command({"transport_maps": TRANSPORT}) == (
        f"sudo postconf -e 'transport_maps = {TRANSPORT}' && sudo systemctl reload postfix"
    )


@pytest.mark.parametrize("lines", [exim_lines(LIST), opensmtpd_lines(LIST)])
def test_other_mail_servers_hand_over_at_the_same_port(lines: str) -> None:
    assert "127.0.0.1" in lines
    assert "8024" in lines
    assert "papers" in lines
