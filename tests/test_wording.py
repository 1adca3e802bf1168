import pytest

from recommender.wording import counted, listed


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0 papers"), (1, "1 paper"), (2, "2 papers"), (1234, "1,234 papers")],
)
def test_nouns_follow_their_number(number: int, expected: str) -> None:
    assert counted(number, "paper") == expected


def test_irregular_plural_is_given() -> None:
    assert counted(2, "saved paper", "saved papers") == "2 saved papers"


@pytest.mark.parametrize(
    ("words", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_lists_end_in_and(words: list[str], expected: str) -> None:
    assert listed(words) == expected
