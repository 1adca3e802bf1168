"""Only the holder of the key makes links and addresses, and they say what was signed."""

from __future__ import annotations

import pickle
import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from recommender.errors import ConfigurationError, TokenError, TokenExpiredError
from recommender.tokens import (
    EPOCHLESS,
    EPOCHS,
    Payload,
    Purpose,
    TokenSigner,
    generate_secret_key,
)

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
LATER = datetime(2026, 9, 11, 7, 0, tzinfo=UTC)
SIGNER = TokenSigner(b"only for tests: thirty-two bytes")
LINK = SIGNER.sign(Purpose.RATE, 12345, 100_000, 250_000, expires_at=LATER)
ADDRESS = SIGNER.sign_address(Purpose.BOUNCE, 12345, 10_000_000, expires_at=LATER)

purposes = st.sampled_from(Purpose)
identifiers = st.integers(0, 2**63 - 1)
small_identifiers = st.integers(0, 2**42 - 1)
epochs = st.integers(0, 2**31)
expiries = st.timedeltas(timedelta(days=1), timedelta(days=365 * 60)).map(lambda span: NOW + span)


@given(purposes, identifiers, st.lists(identifiers, max_size=5), expiries, epochs)
def test_link_gives_back_what_was_signed(
    purpose: Purpose, subscriber_id: int, values: list[int], expires_at: datetime, epoch: int
) -> None:
    epoch = 0 if purpose in EPOCHLESS else epoch
    token = SIGNER.sign(purpose, subscriber_id, *values, expires_at=expires_at, epoch=epoch)

    until = expires_at.replace(microsecond=0)
    expected = Payload(purpose, subscriber_id, tuple(values), until, epoch % EPOCHS)
    assert expected == SIGNER.verify(token, purpose, now=NOW)


@given(purposes, small_identifiers, st.lists(small_identifiers, max_size=1), expiries, epochs)
def test_address_gives_back_what_was_signed(
    purpose: Purpose, subscriber_id: int, values: list[int], expires_at: datetime, epoch: int
) -> None:
    epoch = 0 if purpose in EPOCHLESS else epoch
    token = SIGNER.sign_address(purpose, subscriber_id, *values, expires_at=expires_at, epoch=epoch)

    payload = SIGNER.verify_address(token, purpose, now=NOW)
    assert (purpose, subscriber_id, tuple(values)) == (
        payload.purpose,
        payload.subscriber_id,
        payload.values,
    )
    assert payload.is_of(epoch)
    # Seconds are cut off, the hour that was begun counts whole.
    assert expires_at.replace(microsecond=0) <= payload.expires_at < expires_at + timedelta(hours=1)
    assert len(f"papers+{purpose}-{token}") <= 64 or purpose is Purpose.UNSUBSCRIBE


BEFORE_EPOCHS = "the key of an installation before 0.7"
LINKS_BEFORE_EPOCHS = [
    (Purpose.RATE, (41, 7, 0), "DPDNjtUGKQcA.xA0sN8D6KeAyhVbpDG-1qxzVBraWhZE-eV3R7x-TxbI"),
    (Purpose.PREFERENCES, (), "DPDNjtUG.CFyg0PJpG85W0ILv5_mXDOVURNlrPqgwsYPjzXOFWMA"),
    (Purpose.UNSUBSCRIBE, (), "DPDNjtUG.byDgvpNolyTGz1NTbGOjsoDkHXZ4hrgZmBU-rNU8AmI"),
    (Purpose.ISSUE, (41,), "DPDNjtUGKQ.c1UtTXulYCRfJxCAMlOY_WM0nmZdlfel6-jS7yXl_jc"),
    (Purpose.PENDING, (3, 1), "DPDNjtUGAwE.H2SymufJohjmOgdV-Yin_yXlhI6UiwSY38TeSa3UnC0"),
    (
        Purpose.CONFIRM,
        (1773212400,),
        "DPDNjtUG8KXEzQY.RDrQDeTvHq5dvVm0GdqJu1ENtywmui8JwPf8iXcAAKc",
    ),
]
ADDRESSES_BEFORE_EPOCHS = [
    (Purpose.RATE, (41,), "bth2uhrj2k6iqitusbnsfpylfykl"),
    (Purpose.UNSUBSCRIBE, (), "bth2uhqdnolixn356rc6myuhn2z"),
    (Purpose.BOUNCE, (977,), "bth2uhwra4e6lsdnwy3bf75ckfreaz"),
    (Purpose.PENDING, (3, 1), "bth2uhqdae6bi62a3trbzkx4fkbrsy"),
    (Purpose.CONFIRM, (1773212400,), "bth2uhxquxcm2bq7bwvvt5wilkydph4kh2u"),
]
"""What a version without epochs mailed, subscriber 12 until `LATER`: it must work on."""


