"""Networks have their turns one after the other, and whoever has most waiting gives way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommender.web.turns import Turns


def taken(turns: Turns[str]) -> list[str]:
    return [request for _ in range(len(turns)) if (request := turns.take()) is not None]


def filled(most: int, *requests: str) -> tuple[Turns[str], list[str | None]]:
    """Have requests wait, each of the network that its first letter names."""
    turns = Turns[str](most)
    return turns, [turns.put(request[0], request) for request in requests]


def test_networks_take_turns_and_each_keeps_its_order() -> None:
    turns, gone = filled(9, "a1", "a2", "a3", "b1", "c1", "b2")

    assert gone == [None] * 6
    assert taken(turns) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert turns.take() is None


def test_where_there_is_no_room_the_newest_goes_of_whoever_has_most() -> None:
    turns, gone = filled(3, "a1", "a2", "a3", "b1", "c1")

    assert gone == [None, None, None, "a3", "a2"]
    assert taken(turns) == ["a1", "b1", "c1"]


def test_where_all_have_as_much_whoever_has_just_come_goes() -> None:
    turns, gone = filled(2, "a1", "b1", "c1", "b2")

    assert gone == [None, None, "c1", "b2"]
    assert taken(turns) == ["a1", "b1"]


def test_who_gives_up_waits_no_more() -> None:
    turns, _ = filled(9, "a1", "a2", "b1")
    for request in ("a1", "b1", "b1", "c1"):
        turns.remove(request[0], request)

    assert (len(turns), taken(turns)) == (1, ["a2"])


@given(st.lists(st.sampled_from("abcd")), st.integers(1, 6))
def test_nothing_is_lost_and_a_network_with_little_is_never_refused(
    networks: list[str], most: int
) -> None:
    turns = Turns[tuple[str, int]](most)
    waiting: list[tuple[str, int]] = []
    for number, network in enumerate(networks):
        waiting.append((network, number))
        gone = turns.put(network, (network, number))
        if gone is not None:
            count = [each for each, _ in waiting].count
            assert count(gone[0]) == max(map(count, "abcd"))
            waiting.remove(gone)
    assert len(turns) == len(waiting) <= most
    assert sorted(turns.take() for _ in list(waiting)) == sorted(waiting)  # type: ignore[type-var]
