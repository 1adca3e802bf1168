"""What subscribers entrust to us is read by nobody without the signing key."""

from __future__ import annotations

import pytest

from recommender.errors import SealError
from recommender.sealing import Sealer
from recommender.tokens import TokenSigner

OLD, NEW = b"only for tests, and known to everybody", b"another one for tests, known as well as it"
SECRET = "an API key that somebody gave us"


def sealer(*keys: bytes, label: str = "tests") -> Sealer:
    return Sealer(TokenSigner(*keys).derived_keys(label))


def test_what_is_sealed_is_opened_and_shows_nothing_of_itself() -> None:
    sealed = sealer(OLD).seal(SECRET)

    assert sealer(OLD).open(sealed) == SECRET
    assert SECRET not in sealed
    assert sealed.isascii()
    assert sealer(OLD).seal(SECRET) != sealed, "twice the same is not seen to be the same"


def test_an_older_signing_key_opens_what_it_sealed_and_the_new_one_seals_it_anew() -> None:
    sealed = sealer(OLD).seal(SECRET)
    again = sealer(NEW, OLD).resealed(sealed)

    assert sealer(NEW, OLD).open(sealed) == SECRET
    assert sealer(NEW).open(again) == SECRET


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-4], lambda text: text[:20] + "A" + text[21:], lambda _: "", str]
)
def test_what_was_not_sealed_by_us_is_refused(damage: object) -> None:
    assert callable(damage)
    sealed = damage(sealer(NEW).seal(SECRET))
    with pytest.raises(SealError, match="cannot be opened"):
        sealer(OLD).open(sealed)


def test_each_label_has_keys_of_its_own_and_none_is_the_signing_key() -> None:
    signer = TokenSigner(OLD, NEW)
    keys = {*signer.derived_keys("a"), *signer.derived_keys("b")}

    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert signer.derived_keys("a") == signer.derived_keys("a")
    with pytest.raises(SealError):
        sealer(OLD, label="b").open(sealer(OLD, label="a").seal(SECRET))
