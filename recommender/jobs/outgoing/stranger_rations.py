"""Jobs: how many mails go to addresses that no subscriber has because somebody wrote to us.

Whoever writes may have forged their From: what we answer burdens somebody who perhaps never wrote.
All such mails together have caps, like confirmations have; see `membership.limits`.
"""

from __future__ import annotations

from recommender.jobs.services import Services
from recommender.membership.addresses import mailbox_of, normalise_address
from recommender.membership.limits import DAY, Allowance, CausedMail, network_of_sender
from recommender.store import stranger_mails
from recommender.store.database import Session
from recommender.store.stranger_mails import StrangerMail


def take_ration(
    services: Services,
    session: Session,
    *,
    recipient: str,
    caused_by: str,
    name: str,
    once_a_day: bool = False,
) -> bool:
    """Count one more mail to a stranger, inside the transaction that queues it.

    Parameters
    ----------
    recipient : str
        Whom it goes to.
    caused_by : str
        The address whose domain stands for the network that asked for it: the envelope's sender,
        or that of the subscriber in whose name a change was asked for.
    name : str
        What it is, for ``once_a_day``.
    once_a_day : bool
        Their mailbox had one of this name today: then that is enough.

    Returns
    -------
    bool
        False where a cap is reached, and nothing may be sent.

    Raises
    ------
    AddressError
        If the recipient is no mail address.
    """
    now = services.clock()
    key, network = normalise_address(recipient).key, network_of_sender(caused_by)
    before = stranger_mails.since(session, now - DAY)
    if once_a_day and any(
        mail.name == name and mailbox_of(mail.email_key) == mailbox_of(key) for mail in before
    ):
        return False
    allowance = Allowance(
        services.answer_limits,
        [CausedMail(mail.caused_at, mail.email_key, mail.network) for mail in before],
    )
    if allowance.reached_cap(address=key, network=network, now=now) is not None:
        return False
    stranger_mails.add(session, StrangerMail(now, key, network, name))
    return True
