"""What people type as their address is refused in words, or made comparable."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.errors import AddressError
from recommender.membership.addresses import (
    Address,
    mailbox_of,
    normalise_address,
    refuse_beyond_ascii,
)


def test_address_is_shown_as_typed_and_compared_in_lower_case() -> None:
    expected = Address(email="Ada.Reader+Papers@example.org", key="ada.reader+papers@example.org")

    assert expected == normalise_address(" Ada.Reader+Papers@EXAMPLE.org\n")


@pytest.mark.parametrize("typed", ["ann@bücher.example.org", "Ann@xn--bcher-kva.example.org"])
def test_international_domain_has_one_key_in_both_spellings(typed: str) -> None:
    address = normalise_address(typed)

    assert address.key == "ann@xn--bcher-kva.example.org"
    assert address.email.casefold() == "ann@bücher.example.org"


def test_composed_and_decomposed_letters_have_one_key() -> None:
    composed = normalise_address("j\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen@example.org")
    decomposed = normalise_address("ju\N{COMBINING DIAERESIS}rgen@example.org")

    assert composed == decomposed


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "no mail address was given"),
        ("  \t", "no mail address was given"),
        ("example.org", "it has no @"),
        ("ann@", "missing beside the @"),
        ("@example.org", "missing beside the @"),
        ("ann@localhost", "has no dot"),
        ("ann@example..org", "a dot too many"),
        ("ann@example.org\r\nBcc: ben@example.org", "more than one @"),
        ("ann\n@example.org", "a space in it"),
        ("ann\x00@example.org", "a space in it"),
        ("ann@example.org, ben@example.org", "more than one @"),
        ('"ann lee"@example.org', 'it has " in it'),
        ("ann(work)@example.org", r"it has \( in it"),
        ("ann@[192.0.2.1]", r"it has \[ in it"),
        ("Ann Lee <ann@example.org>", "it has < in it"),
        ("ann@example.org.", "a dot too many"),
        ("ann.@example.org", "a dot too many"),
        (".ann@example.org", "a dot too many"),
        ("ann@-example.org", "no mail goes"),
        ("ann@exam_ple.org", "no mail goes"),
        ("ann@IPv6:2001:db8::1", "it has : in it"),
        ("ann@exa\N{ZERO WIDTH SPACE}mple.org", "a space in it"),
        ("ann\N{RIGHT-TO-LEFT OVERRIDE}@example.org", "a space in it"),
        ("ann@example.invalid", "no mail goes"),
        ("@relay.example.com:ann@example.org", "more than one @"),
        ("ann@example.org (work)", r"it has \( in it"),
        ("a" * 65 + "@example.org", "no mail goes"),
        ("a@" + "b." * 130 + "org", "no mail address is longer than 254"),
    ],
)
def test_what_cannot_be_mailed_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason) as refusal:
        normalise_address(typed)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("ann", "it has no @"),
        ("ann@example.org, ben@example.org", "it has more than one @, and one address is wanted"),
        ("ann@", "something is missing beside the @"),
        ("ann roe@example.org", "it has a space in it"),
        ("mailto:ann@example.org", "it has : in it"),
        ("ann@example", "what stands behind the @ has no dot"),
        ("ann@example..org", "it has a dot too many"),
        ("ann@example.test", "no mail goes to such a one"),
    ],
)
def test_refusal_says_what_is_wrong_in_words_of_whoever_typed_it(typed: str, reason: str) -> None:
    with pytest.raises(AddressError) as refusal:
        normalise_address(typed)
    assert str(refusal.value).split(": ", 1)[1].startswith(f"{reason}; type one such as")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ann@example.org.", "'ann@example.org.'"),
        ("x" * 60, f"'{'x' * 60}'"),
        ("x" * 61, f"'{'x' * 60}…'"),
    ],
)
def test_refusal_is_one_sentence_about_what_was_typed(typed: str, shown: str) -> None:
    with pytest.raises(AddressError) as refusal:
        normalise_address(typed)
    begin, reason = str(refusal.value).split(": ")
    assert begin == f"{shown} is not a mail address that newsletters can be sent to"
    assert re.fullmatch(r".*[^.]; type one such as name@example\.org", reason)


def test_refusal_of_what_is_empty_or_too_long_says_so() -> None:
    with pytest.raises(AddressError) as refusal:
        normalise_address(" ")
    assert str(refusal.value) == "no mail address was given; type one such as name@example.org"
    with pytest.raises(AddressError) as refusal:
        normalise_address("x" * 255)
    assert str(refusal.value) == (
        f"'{'x' * 60}…' is 255 characters long, and no mail address is longer than 254; check what "
        "was typed"
    )


def test_address_of_254_characters_is_taken() -> None:
    longest = f"{'a' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.org"

    assert len(longest) == 254
    assert normalise_address(longest).email == longest


def test_a_domain_in_look_alike_letters_is_another_address() -> None:
    """A Cyrillic a looks like a Latin one: it must neither stand for it nor hide in its key."""
    latin = normalise_address("ann@paypal.com")
    cyrillic = normalise_address("ann@p\N{CYRILLIC SMALL LETTER A}ypal.com")

    assert latin.key != cyrillic.key == "ann@xn--pypal-4ve.com"


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("\N{LATIN SMALL LETTER LONG S}am@example.org", "sam@example.org"),
        ("\N{FULLWIDTH LATIN SMALL LETTER S}am@example.org", "sam@example.org"),
        ("stra\N{LATIN SMALL LETTER SHARP S}e@example.org", "strasse@example.org"),
        ("\N{LATIN SMALL LIGATURE FI}ona@example.org", "fiona@example.org"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}da@example.org", "ida@example.org"),
        (
            "\N{GREEK SMALL LETTER FINAL SIGMA}@example.org",
            "\N{GREEK SMALL LETTER SIGMA}@example.org",
        ),
    ],
)
def test_what_unicode_calls_the_same_letter_reserves_nobody_else_s_address(
    typed: str, other: str
) -> None:
    assert normalise_address(typed).key != normalise_address(other).key


def test_a_letter_that_is_made_another_one_is_mailed_as_that() -> None:
    """NFC makes a K of the Kelvin sign, which has one mailbox then, its owner's."""
    kelvin = normalise_address("\N{KELVIN SIGN}ate@example.org")

    assert kelvin == Address(email="Kate@example.org", key="kate@example.org")


