"""The macros of SPF are read and filled in as RFC 7208 section 7 says."""

from __future__ import annotations

import pytest

from recommender.mail.deliverability.spf_macros import (
    expand,
    expand_domain,
    is_domain_name,
    is_domain_spec,
    is_macro_string,
)

# The example of section 7.4.
VALUES = {
    "s": "strong-bad@email.example.com",
    "o": "email.example.com",
    "d": "email.example.com",
    "l": "strong-bad",
    "i": "192.0.2.3",
    "v": "in-addr",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{d01}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{D2R}", "example.email"),
        ("%{l-}", "strong.bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%%%_%-", "% %20"),
        ("%%{d}", "%{d}"),
    ],
)
def test_a_macro_is_filled_in(text: str, expected: str) -> None:
    assert expected == expand(text, VALUES.__getitem__)


def test_a_domain_loses_its_last_dot_and_an_explanation_keeps_it() -> None:
    assert expand_domain("%{d2}.", VALUES.__getitem__) == "example.com"
    assert expand("%{d2}.", VALUES.__getitem__) == "example.com."


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (f"{'a' * 60}." * 4 + "b23456789", f"{'a' * 60}." * 4 + "b23456789"),
        (f"{'a' * 60}." * 4 + "b234567890", f"{'a' * 60}." * 3 + "b234567890"),
        (f"x.{'a' * 60}." + f"{'a' * 60}." * 3 + "b23456789", f"{'a' * 60}." * 4 + "b23456789"),
        (f"y.{'a' * 60}." + f"{'a' * 60}." * 3 + "b234567890", f"{'a' * 60}." * 3 + "b234567890"),
        ("a." * 500 + "org", "a." * 125 + "org"),
        ("a" * 254, ""),
    ],
)
def test_a_domain_that_is_too_long_loses_labels_on_the_left(made: str, expected: str) -> None:
    assert expected == expand_domain("%{d}", lambda _: made)
    assert len(expected) <= 253


@pytest.mark.parametrize(
    "text", ["", "a=b/c:d", "%{ir}.%{v}", "%{l1r+-}x", "100%%", "%{d999}", "!$&~"]
)
def test_what_is_a_macro_string(text: str) -> None:
    assert is_macro_string(text)


@pytest.mark.parametrize(
    "text",
    [
        *("%", "a%", "%a", "%(d)", "%{d", "%{}", "%{x}", "%{d0}", "%{d1000}", "%{d2.r}", "%{d/24}"),
        *("two words", "tab\t", "é", "\x00", "%{ſ}", "%{c}", "%{r}", "%{t}", "%{T}"),
    ],
)
def test_what_is_no_macro_string(text: str) -> None:
    assert not is_macro_string(text)


def test_an_explanation_may_have_spaces_and_three_macros_more() -> None:
    text = "%{c} may not send, says %{R} at %{t}."
    assert is_macro_string(text, in_explanation=True)
    assert not is_macro_string("%{c} may not\nsend", in_explanation=True)
    assert not is_macro_string("%{c may not send", in_explanation=True)
    assert not is_macro_string("%{ſ} may not send", in_explanation=True)


@pytest.mark.parametrize(
    "text",
    [
        *("example.org", "example.org.", "_spf.example.org", "a:b/c.example.org", "a.xn--ZCKZAH"),
        *("a.1-2", "a.x1", "%{d}", "%{ir}.%{d}", "_spf.%{d2}", "%{l.}.org", "%%", "a..org", ".org"),
    ],
)
def test_what_is_a_domain_spec(text: str) -> None:
    assert is_domain_spec(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "museum", "museum.", "192.0.2.1", "a.123", "a.-b", "a.b-", "a.b_c", "a.org:25"),
        *("a.org/24", "%{d}.", "%{d}x", "a.%", "%{c}.org", "a.org\n", "a.é"),
    ],
)
def test_what_is_no_domain_spec(text: str) -> None:
    assert not is_domain_spec(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.org", True),
        ("a b%.org", True),
        ("a" * 63 + ".org", True),
        ("a" * 64 + ".org", False),
        ("a..org", False),
        (".org", False),
        ("", False),
        ("a." * 125 + "org", True),
        ("a." * 125 + "orgs", False),
    ],
)
def test_what_the_dns_can_be_asked_for(name: str, *, expected: bool) -> None:
    assert expected == is_domain_name(name)