@pytest.mark.parametrize(("purpose", "values", "token"), LINKS_BEFORE_EPOCHS)
def test_link_from_before_there_were_epochs_is_one_of_epoch_0(
    purpose: Purpose, values: tuple[int, ...], token: str
) -> None:
    signer = TokenSigner(BEFORE_EPOCHS.encode())

    assert signer.verify(token, purpose, now=NOW) == Payload(purpose, 12, values, LATER, epoch=0)
    assert signer.sign(purpose, 12, *values, expires_at=LATER) == token


@pytest.mark.parametrize(("purpose", "values", "token"), ADDRESSES_BEFORE_EPOCHS)
def test_address_from_before_there_were_epochs_is_one_of_epoch_0(
    purpose: Purpose, values: tuple[int, ...], token: str
) -> None:
    signer = TokenSigner(BEFORE_EPOCHS.encode())

    payload = signer.verify_address(token, purpose, now=NOW)
    assert payload == Payload(purpose, 12, values, LATER, epoch=0)
    assert signer.sign_address(purpose, 12, *values, expires_at=LATER) == token


@given(purposes.filter(lambda each: each not in EPOCHLESS), epochs, epochs)
def test_token_is_of_its_own_epoch_only_and_as_long_in_each(
    purpose: Purpose, epoch: int, other: int
) -> None:
    assume((epoch - other) % EPOCHS)
    link = SIGNER.sign(purpose, 1, 2, expires_at=LATER, epoch=epoch)
    address = SIGNER.sign_address(purpose, 1, 2, expires_at=LATER, epoch=epoch)

    assert len(link) == len(SIGNER.sign(purpose, 1, 2, expires_at=LATER))
    assert len(address) == len(SIGNER.sign_address(purpose, 1, 2, expires_at=LATER))
    for payload in (
        SIGNER.verify(link, purpose, now=NOW),
        SIGNER.verify_address(address, purpose, now=NOW),
    ):
        assert payload.is_of(epoch)
        assert not payload.is_of(other)


def test_link_cannot_be_handed_to_another_epoch() -> None:
    """Nothing that can stand in a token turns its signature into one of another epoch."""
    token = SIGNER.sign(Purpose.PREFERENCES, 1, expires_at=LATER, epoch=5)
    text, signature = token.split(".")

    for mark in ("\x85", "\x05", ".5", "5", "%85", "."):
        for forged in (f"{text}{mark}.{signature}", f"{text}.{mark}{signature}"):
            with pytest.raises(TokenError):
                SIGNER.verify(forged, Purpose.PREFERENCES, now=NOW)


@pytest.mark.parametrize("purpose", sorted(EPOCHLESS))
def test_what_nobody_can_end_has_no_epoch(purpose: Purpose) -> None:
    token = SIGNER.sign(purpose, 1, 2, expires_at=LATER, epoch=1)

    with pytest.raises(TokenError):
        SIGNER.verify(token, purpose, now=NOW)


OLD_KEY, NEW_KEY = b"the key until yesterday, of 37 bytes.", b"the key from today on, of 35 bytes."