TYPED = st.one_of(
    st.text(
        alphabet="aAkKsSiIfF.+\u017f\u212a\u0130\u0131\ufb01\u00df\uff53\u0301\u0308", min_size=1
    ),
    st.text(min_size=1),
).map(lambda local: f"{local}@example.org")


@given(TYPED, TYPED)
@example("\u212aate@example.org", "kate@example.org")
def test_one_key_is_one_mailbox(typed: str, other: str) -> None:
    """Whatever is typed: where keys are the same, so is what is mailed, but for A to Z."""
    try:
        one, two = normalise_address(typed), normalise_address(other)
    except AddressError:
        return
    for each in (one, two):
        assert each.key.rpartition("@")[0] == each.email.rpartition("@")[0].translate(
            {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
        )
    assert (one.key == two.key) == (ascii_lower(one.email) == ascii_lower(two.email))


def ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


@pytest.mark.parametrize(
    ("key", "mailbox"),
    [
        ("ann@example.org", "ann@example.org"),
        ("ann+papers@example.org", "ann@example.org"),
        ("ann+a+b@example.org", "ann@example.org"),
        ("+ann@example.org", "+ann@example.org"),
        ("a.n.n+x@gmail.com", "ann@gmail.com"),
        ("ann@googlemail.com", "ann@gmail.com"),
        ("a.n.n@example.org", "a.n.n@example.org"),
    ],
)
def test_tags_lead_to_one_mailbox_and_so_do_dots_where_they_do_not_count(
    key: str, mailbox: str
) -> None:
    assert mailbox_of(key) == mailbox


def test_an_address_that_needs_smtputf8_is_refused_in_words() -> None:
    refuse_beyond_ascii(normalise_address("ann@b\u00fccher.example.org"))
    with pytest.raises(AddressError, match=r"letters before the @ .* give another address"):
        refuse_beyond_ascii(normalise_address("j\u00fcrgen@example.org"))


@given(st.one_of(st.text(), st.emails(), st.text(alphabet='ab.@+-"<>()[]ßİé\u0308 \r\n')))
@example("İ@example.org")
@example("\ud800@example.org")
@example("a" * 10_000_000)
def test_any_text_is_an_address_that_stays_itself_or_refused_on_one_line(text: str) -> None:
    refusal, address = "", None
    try:
        address = normalise_address(text)
    except AddressError as error:
        refusal = str(error)
    assert refusal.isprintable()
    assert len(refusal) < 500
    if address is not None:
        assert address == normalise_address(address.email)
        assert len(address.email) <= 254
        assert not set(address.email) & set('\r\n <>",;()')
