"""Room mail: how servers, recipient domains and the operator's limits stand during a run.

It decides with the pure rules of `servers`, `holds` and `pacing` what may be sent now, and learns
from answers; no network. Whoever runs it saves `unsaved` with the answers, so that a restart knows
as much. Not for several threads at a time.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from recommender.domain import Delivery, DeliveryKind, DeliveryState, DomainPace, ServerState
from recommender.mail.message import BULK_KINDS
from recommender.mail.outbox import relays
from recommender.mail.outbox.domains import DomainLimits
from recommender.mail.outbox.holds import DeliveryRules, bulk_left, free_at, held_kinds, hour_limits
from recommender.mail.outbox.limits import SlidingLimit
from recommender.mail.outbox.relays import Relay
from recommender.mail.transport.replies import (
    Disposition,
    Grounds,
    Outcome,
    Reply,
    Step,
    classify,
    grounds,
)
from recommender.store import pacing
from recommender.store.database import Database

# Seconds of sending that a connection claims for where its server limits messages a second: what
# waits here could go elsewhere.
CLAIMED_SECONDS = 10

_logger = logging.getLogger(__name__)


def read_standing(
    database: Database,
    relays: Sequence[Relay],
    rules: DeliveryRules,
    *,
    now: datetime,
    ignore_pauses: bool,
    rng: random.Random,
) -> Standing:
    """Read how everything stood when it was last saved.

    Raises
    ------
    StorageError
        If it cannot be read.
    """
    with database.read() as session:
        states = pacing.server_states(session, [relay.name for relay in relays])
        if ignore_pauses:
            states = {name: replace(state, paused_until=None) for name, state in states.items()}
        return Standing(
            relays=relays,
            rules=rules,
            rng=rng,
            states=states,
            domains=DomainLimits(pacing.domain_paces(session), ceiling=rules.domain_per_minute),
            hours=hour_limits(session, relays, now),
            bulk_left=bulk_left(session, rules, now),
        )


@dataclass(slots=True, kw_only=True)
class Standing:
    """What may be sent now, to whom, over which server.

    Attributes
    ----------
    trouble, content_trouble : str or None
        The last trouble of a server, and of our newsletters, for the operator.
    """

    relays: Sequence[Relay]
    rules: DeliveryRules
    rng: random.Random
    states: dict[str, ServerState]
    domains: DomainLimits
    hours: dict[str, SlidingLimit]
    bulk_left: int | None
    trouble: str | None = None
    content_trouble: str | None = None
    unsaved_servers: set[str] = field(default_factory=set)

    def in_charge(self, now: datetime) -> list[Relay]:
        """Return the servers that messages go to now."""
        free = {
            relay.name: free_at(self.states[relay.name], self.hours[relay.name], now)
            for relay in self.relays
        }
        return relays.in_charge(self.relays, free, now)

    def reserve(self, relay: Relay, now: datetime) -> int:
        """Return how many messages a connection to a server may claim now, and count them already.

        Others claim at the same time; what is not sent after all is given back.
        """
        limits = [self.rules.batch_size]
        room = self.hours[relay.name].room(now)
        if room is not None:
            limits.append(room)
        if relay.server.messages_per_second:
            share = CLAIMED_SECONDS * relay.server.messages_per_second / relay.server.connections
            limits.append(max(1, int(share)))
        self.hours[relay.name].take(min(limits), now)
        return min(limits)

    def give_back(self, relay: Relay, count: int) -> None:
        """Give back some that were reserved and not claimed."""
        self.hours[relay.name].give_back(count)

    def held_kinds(self, now: datetime) -> tuple[DeliveryKind, ...]:
        """Return the kinds of messages that are held back now."""
        return tuple(held_kinds(self.rules, self.states, bulk_left=self.bulk_left, now=now))

    def admit(self, delivery: Delivery, now: datetime) -> bool:
        """Count a claimed message against all other limits; False where one keeps it back."""
        is_warming_up = delivery.kind in BULK_KINDS and self.bulk_left is not None
        if (is_warming_up and not self.bulk_left) or not self.domains.admit(
            delivery.recipient_domain, now
        ):
            return False
        if is_warming_up:
            self._count_bulk(-1)
        return True

    def dismiss(self, relay: Relay, delivery: Delivery) -> None:
        """Undo an admission: nothing was sent for it."""
        self.domains.give_back(delivery.recipient_domain)
        self.hours[relay.name].give_back(1)
        if delivery.kind in BULK_KINDS:
            self._count_bulk(1)

    def _count_bulk(self, more: int) -> None:
        if self.bulk_left is not None:
            self.bulk_left += more

    def is_held_meanwhile(self, delivery: Delivery, now: datetime) -> bool:
        """Whether what another message was answered keeps this one back, though it is claimed."""
        return self.domains.has_slowed(delivery.recipient_domain, now) or (
            delivery.kind in BULK_KINDS
            and any(relays.is_bulk_held(state, now) for state in self.states.values())
        )

    def is_paused(self, relay: Relay, now: datetime) -> bool:
        """Whether a server is paused."""
        return relays.is_paused(self.states[relay.name], now)

    def pause(self, relay: Relay, trouble: str, now: datetime) -> None:
        """Pause a server: it is in trouble, or refuses us."""
        state = self.states[relay.name]
        if relays.is_paused(state, now):
            return
        self.trouble = trouble
        state = relays.after_trouble(state, trouble, now=now, rng=self.rng)
        self._set_state(relay, state)
        pause = (state.paused_until or now) - now
        _logger.warning("%s; it is paused for %d s", trouble, pause.total_seconds())

    def learn(
        self,
        relay: Relay,
        delivery: Delivery,
        reply: Reply,
        disposition: Disposition,
        now: datetime,
    ) -> None:
        """Draw what an answer says of the server, of a domain, of our newsletters."""
        if reply.step is Step.BUILD:
            self.dismiss(relay, delivery)
            return
        if classify(reply) in {Outcome.IN_DOUBT, Outcome.SERVER}:
            return
        state = self.states[relay.name]
        if not relays.is_paused(state, now):
            state = relays.after_answer(state)
        is_bulk = delivery.kind in BULK_KINDS
        if disposition.state is DeliveryState.SENT:
            self.domains.accepted(delivery.recipient_domain, now)
            state = relays.after_bulk_acceptance(state) if is_bulk else state
        match grounds(reply):
            case Grounds.RATE:
                self._slow_down(delivery.recipient_domain, reply, now)
            case Grounds.CONTENT if is_bulk:
                state = self._hold_bulk(relay, state, reply, now)
        self._set_state(relay, state)

    def unsaved(self) -> tuple[Mapping[str, ServerState], Mapping[str, DomainPace]]:
        """Return what changed since it was last called."""
        changed = {name: self.states[name] for name in self.unsaved_servers}
        self.unsaved_servers = set()
        return changed, self.domains.unsaved()

    def _slow_down(self, domain: str, reply: Reply, now: datetime) -> None:
        pace = self.domains.slowed(domain, reply.words, now)
        _logger.info(
            "%s asks to be sent less (%s): %.3g messages a minute from now on",
            domain,
            reply.words,
            pace.messages_per_minute,
        )

    def _hold_bulk(
        self, relay: Relay, state: ServerState, reply: Reply, now: datetime
    ) -> ServerState:
        refused = relays.after_content_refusal(
            state, reply.words, most=self.rules.content_refusals, now=now
        )
        if relays.is_bulk_held(refused, now) and refused is not state:
            self.content_trouble = (
                f"SMTP server {relay.name} refused {refused.bulk_refusals} newsletters in a row "
                f"for what they say: {reply.words}; newsletters wait until "
                f"{refused.bulk_held_until:%Y-%m-%d %H:%M} UTC, look at one with `recommender "
                "preview` and at the reputation of the sending domain"
            )
            _logger.error("%s", self.content_trouble)
        return refused

    def _set_state(self, relay: Relay, state: ServerState) -> None:
        if state is not self.states[relay.name]:
            self.states[relay.name] = state
            self.unsaved_servers.add(relay.name)