@given(purposes.filter(lambda each: each not in EPOCHLESS), epochs)
def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies(
    purpose: Purpose, epoch: int
) -> None:
    old, new, rotated = TokenSigner(OLD_KEY), TokenSigner(NEW_KEY), TokenSigner(NEW_KEY, OLD_KEY)

    for signer in (old, new):
        link = signer.sign(purpose, 1, 2, expires_at=LATER, epoch=epoch)
        address = signer.sign_address(purpose, 1, 2, expires_at=LATER, epoch=epoch)
        assert rotated.verify(link, purpose, now=NOW) == signer.verify(link, purpose, now=NOW)
        assert rotated.verify_address(address, purpose, now=NOW).is_of(epoch)
    assert rotated.sign(purpose, 1, 2, expires_at=LATER, epoch=epoch) == link
    assert rotated.sign_address(purpose, 1, 2, expires_at=LATER, epoch=epoch) == address


def test_a_key_that_was_taken_out_opens_nothing() -> None:
    link = TokenSigner(OLD_KEY).sign(Purpose.RATE, 1, expires_at=LATER)

    with pytest.raises(TokenError):
        TokenSigner(NEW_KEY).verify(link, Purpose.RATE, now=NOW)


def test_other_processes_are_handed_all_keys() -> None:
    link = TokenSigner(OLD_KEY).sign(Purpose.RATE, 1, expires_at=LATER)
    handed_over = pickle.loads(pickle.dumps(TokenSigner(NEW_KEY, OLD_KEY)))  # noqa: S301 - our own

    assert handed_over.verify(link, Purpose.RATE, now=NOW).subscriber_id == 1


def test_each_of_several_keys_has_to_be_long_enough() -> None:
    with pytest.raises(ConfigurationError, match="31 bytes are too few"):
        TokenSigner(NEW_KEY, b"x" * 31)


def test_signing_again_gives_the_same_token() -> None:
    again = TokenSigner(b"only for tests: thirty-two bytes")

    assert again.sign(Purpose.RATE, 12345, 100_000, 250_000, expires_at=LATER) == LINK
    assert again.sign_address(Purpose.BOUNCE, 12345, 10_000_000, expires_at=LATER) == ADDRESS


def test_signer_that_was_handed_to_another_process_signs_the_same() -> None:
    signer = TokenSigner(b"only for tests: thirty-two bytes")
    handed_over = pickle.loads(pickle.dumps(signer))  # noqa: S301 - our own

    assert handed_over.sign(Purpose.RATE, 12345, 100_000, 250_000, expires_at=LATER) == LINK


@pytest.mark.parametrize("last", range(1, 128))
def test_token_may_end_with_any_character(last: int) -> None:
    """Both fill whole groups of their encoding, so that nothing pads the last byte."""
    link = SIGNER.sign(Purpose.RATE, 1, last << 14, expires_at=LATER)
    assert SIGNER.verify(link, Purpose.RATE, now=NOW).values == (last << 14,)
    address = SIGNER.sign_address(Purpose.BOUNCE, 1, last, expires_at=LATER)
    assert SIGNER.verify_address(address, Purpose.BOUNCE, now=NOW).values == (last,)


def test_rating_link_is_shorter_than_80_characters() -> None:
    token = SIGNER.sign(Purpose.RATE, 10**6, 10**9, 10**7, expires_at=LATER)

    assert len(token) < 80
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")


def test_longest_bounce_address_fits_into_a_local_part() -> None:
    token = SIGNER.sign_address(Purpose.BOUNCE, 2**42 - 1, 2**42 - 1, expires_at=LATER)

    assert len(f"papers+confirm-{token}") <= 64
    assert set(token) <= set(string.ascii_lowercase + string.digits)


