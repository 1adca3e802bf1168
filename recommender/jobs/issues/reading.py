"""Jobs: an issue is read in the browser, by its link."""

from __future__ import annotations

from recommender.errors import NotFoundError
from recommender.jobs.outgoing import links
from recommender.jobs.outgoing.messages import issue_mail
from recommender.jobs.services import Services
from recommender.store import issues, papers, subscribers
from recommender.tokens import Purpose


def issue_html(services: Services, token: str) -> str:
    """Render an issue for the browser, as it was mailed, with the papers taken back since marked.

    Raises
    ------
    TokenError, TokenExpiredError, TokenEndedError
        If the link is none.
    NotFoundError
        If the issue is gone with its subscriber.
    """
    with services.database.read() as session:
        payload = links.verify(services, session, token, Purpose.ISSUE)
        subscriber = subscribers.by_id(session, payload.subscriber_id)
        issue = issues.by_id(session, payload.values[0])
        today = papers.by_ids(session, [each.paper_id for each in issue.entries] if issue else ())
    if subscriber is None or issue is None or issue.subscriber_id != subscriber.id:
        raise NotFoundError("this issue does not exist any more; the newest mail has fresh links")
    withdrawn = {paper.id for paper in today.values() if paper.withdrawn_at is not None}
    return issue_mail(services, subscriber, issue, withdrawn=withdrawn).html
