"""Room 6, what they click: where a subscriber's own pages begin; touches `jobs` only."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.people import own_pages
from recommender.web.forms import services_of, token_of
from recommender.web.me.frame import show_page


def open_overview(request: Request) -> Response:
    """Show when the next mail comes, and what there is on the other pages."""
    page = own_pages.open_overview(services_of(request), token_of(request))
    return show_page(request, "overview", page.subscriber, page=page)
