from __future__ import annotations

import pytest

from recommender.newsletter.poor_signal import FEWEST_ISSUES, expected_gain


def test_few_issues_say_nothing_however_bad_they_were() -> None:
    assert expected_gain([]) is None
    assert expected_gain([-1.0] * (FEWEST_ISSUES - 1)) is None


def test_gain_is_shrunk_to_that_of_readers_with_a_taste() -> None:
    """The prior counts as ten issues of 0.1."""
    assert expected_gain([-0.1, 0.3, 0.2, 0.0]) == pytest.approx((1.0 + 0.4) / 14)
    assert expected_gain([0.1] * 30) == pytest.approx(0.1)


@pytest.mark.parametrize(("gain", "issues", "is_poor"), [(-0.2, 4, False), (-0.2, 6, True)])
def test_few_bad_issues_are_forgiven(gain: float, issues: int, is_poor: bool) -> None:
    expected = expected_gain([gain] * issues)
    assert expected is not None
    assert (expected <= 0) is is_poor


def test_interest_that_is_as_good_as_trend_is_not_suspected_without_a_loss() -> None:
    expected = expected_gain([0.0] * 40)
    assert expected is not None
    assert expected > 0
