"""Each check of the doctor over the DNS: where all is well, where a record is missing or wrong."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import pytest

from recommender.mail.deliverability.checks import (
    DkimSigning,
    Finding,
    Verdict,
    check_dkim,
    check_dmarc,
    check_mx,
    check_ptr,
    check_spf,
    run_check,
)
from recommender.mail.deliverability.dkim_record import PublicKey
from recommender.mail.deliverability.name_lookup import NameServer, open_lookup
from recommender.mail.deliverability.sending_host import SendingHost

DOMAIN = "lists.example.org"
HERE = SendingHost("localhost", is_here=True, addresses=(ip_address("192.0.2.10"),))
RELAY = SendingHost("smtp.example.net", is_here=False, addresses=(ip_address("192.0.2.20"),))
KEY = PublicKey("rsa", bytes(294))
SIGNING = DkimSigning(DOMAIN, "s1", KEY)
OK, WARNING, PROBLEM = Verdict


class Records:
    """A name server whose zone a test fills before it looks."""

    def __init__(self, start: Any) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        port, _ = start(self.zone)
        self.lookup = open_lookup(NameServer("127.0.0.1", port), seconds=0.3)

    def set(self, name: str, kind: str, *records: str) -> None:
        quoted = [f'"{record}"' for record in records] if kind == "TXT" else list(records)
        self.zone[name, kind] = [record.replace('"SERVFAIL"', "SERVFAIL") for record in quoted]


@pytest.fixture
def records(start_name_server: Any) -> Records:
    return Records(start_name_server)


def verdicts(findings: Iterable[Finding]) -> list[tuple[Verdict, str, str]]:
    listed = list(findings)
    for finding in listed:
        assert (finding.verdict is OK) == (finding.fix == ""), finding
        assert "\n" not in finding.message + finding.fix
    return [(finding.verdict, finding.message, finding.fix) for finding in listed]


class TestMx:
    def check(self, records: Records) -> list[tuple[Verdict, str, str]]:
        return verdicts(run_check("mx", lambda: check_mx(DOMAIN, records.lookup)))

    def test_mail_can_arrive(self, records: Records) -> None:
        records.set(DOMAIN, "MX", "10 mail.example.org.")
        records.set("mail.example.org", "AAAA", "2001:db8::1")
        assert self.check(records) == [(OK, f"mail to {DOMAIN} goes to mail.example.org", "")]

    def test_without_mx_and_address_nothing_arrives(self, records: Records) -> None:
        ((verdict, message, fix),) = self.check(records)
        assert verdict is PROBLEM
        assert "neither MX nor address" in message
        assert "add an MX record" in fix

    def test_without_mx_the_address_takes_it(self, records: Records) -> None:
        records.set(DOMAIN, "A", "192.0.2.1")
        ((verdict, message, _),) = self.check(records)
        assert (verdict, "has no MX" in message) == (WARNING, True)

    def test_a_null_mx_takes_nothing(self, records: Records) -> None:
        records.set(DOMAIN, "MX", "0 .")
        ((verdict, message, _),) = self.check(records)
        assert (verdict, "null MX" in message) == (PROBLEM, True)

    @pytest.mark.parametrize(("others", "expected"), [(0, PROBLEM), (1, WARNING)])
    def test_an_mx_without_an_address_is_named(
        self, records: Records, others: int, expected: Verdict
    ) -> None:
        hosts = ["10 gone.example.org.", *["20 mail.example.org."] * others]
        records.set(DOMAIN, "MX", *hosts)
        records.set("mail.example.org", "A", "192.0.2.1")
        ((verdict, message, _),) = self.check(records)
        assert (verdict, "gone.example.org" in message) == (expected, True)

    def test_a_name_server_that_is_down_is_no_missing_record(self, records: Records) -> None:
        records.set(DOMAIN, "MX", "SERVFAIL")
        ((verdict, message, fix),) = self.check(records)
        assert verdict is WARNING
        assert message.startswith("could not be checked: the name servers cannot tell MX")
        assert "--nameserver" in fix


class TestSpf:
    def check(
        self, records: Records, *texts: str, host: SendingHost = HERE
    ) -> list[tuple[Verdict, str, str]]:
        if texts:
            records.set(DOMAIN, "TXT", *texts)
        sender = f"papers+bounce-x@{DOMAIN}"
        return verdicts(
            run_check("spf", lambda: check_spf(DOMAIN, host, records.lookup, sender=sender))
        )

    def test_the_sending_address_may_send(self, records: Records) -> None:
        expected = [(OK, f"{DOMAIN} lets 192.0.2.10 send, 0 lookups", "")]
        assert self.check(records, "v=spf1 ip4:192.0.2.0/24 -all") == expected

    @pytest.mark.parametrize(
        ("host", "record"),
        [
            (HERE, "v=spf1 ip4:192.0.2.10 ~all"),
            (RELAY, "v=spf1 a:smtp.example.net ~all"),
            (
                SendingHost("smtp.sendgrid.net", is_here=False, addresses=()),
                "v=spf1 include:sendgrid.net ~all",
            ),
            (SendingHost("localhost", is_here=True, addresses=()), "v=spf1 mx ~all"),
        ],
    )
    def test_a_missing_record_is_written_out(
        self, records: Records, host: SendingHost, record: str
    ) -> None:
        ((verdict, message, fix),) = self.check(records, host=host)
        assert (verdict, "has no SPF record" in message) == (PROBLEM, True)
        assert f'"{record}"' in fix

    def test_an_address_that_is_not_covered_is_a_problem(self, records: Records) -> None:
        ((verdict, message, fix),) = self.check(records, "v=spf1 ip4:198.51.100.1 -all")
        assert (verdict, message) == (PROBLEM, f"{DOMAIN} does not let 192.0.2.10 send (fail)")
        assert "add ip4:192.0.2.10 " in fix

    def test_a_broken_record_is_a_problem(self, records: Records) -> None:
        ((verdict, message, fix),) = self.check(records, "v=spf1 ipv4:192.0.2.10 -all")
        assert (verdict, fix) == (PROBLEM, "write ip4:192.0.2.10")
        assert message.startswith(f"in the SPF record of {DOMAIN}, 'ipv4:192.0.2.10' is no term")

    @pytest.mark.parametrize(
        ("term", "meant"),
        [
            ("a:192.0.2.1", "ip4:192.0.2.1"),
            ("mx:192.0.2.9", "ip4:192.0.2.9"),
            ("ip4:192.0.2.10/032", "ip4:192.0.2.10/32"),
        ],
    )
    def test_what_receivers_refuse_is_a_problem_though_the_address_matches_first(
        self, records: Records, term: str, meant: str
    ) -> None:
        ((verdict, _, fix),) = self.check(records, f"v=spf1 ip4:192.0.2.10 {term} -all")
        assert (verdict, fix) == (PROBLEM, f"write {meant}")

    def test_what_the_domain_lets_others_know_is_told(self, records: Records) -> None:
        records.set("why.example.org", "TXT", "%{i} is not ours")
        ((_, message, _),) = self.check(records, "v=spf1 -all exp=why.example.org")
        expected = "does not let 192.0.2.10 send (fail), and says '192.0.2.10 is not ours'"
        assert message == f"{DOMAIN} {expected}"

    def test_too_many_lookups_are_a_problem_though_the_address_matches_first(
        self, records: Records
    ) -> None:
        many = " ".join(f"a:h{number}.example.org" for number in range(11))
        found = self.check(records, f"v=spf1 ip4:192.0.2.10 {many} -all")
        assert [verdict for verdict, _, _ in found] == [PROBLEM, OK]
        assert "takes 11 lookups" in found[0][1]

    def test_what_was_found_before_a_check_ends_is_kept(self, records: Records) -> None:
        many = " ".join(f"a:h{number}.example.org" for number in range(11))
        found = self.check(records, f"v=spf1 {many} -all")
        assert ["takes 11 lookups" in found[0][1], "lookups find nothing" in found[1][1]] == [
            True,
            True,
        ]

    def test_who_lets_everybody_send_is_told(self, records: Records) -> None:
        found = self.check(records, "v=spf1 +all")
        assert [verdict for verdict, _, _ in found] == [PROBLEM, OK]

    def test_without_a_known_address_the_operator_is_asked_for_it(self, records: Records) -> None:
        host = SendingHost("localhost", is_here=True, addresses=())
        ((verdict, _, fix),) = self.check(records, "v=spf1 mx -all", host=host)
        assert (verdict, "--sending-address" in fix) == (WARNING, True)

    def test_a_relay_that_is_covered_is_well(self, records: Records) -> None:
        ((verdict, message, _),) = self.check(records, "v=spf1 ip4:192.0.2.20 -all", host=RELAY)
        assert (verdict, "192.0.2.20 of smtp.example.net" in message) == (OK, True)

    def test_a_relay_that_is_not_covered_may_send_from_elsewhere(self, records: Records) -> None:
        ((verdict, _, fix),) = self.check(records, "v=spf1 mx -all", host=RELAY)
        assert (verdict, "what the operator of smtp.example.net tells" in fix) == (WARNING, True)

    def test_a_known_relay_is_covered_by_its_include(self, records: Records) -> None:
        host = SendingHost(
            "email-smtp.eu-west-1.amazonaws.com", is_here=False, addresses=RELAY.addresses
        )
        records.set("amazonses.com", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
        ((verdict, message, _),) = self.check(
            records, "v=spf1 include:AmazonSES.com. -all", host=host
        )
        assert (verdict, "includes amazonses.com" in message) == (OK, True)

    @pytest.mark.parametrize(
        "terms",
        ["-include:amazonses.com", "-all include:amazonses.com", "include:%{d}.example.org"],
    )
    def test_an_include_that_lets_nobody_send_covers_no_relay(
        self, records: Records, terms: str
    ) -> None:
        host = SendingHost(
            "email-smtp.eu-west-1.amazonaws.com", is_here=False, addresses=RELAY.addresses
        )
        records.set("amazonses.com", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
        records.set(f"{DOMAIN}.example.org", "TXT", "v=spf1 -all")
        ((verdict, _, fix),) = self.check(records, f"v=spf1 {terms} ~all", host=host)
        assert (verdict, fix) == (PROBLEM, "add include:amazonses.com to its record")

    def test_where_receivers_give_up_before_an_include_the_relay_is_not_covered(
        self, records: Records
    ) -> None:
        host = SendingHost("smtp.mailgun.org", is_here=False, addresses=RELAY.addresses)
        records.set("mailgun.org", "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
        gone = "a:x.example.org a:y.example.org a:z.example.org"
        text = f"v=spf1 {gone} include:mailgun.org -all"
        ((verdict, message, _),) = self.check(records, text, host=host)
        assert (verdict, "lookups find nothing" in message) == (PROBLEM, True)

    def test_a_known_relay_that_is_not_included_is_a_problem(self, records: Records) -> None:
        host = SendingHost("smtp.mailgun.org", is_here=False, addresses=RELAY.addresses)
        ((verdict, _, fix),) = self.check(records, "v=spf1 mx -all", host=host)
        assert (verdict, fix) == (PROBLEM, "add include:mailgun.org to its record")

    def test_a_relay_without_an_address_cannot_be_judged(self, records: Records) -> None:
        host = SendingHost("gone.example.net", is_here=False, addresses=())
        ((verdict, _, fix),) = self.check(records, "v=spf1 mx -all", host=host)
        assert (verdict, fix) == (WARNING, "correct smtp.host")


class TestDkim:
    def check(
        self, records: Records, *texts: str, signing: DkimSigning | None = SIGNING
    ) -> list[tuple[Verdict, str, str]]:
        name = f"s1._domainkey.{DOMAIN}"
        if texts:
            records.zone[name, "TXT"] = [
                " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
                for text in texts
            ]
        return verdicts(run_check("dkim", lambda: check_dkim(DOMAIN, signing, records.lookup)))

    def test_the_key_is_there(self, records: Records) -> None:
        message = f"s1._domainkey.{DOMAIN} holds the key that mail is signed with"
        assert self.check(records, KEY.record) == [(OK, message, "")]

    def test_a_missing_key_is_written_out(self, records: Records) -> None:
        ((verdict, message, fix),) = self.check(records)
        assert (verdict, "has no key" in message) == (PROBLEM, True)
        assert fix.endswith(KEY.record)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (PublicKey("rsa", b"\1" * 294).record, "is not that of dkim.key_file"),
            ("v=DKIM1; p=", "was revoked"),
            ("v=DKIM1; p=*", "no base64"),
            (f"h=sha1; {KEY.record.partition('; ')[2]}", "no signatures with SHA-256"),
        ],
    )
    def test_a_wrong_key_is_a_problem(self, records: Records, text: str, words: str) -> None:
        ((verdict, message, _),) = self.check(records, text)
        assert (verdict, words in message) == (PROBLEM, True), message

    def test_two_keys_are_a_problem(self, records: Records) -> None:
        ((verdict, message, _),) = self.check(records, KEY.record, "v=DKIM1; p=AA==")
        assert (verdict, "has 2 records" in message) == (PROBLEM, True)

    def test_a_test_is_a_warning(self, records: Records) -> None:
        ((verdict, message, _),) = self.check(records, f"{KEY.record}; t=y")
        assert (verdict, "a test" in message) == (WARNING, True)

    @pytest.mark.parametrize(("size", "expected"), [(162, WARNING), (126, PROBLEM)])
    def test_a_short_key_is_told(self, records: Records, size: int, expected: Verdict) -> None:
        key = PublicKey("rsa", bytes(size))
        found = self.check(records, key.record, signing=DkimSigning(DOMAIN, "s1", key))
        assert [verdict for verdict, _, _ in found] == [expected]

    def test_mail_that_is_not_signed_here_is_a_warning(self, records: Records) -> None:
        ((verdict, _, fix),) = self.check(records, signing=None)
        assert (verdict, f"dkim.domain = '{DOMAIN}'" in fix) == (WARNING, True)


class TestDmarc:
    def check(
        self,
        records: Records,
        text: str = "",
        *,
        at: str = "example.org",
        envelope_domain: str = DOMAIN,
        signing: DkimSigning | None = SIGNING,
    ) -> list[tuple[Verdict, str, str]]:
        if text:
            records.set(f"_dmarc.{at}", "TXT", text)
        return verdicts(
            run_check(
                "dmarc", lambda: check_dmarc(DOMAIN, envelope_domain, signing, records.lookup)
            )
        )

    def test_an_aligned_from_is_well(self, records: Records) -> None:
        message = "_dmarc.example.org asks for p=quarantine; From is aligned by SPF and DKIM"
        assert self.check(records, "v=DMARC1; p=quarantine") == [(OK, message, "")]

    def test_without_signing_here_spf_aligns(self, records: Records) -> None:
        message = "_dmarc.example.org asks for p=reject; From is aligned by SPF"
        assert self.check(records, "v=DMARC1; p=reject", signing=None) == [(OK, message, "")]

    def test_a_missing_record_is_written_out(self, records: Records) -> None:
        ((verdict, _, fix),) = self.check(records)
        assert (verdict, f"as _dmarc.{DOMAIN}" in fix) == (PROBLEM, True)

    def test_a_broken_record_is_a_problem(self, records: Records) -> None:
        ((verdict, message, _),) = self.check(records, "v=DMARC1; p=block")
        assert (verdict, "tag p is 'block'" in message) == (PROBLEM, True)

    @pytest.mark.parametrize("text", ["v=DMARC1; p=none", "v=DMARC1; p=reject; sp=none"])
    def test_a_policy_that_asks_for_nothing_is_a_warning(self, records: Records, text: str) -> None:
        ((verdict, message, _),) = self.check(records, text)
        assert (verdict, "p=none" in message) == (WARNING, True)

    def test_a_signature_of_another_domain_is_a_problem(self, records: Records) -> None:
        other = DkimSigning("example.net", "s1", KEY)
        ((verdict, message, _),) = self.check(records, "v=DMARC1; p=reject", signing=other)
        assert (verdict, "signatures of example.net" in message) == (PROBLEM, True)

    def test_strict_alignment_asks_for_the_same_domain(self, records: Records) -> None:
        parent = DkimSigning("example.org", "s1", KEY)
        assert self.check(records, "v=DMARC1; p=reject", signing=parent)[0][0] is OK

    def test_strict_alignment_refuses_the_parent(self, records: Records) -> None:
        parent = DkimSigning("example.org", "s1", KEY)
        found = self.check(records, "v=DMARC1; p=reject; adkim=s", signing=parent)
        assert [verdict for verdict, _, _ in found] == [PROBLEM]

    def test_where_nothing_is_aligned_everything_fails(self, records: Records) -> None:
        ((verdict, message, _),) = self.check(
            records, "v=DMARC1; p=reject", envelope_domain="example.net", signing=None
        )
        assert (verdict, "neither the envelope sender" in message) == (PROBLEM, True)


class TestPtr:
    def check(
        self, records: Records, *names: str, host: SendingHost = HERE
    ) -> list[tuple[Verdict, str, str]]:
        if names:
            records.set("10.2.0.192.in-addr.arpa", "PTR", *names)
        records.set("mail.example.org", "A", "192.0.2.10")
        records.set("old.example.org", "A", "192.0.2.99")
        return verdicts(run_check("ptr", lambda: check_ptr(host, records.lookup)))

    def test_a_name_that_leads_back_is_well(self, records: Records) -> None:
        message = "192.0.2.10 is mail.example.org, and the other way round"
        assert self.check(records, "old.example.org.", "mail.example.org.") == [(OK, message, "")]

    def test_a_missing_name_is_a_problem(self, records: Records) -> None:
        ((verdict, message, _),) = self.check(records)
        assert (verdict, "has no name" in message) == (PROBLEM, True)

    def test_a_name_that_leads_elsewhere_is_a_problem(self, records: Records) -> None:
        ((verdict, message, fix),) = self.check(records, "old.example.org.")
        assert (verdict, "does not lead back" in message) == (PROBLEM, True)
        assert "A record old.example.org with 192.0.2.10" in fix

    def test_an_ipv6_address_leads_back_by_its_own_record(self, records: Records) -> None:
        records.set(f"{'0.' * 24}8.b.d.0.1.0.0.2.ip6.arpa", "PTR", "six.example.org.")
        host = SendingHost("localhost", is_here=True, addresses=(ip_address("2001:db8::"),))
        ((verdict, _, fix),) = self.check(records, host=host)
        assert (verdict, "AAAA record six.example.org" in fix) == (PROBLEM, True)

    def test_a_relays_names_are_not_ours(self, records: Records) -> None:
        assert self.check(records, host=RELAY)[0][0] is OK

    def test_an_unknown_address_is_asked_for(self, records: Records) -> None:
        host = SendingHost("localhost", is_here=True, addresses=())
        assert self.check(records, host=host)[0][0] is WARNING