@pytest.mark.parametrize(
    ("purpose", "values"),
    [
        (Purpose.CONFIRM, [int(LATER.timestamp())]),
        (Purpose.RATE, [2**28 - 1]),
        (Purpose.UNSUBSCRIBE, []),
        (Purpose.BOUNCE, [2**35 - 1]),
        (Purpose.PENDING, [2**28 - 1]),
    ],
)
def test_every_address_of_two_million_subscribers_fits_the_longest_list_name(
    purpose: Purpose, values: list[int]
) -> None:
    token = SIGNER.sign_address(purpose, 2**21 - 1, *values, expires_at=LATER)

    assert len(f"{'a' * 16}+{purpose}-{token}") <= 64


def test_address_that_would_not_fit_is_not_made() -> None:
    longest = [1] * 14
    token = SIGNER.sign_address(Purpose.RATE, 1, *longest, expires_at=LATER)
    assert len(token) == 49
    assert SIGNER.verify_address(token, Purpose.RATE, now=NOW).values == tuple(longest)
    with pytest.raises(ValueError, match=r"does not fit into the local part of an address$"):
        SIGNER.sign_address(Purpose.RATE, 1, *longest, 1, expires_at=LATER)


def test_link_that_would_not_be_accepted_is_not_made() -> None:
    longest = [1] * 345
    token = SIGNER.sign(Purpose.RATE, 1, *longest, expires_at=LATER)
    assert len(token) == 512
    assert SIGNER.verify(token, Purpose.RATE, now=NOW).values == tuple(longest)
    with pytest.raises(ValueError, match="346 values do not fit"):
        SIGNER.sign(Purpose.RATE, 1, *longest, 1, expires_at=LATER)


@pytest.mark.parametrize("number", [-1, 2**63])
def test_numbers_out_of_range_are_not_signed(number: int) -> None:
    with pytest.raises(ValueError, match="is not in"):
        SIGNER.sign(Purpose.RATE, number, expires_at=LATER)


def test_naive_expiry_is_not_signed() -> None:
    with pytest.raises(ValueError, match="timezone-aware"):
        SIGNER.sign(Purpose.RATE, 1, expires_at=datetime(2026, 9, 11))  # noqa: DTZ001 - the point


def test_expiry_in_another_zone_is_the_same_instant() -> None:
    elsewhere = LATER.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert SIGNER.sign(Purpose.RATE, 12345, 100_000, 250_000, expires_at=elsewhere) == LINK


def test_token_lives_until_its_expiry_and_not_longer() -> None:
    expires_at = NOW + timedelta(seconds=90, microseconds=999_999)
    token = SIGNER.sign(Purpose.CONFIRM, 1, expires_at=expires_at)

    payload = SIGNER.verify(token, Purpose.CONFIRM, now=NOW + timedelta(seconds=89))
    assert NOW + timedelta(seconds=90) == payload.expires_at
    with pytest.raises(TokenExpiredError, match=r"11 March 2026 07:01 UTC; ask for a new mail"):
        SIGNER.verify(token, Purpose.CONFIRM, now=expires_at)


def test_expired_address_is_said_to_be_expired() -> None:
    with pytest.raises(TokenExpiredError):
        SIGNER.verify_address(ADDRESS, Purpose.BOUNCE, now=LATER)


def test_damaged_token_past_its_time_is_not_called_expired() -> None:
    damaged = LINK[:-1] + ("A" if LINK[-1] != "A" else "E")

    with pytest.raises(TokenError) as refusal:
        SIGNER.verify(damaged, Purpose.RATE, now=LATER + timedelta(days=1))
    assert type(refusal.value) is TokenError


@given(st.integers(0, len(LINK) - 1), st.characters())
@example(len(LINK) - 1, "9")  # base64 would decode this to the same signature
def test_link_with_any_other_character_is_refused(position: int, character: str) -> None:
    assume(LINK[position] != character)
    changed = LINK[:position] + character + LINK[position + 1 :]

    with pytest.raises(TokenError):
        SIGNER.verify(changed, Purpose.RATE, now=NOW)


