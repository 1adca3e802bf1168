"""Jobs: tells the operator of trouble, in the log and, where there is an address, by mail.

A notice is a message like any other: a row in the outbox first, with its words frozen. Its
Message-ID follows from its key, so that one trouble is mailed once, however often it is met.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from recommender.domain import DeliveryKind
from recommender.jobs.outgoing.messages import message_id_for
from recommender.jobs.services import Services
from recommender.languages.negotiation import ENGLISH
from recommender.mail.transport.replies import bounded_line
from recommender.store import outbox

TEMPLATE: Final = "notice"

_logger = logging.getLogger(__name__)


def notify_operator(services: Services, *, key: str, subject: str, lines: Sequence[str]) -> bool:
    """Log trouble, and mail it to ``operator.email`` unless that was done before.

    Parameters
    ----------
    services : Services
    key : str
        Which trouble this is, and of when: ``server-down:mx.example.org:25:2026-03-11``. A notice
        with a key that was used before is not mailed again.
    subject : str
        What happened, to which thing, in one line without a full stop.
    lines : sequence of str
        What there is to know and the fix, a paragraph each. Foreign words may stand in them.

    Returns
    -------
    bool
        Whether a mail was queued.

    Raises
    ------
    StorageError
        If it cannot be queued. It stands in the log then.
    """
    _logger.warning("%s", bounded_line(": ".join(filter(None, (subject, " ".join(lines))))))
    address = services.site.operator_address
    if address is None:
        return False
    message_id = notice_message_id(services, key)
    # Trouble is met again and again: only a new notice may wake the daemon, who meets it.
    with services.database.read() as session:
        if outbox.has_message(session, message_id):
            return False
    with services.change() as session:
        return outbox.enqueue(
            session,
            subscriber_id=None,
            kind=DeliveryKind.NOTICE,
            key=key,
            recipient=address,
            message_id=message_id,
            now=services.clock(),
            content={
                "template": TEMPLATE,
                # Its lines are those of the log and the commands, whatever readers speak.
                "language": ENGLISH,
                "values": {
                    "subject": bounded_line(subject),
                    "lines": [bounded_line(line) for line in lines],
                },
            },
        )


def notice_message_id(services: Services, key: str) -> str:
    """Return the Message-ID of the notice with a key."""
    return message_id_for(services, f"notice:{key}")
