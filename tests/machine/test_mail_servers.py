"""What the mail server of a machine is told of the list."""

from __future__ import annotations

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


def test_exim_hands_over_all_that_comes_for_the_list_with_its_tag() -> None:
    lines = exim_lines(LIST)
    for part in (
        *("domains = lists.example.org", "local_parts = papers", "local_part_suffix = +*"),
        *("protocol = lmtp", "hosts = 127.0.0.1", "port = 8024", "rcpt_include_affixes"),
    ):
        assert f"  {part}\n" in lines


def test_opensmtpd_delivers_to_an_account_of_this_machine_and_names_the_whole_address() -> None:
    """As tried with OpenSMTPD 6.8, which refused a recipient that is nobody's account."""
    assert opensmtpd_lines(LIST).splitlines() == [
        f'table recommender {{ "{LIST}" = "recommender" }}',
        'action "recommender" lmtp "127.0.0.1:8024" rcpt-to virtual <recommender>',
        f'match from any for rcpt-to "{LIST}" action "recommender"',
    ]
