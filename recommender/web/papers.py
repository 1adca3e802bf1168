"""Room 6, what they click: a paper's own page, and its entry for BibTeX."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommender.jobs.pages.paper import PaperPage, paper_page
from recommender.papers.references.writing import Reference, write_bibtex
from recommender.web.forms import services_of
from recommender.web.responses import DEFAULT_HEADERS, cached, respond

_MOST_DIGITS: Final = 9


def paper(request: Request) -> Response:
    """Show a paper; an id of one that turned out to be another leads there."""
    found = _found(request)
    if found.paper.id != request.path_params["id"]:
        return RedirectResponse(str(found.paper.id), status_code=HTTPStatus.MOVED_PERMANENTLY)
    page = respond(
        request,
        "paper",
        paper=found.paper,
        mentions=found.mentions,
        thumbnail=found.thumbnail,
        bibtex=write_bibtex([Reference(found.paper)]),
        site_url=services_of(request).site.base_url,
    )
    return cached(request, page)


def bibtex(request: Request) -> Response:
    """Answer with a paper's entry for BibTeX, to be kept as a file."""
    found = _found(request).paper
    answer = Response(
        write_bibtex([Reference(found)]), media_type="application/x-bibtex; charset=utf-8"
    )
    answer.headers["Content-Security-Policy"] = DEFAULT_HEADERS["Content-Security-Policy"]
    answer.headers["Content-Disposition"] = f'attachment; filename="paper-{found.id}.bib"'
    return cached(request, answer, indexed=False)


def _found(request: Request) -> PaperPage:
    paper_id: int = request.path_params["id"]
    if paper_id >= 10**_MOST_DIGITS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return paper_page(services_of(request), paper_id)