@given(st.integers(0, len(ADDRESS) - 1), st.characters())
@example(ADDRESS.index("k") if "k" in ADDRESS else 0, "\N{KELVIN SIGN}")
def test_address_with_any_other_character_is_refused(position: int, character: str) -> None:
    assume(not character.isascii() or ADDRESS[position] != character.lower())
    changed = ADDRESS[:position] + character + ADDRESS[position + 1 :]

    with pytest.raises(TokenError):
        SIGNER.verify_address(changed, Purpose.BOUNCE, now=NOW)


@given(st.integers(0, len(LINK) - 1))
def test_link_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(TokenError):
        SIGNER.verify(LINK[:length], Purpose.RATE, now=NOW)


@given(st.lists(st.booleans(), min_size=len(ADDRESS), max_size=len(ADDRESS)))
def test_address_holds_in_any_case(upper: list[bool]) -> None:
    changed = "".join(
        character.upper() if up else character for character, up in zip(ADDRESS, upper, strict=True)
    )

    payload = SIGNER.verify_address(changed, Purpose.BOUNCE, now=NOW)
    assert Payload(Purpose.BOUNCE, 12345, (10_000_000,), LATER) == payload


@given(st.text())
@example("")
@example(".")
@example("é" * 20)
@example("\ud800")
@example("A" * 10_000_000)
def test_any_text_is_refused_in_no_other_way_than_as_a_token(text: str) -> None:
    with pytest.raises(TokenError):
        SIGNER.verify(text, Purpose.RATE, now=NOW)
    with pytest.raises(TokenError):
        SIGNER.verify_address(text, Purpose.BOUNCE, now=NOW)


@given(purposes, purposes)
def test_token_of_another_purpose_is_refused(signed: Purpose, asked: Purpose) -> None:
    assume(signed is not asked)
    link = SIGNER.sign(signed, 1, 2, expires_at=LATER)
    address = SIGNER.sign_address(signed, 1, 2, expires_at=LATER)

    with pytest.raises(TokenError):
        SIGNER.verify(link, asked, now=NOW)
    with pytest.raises(TokenError):
        SIGNER.verify_address(address, asked, now=NOW)


def test_refusal_says_where_to_find_a_good_link() -> None:
    with pytest.raises(TokenError) as refusal:
        SIGNER.verify("", Purpose.RATE, now=NOW)
    assert str(refusal.value) == (
        "this link is damaged, incomplete or meant for something else; open it again from the mail "
        "it came in, or ask for a new mail"
    )


def test_link_cannot_be_handed_to_another_subscriber() -> None:
    other_claims, _ = SIGNER.sign(Purpose.UNSUBSCRIBE, 2, expires_at=LATER).split(".")
    _, own_signature = SIGNER.sign(Purpose.UNSUBSCRIBE, 1, expires_at=LATER).split(".")

    with pytest.raises(TokenError):
        SIGNER.verify(f"{other_claims}.{own_signature}", Purpose.UNSUBSCRIBE, now=NOW)


def test_token_of_another_key_is_refused() -> None:
    other = TokenSigner(b"another installation's key, of 37 bytes")

    with pytest.raises(TokenError):
        other.verify(LINK, Purpose.RATE, now=NOW)
    with pytest.raises(TokenError):
        other.verify_address(ADDRESS, Purpose.BOUNCE, now=NOW)


def test_signature_of_a_link_is_not_one_of_an_address() -> None:
    link = SIGNER.sign(Purpose.BOUNCE, 12345, 10_000_000, expires_at=LATER)

    with pytest.raises(TokenError):
        SIGNER.verify_address(link, Purpose.BOUNCE, now=NOW)
    with pytest.raises(TokenError):
        SIGNER.verify(ADDRESS, Purpose.BOUNCE, now=NOW)


def test_short_secret_key_is_refused_with_the_mend() -> None:
    with pytest.raises(ConfigurationError, match=r"31 bytes are too few .* `recommender init`"):
        TokenSigner(b"x" * 31)


def test_generated_secret_keys_are_long_enough_and_differ() -> None:
    first, second = generate_secret_key(), generate_secret_key()

    TokenSigner(first.encode())
    assert len(first) == 64
    assert first != second
