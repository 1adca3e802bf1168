"""What is told to be left once the daemon runs."""

from __future__ import annotations

from dataclasses import replace

from recommender.machine.next_steps import Installed, next_steps

INSTALLED = Installed(
    list_address="papers@lab.example.org",
    base_url="https://papers.lab.example.org",
    web_address="127.0.0.1:8000",
    lmtp="127.0.0.1:8024",
    takes_mail=True,
    mail_server="postfix",
    postfix={"transport_maps": "", "recipient_delimiter": "+"},
    postfix_expanded={"recipient_delimiter": "+"},
    proxies=("nginx",),
    host_name="mx.lab.example.org",
    dkim_record=("papers._domainkey.lab.example.org", "v=DKIM1; k=rsa; p=MII"),
    operator="you@lab.example.org",
    has_sources=True,
)


def told(**differing: object) -> str:
    return "\n".join(next_steps(replace(INSTALLED, **differing)))  # type: ignore[arg-type]


def test_names_servers_and_proxy_are_told_as_they_fit_the_machine() -> None:
    words = told()

    assert "sudo postconf -e 'transport_maps = inline:" in words
    assert "proxy_pass http://127.0.0.1:8000" in words
    assert "lab.example.org. MX 10 mx.lab.example.org." in words
    assert 'papers._domainkey.lab.example.org. TXT "v=DKIM1; k=rsa; p=MII"' in words
    assert "rua=mailto:you@lab.example.org" in words
    assert "recommender doctor" in words


def test_trial_on_one_machine_is_told_of_no_names_and_no_proxy() -> None:
    words = told(base_url="http://localhost:8000")

    assert "TXT" not in words
    assert "X-Forwarded-For" not in words


def test_where_no_mail_comes_in_the_ways_are_told() -> None:
    words = told(takes_mail=False, lmtp="")

    assert "readers use the pages alone" in words
    assert "MX" not in words


def test_other_servers_have_lines_of_their_own() -> None:
    assert "driver = smtp" in told(mail_server="exim")
    assert 'action "recommender" lmtp' in told(mail_server="opensmtpd")
    assert "No mail server was found" in told(mail_server="")
    assert "ProxyPass" in told(proxies=("Apache",))
    assert "reverse_proxy 127.0.0.1:8000" in told(proxies=())


def test_without_sources_the_first_thing_is_papers() -> None:
    first, *_ = next_steps(replace(INSTALLED, has_sources=False))

    assert "sources add" in first
