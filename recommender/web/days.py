"""Room 6, what they click: the archive of days, and the papers of each."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.jobs.pages import days
from recommender.web.forms import page_number, services_of
from recommender.web.responses import cached, respond


def archive(request: Request) -> Response:
    """List the months that have papers, the newest first."""
    services = services_of(request)
    page = respond(
        request, "archive", months=days.months(services), site_url=services.site.base_url
    )
    return cached(request, page)


def month(request: Request) -> Response:
    """List the days of a month, the newest first."""
    services = services_of(request)
    try:
        begins = date(request.path_params["year"], request.path_params["month"], 1)
    except (ValueError, OverflowError) as error:
        raise HTTPException(HTTPStatus.NOT_FOUND) from error
    found = days.days_of_month(services, begins.year, begins.month)
    page = respond(
        request, "archive-month", month=begins, days=found, site_url=services.site.base_url
    )
    return cached(request, page)


def day(request: Request) -> Response:
    """Show some of the trending papers of one day."""
    services = services_of(request)
    try:
        meant = date.fromisoformat(request.path_params["date"])
    except ValueError as error:
        raise HTTPException(HTTPStatus.NOT_FOUND) from error
    found = days.day_page(services, meant, page_number(request))
    page = respond(request, "archive-day", front=found, site_url=services.site.base_url)
    return cached(request, page)
