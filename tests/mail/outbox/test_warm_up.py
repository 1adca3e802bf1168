from __future__ import annotations

import pytest

from recommender.mail.outbox.warm_up import daily_ceiling


@pytest.mark.parametrize(
    ("first_day", "most", "expected"),
    [
        (0, 500, None),
        (1, 0, 1),
        (50, 0, 50),
        (50, 10, 50),
        (50, 33, 50),
        (50, 34, 51),
        (50, 50, 75),
        (50, 51, 77),
        (100, 100, 150),
    ],
)
def test_ceiling_of_a_day_follows_from_what_was_really_sent(
    first_day: int, most: int, expected: int | None
) -> None:
    assert expected == daily_ceiling(first_day, 1.5, most)


@pytest.mark.parametrize(
    ("growth", "most", "expected"),
    [
        (1.1, 100, 110),  # 110.00000000000001 in binary
        (1.0000004, 1, 1),
        (1.000001, 1, 2),  # but a millionth more is more
    ],
)
def test_last_bit_of_a_product_allows_no_newsletter_more(
    growth: float, most: int, expected: int
) -> None:
    assert expected == daily_ceiling(1, growth, most)
