"""Which connections stay open: decided by who keeps us waiting, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from recommender.web.connections import (
    ConnectionLimits,
    Connections,
    Phase,
    connections_allowed,
)

LIMITS = ConnectionLimits(
    total=4, per_network=2, request_seconds=10, body_seconds=30, answer_seconds=120
)


@dataclass(eq=False)
class Client:
    """A connection whose state a test sets."""

    network: str | None = None
    waits_for: Phase | None = Phase.REQUEST
    is_closed: bool = False

    def phase(self) -> Phase | None:
        return self.waits_for

    def cut_off(self) -> None:
        self.is_closed = True


@dataclass
class Door:
    """All connections, at a time that a test sets."""

    now: float = 0.0
    all: Connections = field(init=False)

    def __post_init__(self) -> None:
        self.all = Connections(LIMITS, clock=lambda: self.now)

    def enter(self, client: Client) -> Client:
        self.now += 1
        assert self.all.has_room(client.network)
        self.all.add(client)
        return client

    def becomes(self, client: Client, phase: Phase | None) -> None:
        client.waits_for = phase
        self.all.look_at(client)


@pytest.fixture
def door() -> Door:
    return Door()


def test_where_there_is_no_room_the_longest_waiting_goes(door: Door) -> None:
    first, *others = [door.enter(Client()) for _ in range(4)]

    door.enter(Client())

    assert first.is_closed
    assert [other.is_closed for other in others] == 3 * [False]
    assert len(door.all) == LIMITS.total
    assert door.all.closed.for_room == 1


def test_who_waits_for_us_is_never_closed_for_another(door: Door) -> None:
    first, second, *_ = [door.enter(Client()) for _ in range(4)]
    door.becomes(first, None)

    door.enter(Client())

    assert not first.is_closed
    assert second.is_closed


def test_where_everybody_waits_for_us_another_is_refused(door: Door) -> None:
    for _ in range(4):
        door.enter(Client(waits_for=None))

    assert not door.all.has_room(None)
    assert door.all.closed.refused == 1
    assert door.all.closed.is_trouble


def test_a_slow_body_does_not_outlive_one_who_has_just_come(door: Door) -> None:
    slow = [door.enter(Client()) for _ in range(3)]
    for client in slow:
        door.becomes(client, Phase.BODY)
    honest = door.enter(Client())

    door.enter(Client())

    assert not honest.is_closed
    assert slow[0].is_closed


def test_connections_that_are_being_opened_count(door: Door) -> None:
    first, _ = [door.enter(Client()) for _ in range(2)]

    assert door.all.has_room(None, opening=2)
    assert first.is_closed


def test_a_network_at_its_limit_makes_room_among_its_own(door: Door) -> None:
    foreign = door.enter(Client(network="192.0.2.1"))
    first, second = [door.enter(Client(network="192.0.2.7")) for _ in range(2)]

    door.enter(Client(network="192.0.2.7"))

    assert (foreign.is_closed, first.is_closed, second.is_closed) == (False, True, False)


def test_a_network_whose_requests_are_all_being_answered_gets_no_other(door: Door) -> None:
    for _ in range(2):
        door.enter(Client(network="192.0.2.7", waits_for=None))

    assert not door.all.has_room("192.0.2.7")
    assert door.all.has_room("192.0.2.8")


def test_servers_before_us_have_no_limit_of_their_own(door: Door) -> None:
    clients = [door.enter(Client(network=None)) for _ in range(3)]

    assert door.all.has_room(None)
    assert not any(client.is_closed for client in clients)


@pytest.mark.parametrize(
    ("phase", "seconds"), [(Phase.REQUEST, 10), (Phase.BODY, 30), (Phase.ANSWER, 120)]
)
def test_a_client_is_waited_for_only_so_long(door: Door, phase: Phase, seconds: float) -> None:
    client = door.enter(Client(waits_for=phase))

    door.now += seconds - 0.1
    door.all.close_late()
    assert not client.is_closed

    door.now += 0.1
    door.all.close_late()
    assert client.is_closed
    assert door.all.closed.late == 1
    assert len(door.all) == 0


def test_bytes_that_trickle_in_do_not_prolong_the_time(door: Door) -> None:
    client = door.enter(Client())
    for _ in range(10):
        assert not client.is_closed
        door.now += 1
        door.all.look_at(client)
        door.all.close_late()

    assert client.is_closed


def test_each_request_has_its_own_time(door: Door) -> None:
    client = door.enter(Client())
    door.now += 9
    door.becomes(client, None)
    door.becomes(client, Phase.REQUEST)
    door.now += 9
    door.all.close_late()

    assert not client.is_closed


def test_our_own_time_is_not_the_clients(door: Door) -> None:
    client = door.enter(Client(waits_for=None))
    door.now += 1_000
    door.all.close_late()

    assert not client.is_closed


def test_a_network_without_connections_is_forgotten(door: Door) -> None:
    client = door.enter(Client(network="192.0.2.7"))
    door.all.remove(client)
    door.all.remove(client)

    assert door.all == Connections(LIMITS, clock=door.all.clock)


def test_lateness_alone_is_nothing_to_tell(door: Door) -> None:
    door.enter(Client())
    door.now += 10
    door.all.close_late()

    assert not door.all.closed.is_trouble


@pytest.mark.parametrize(
    ("descriptors", "allowed"),
    [(1, 1), (64, 32), (512, 256), (1_024, 768), (1_256, 1_000), (1 << 20, 1_000)],
)
def test_connections_leave_descriptors_for_everything_else(descriptors: int, allowed: int) -> None:
    assert connections_allowed(descriptors) == allowed
