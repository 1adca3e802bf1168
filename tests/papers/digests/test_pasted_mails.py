"""A mail that somebody pasted is dated by the day on which it was sent; its head is no paper."""

from __future__ import annotations

from datetime import date

import pytest

from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, NAMES, TITLES, is_right, read

TODAY = date(2026, 3, 20)
HEADS = {
    "outlook": "From: Ann Doe\nSent: Monday, March 9, 2026 8:05 PM\nTo: the lab\nSubject: papers\n",
    "address": "From: Ann Doe <ann@example.org>\nSent: 9 March 2026 08:05\nTo: lab@example.org\n"
    "Cc: roe@example.org\nSubject: of 2025\n",
    "german": "Von: Ann Doe\nGesendet: Montag, 9. März 2026 08:05\nAn: Labor\nBetreff: Neues\n",
    "french": "De : Ann Doe\nEnvoyé : lundi 9 mars 2026 08:05\nÀ : équipe\nObjet : articles\n",
}


def papers() -> str:
    return "".join(
        f"{title}\n{names}\nhttps://arxiv.org/abs/{arxiv_id}\n\n{abstract}\n\n"
        for title, names, arxiv_id, abstract in zip(TITLES, NAMES, IDS, ABSTRACTS, strict=True)
    )


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_the_head_of_a_pasted_mail_says_the_day(head: str) -> None:
    digest = read(f"{head}\n{papers()}")
    assert is_right(digest)
    assert digest.date == date(2026, 3, 9)


def test_a_day_above_the_papers_counts_first() -> None:
    digest = read(f"{HEADS['outlook']}\n2026-03-11\n\n{papers()}")
    assert is_right(digest)
    assert digest.date == date(2026, 3, 11)
