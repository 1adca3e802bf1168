"""Jobs: whether this installation does its work, with reasons, and how much there is of what."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final

from recommender.errors import StorageError
from recommender.jobs.services import Services
from recommender.papers.sources.source_states import judge_all
from recommender.store import counts, holds, outbox, qualities, requests, subscribers
from recommender.store.counts import Counts
from recommender.store.database import Session
from recommender.store.holds import Holds
from recommender.wording import counted

# Newsletters are composed and delivered within minutes; an hour behind is trouble.
BEHIND: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


def check(services: Services) -> dict[str, Any]:
    """Return whether the work is done in time, and what comes can be stored.

    Returns
    -------
    dict
        ``status``: ``ok``, ``failing``, or ``degraded`` where sources are in trouble, the
        disk fills up, or the operator pauses sending, and nothing else is wrong;
        ``reasons``: list of str, empty where it is ok;
        ``held``: list of str, what keeps messages back, which alone is no failure: servers pause
        and domains are slowed in the course of things. Everybody may read it, so that it names
        no server, no domain and no source; `held_back` and the list of sources do.
    """
    reasons = []
    latest = services.clock() - BEHIND
    if trouble := services.database.write_probe.trouble():
        reasons.append(trouble)
    try:
        with services.database.read() as session:
            due_at = subscribers.next_due_at(session)
            waiting_since = outbox.next_attempt_at(session)
            held = holds.at(session, services.clock())
            in_trouble = _sources_in_trouble(session, services.clock())
    except StorageError as error:
        return {
            "status": "failing",
            "reasons": list(dict.fromkeys([*reasons, str(error)])),
            "held": [],
        }
    if held.paused_at is None and due_at is not None and due_at < latest:
        reasons.append(f"issues are due since {due_at:%Y-%m-%d %H:%M} UTC and not composed")
    if held.paused_at is None and waiting_since is not None and waiting_since < latest:
        reasons.append(
            f"messages wait in the outbox since {waiting_since:%Y-%m-%d %H:%M} UTC; "
            "the log says what the SMTP server answered"
        )
    if any(server.bulk_held_until is not None for server in held.servers):
        # Nothing ends this but the operator: what is refused for its content stays refused.
        reasons.append("newsletters are held; `recommender outbox list` says why")
    wanting = [] if held.paused_at is None else [paused_words(held.paused_at)]
    if filling := services.database.write_probe.filling():
        wanting.append(filling)
    wanting += in_trouble
    return {
        "status": "failing" if reasons else "degraded" if wanting else "ok",
        "reasons": [*reasons, *wanting],
        "held": _without_names(held),
    }


def _sources_in_trouble(session: Session, now: datetime) -> list[str]:
    verdicts = [each.verdict for each in judge_all(session, now=now)]
    states = Counter(each.state for each in verdicts if each.is_trouble)
    return [
        f"{counted(number, 'source')} {state}; `recommender sources list` says why"
        for state, number in sorted(states.items())
    ]


def hold_reasons(holds: Holds) -> list[str]:
    """Return what keeps messages back although they are due, a line for each."""
    reasons = [] if holds.paused_at is None else [paused_words(holds.paused_at)]
    for server in holds.servers:
        if server.paused_until is not None:
            reasons.append(
                f"SMTP server {server.server} is paused until {_moment(server.paused_until)}"
                f"{_said(server.last_trouble)}"
            )
        if server.bulk_held_until is not None:
            refusals = counted(server.bulk_refusals, "message")
            reasons.append(
                f"newsletters through {server.server} are held until "
                f"{_moment(server.bulk_held_until)}: it refused {refusals} for what they say"
                # What it said last may be of the pause that the line before tells of.
                f"{_said(server.last_trouble) if server.paused_until is None else ''}"
            )
    for domain in holds.domains:
        if domain.paused_until is not None:
            reasons.append(
                f"{domain.domain} gets nothing until {_moment(domain.paused_until)}"
                f"{_said(domain.last_reply)}"
            )
        elif domain.messages_per_minute is not None:
            since = "" if domain.slowed_at is None else f" since {_moment(domain.slowed_at)}"
            reasons.append(
                f"{domain.domain} gets {domain.messages_per_minute:.3g} messages a minute{since}"
                f"{_said(domain.last_reply)}"
            )
    return reasons


def paused_words(paused_at: datetime) -> str:
    """Return that the operator pauses sending, with what ends it."""
    return f"sending is paused since {_moment(paused_at)}; `recommender outbox resume` goes on"


def _without_names(held: Holds) -> list[str]:
    paused = sum(server.paused_until is not None for server in held.servers)
    bulk = sum(server.bulk_held_until is not None for server in held.servers)
    return [
        f"{counted(number, noun)} {what}"
        for number, noun, what in (
            (paused, "SMTP server", "paused for now"),
            (bulk, "SMTP server", "not given newsletters"),
            (len(held.domains), "recipient domain", "sent to slowly or later"),
        )
        if number
    ]


def _said(words: str) -> str:
    return f" ({words})" if words else ""


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def count_everything(services: Services) -> Counts:
    """Count everything."""
    with services.database.read() as session:
        return counts.row_counts(session)


def requests_of_a_day(services: Services) -> dict[str, int]:
    """Count the requests to be subscribed of the last day by what came of them.

    Those that wait for their turn are counted too, as ``waiting``.
    """
    with services.database.read() as session:
        outcomes = requests.outcomes_since(session, services.clock() - DAY)
        waiting = requests.count_waiting(session)
    return outcomes | ({"waiting": waiting} if waiting else {})


def signals(services: Services) -> dict[str, int]:
    """Count whose interest was last measured, and whose predicts no better than trend.

    Returns
    -------
    dict
        ``measured`` and ``poor``, of the last night on which anybody was measured.
    """
    with services.database.read() as session:
        last = qualities.means(session, 1)
    return {
        "measured": sum(day.signals for day in last),
        "poor": sum(day.poor_signals for day in last),
    }


def held_back(services: Services) -> list[str]:
    """Return what keeps messages back now."""
    with services.database.read() as session:
        return hold_reasons(holds.at(session, services.clock()))
