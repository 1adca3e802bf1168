"""Jobs: what a mail to one of our addresses brings about. From is never proof of who writes."""

from __future__ import annotations

from recommender.domain import InboundMail, SubscriberState
from recommender.errors import TokenError
from recommender.jobs import bouncing
from recommender.jobs.inbox import Handled
from recommender.jobs.services import Services
from recommender.jobs.subscriptions import leave
from recommender.mail.receiving import split_tag
from recommender.membership import subscription
from recommender.store import subscribers
from recommender.store.database import Session
from recommender.tokens import Claims, Purpose


def dispatch(services: Services, session: Session, mail: InboundMail) -> Handled:
    """Act on a mail by the plus-tag of the address that it came to."""
    command, token = split_tag(mail.recipient)
    if not token:
        # Complaints come to the address that readers and providers see.
        handled = bouncing.handle_stray_report(services, session, mail)
        if handled is not None:
            return handled
    try:
        purpose = Purpose(command)
        claims = services.signer.verify_address(token, purpose, now=services.clock())
    except ValueError:
        return Handled(f"nothing is done for {command or 'the bare address'}")
    except TokenError as error:
        return Handled(f"nothing: {error}")
    if purpose is Purpose.BOUNCE:
        return bouncing.handle_bounce(services, session, mail, claims)
    if purpose is Purpose.UNSUBSCRIBE:
        return _unsubscribe(session, claims)
    return Handled(f"nothing is done for {command}", claims.subscriber_id)


def _unsubscribe(session: Session, claims: Claims) -> Handled:
    # The address is signed: no question is asked.
    subscriber = subscribers.by_id(session, claims.subscriber_id)
    plan = subscription.decide_unsubscribe(subscriber)
    if plan.state is not SubscriberState.UNSUBSCRIBED or not plan.changes:
        return Handled("nothing: had left already", claims.subscriber_id)
    leave(session, claims.subscriber_id)
    return Handled("unsubscribed", claims.subscriber_id)
