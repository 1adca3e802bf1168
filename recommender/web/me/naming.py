"""Room 6, what they click: papers that a subscriber names; touches `jobs` only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommender.errors import DigestError
from recommender.jobs.people import seeding as jobs
from recommender.languages.messages import Message
from recommender.web.forms import services_of, text, token_of
from recommender.web.me import interests
from recommender.web.me.frame import Problem
from recommender.web.responses import respond, root_of

BODY_LIMIT_BYTES: Final = 3_200_000
"""A file as large as is read, with what the form puts around it."""


def to_form(request: Request) -> Response:
    """Send whoever opens the form's address to the form."""
    return RedirectResponse(
        f"{root_of(request)}me/{token_of(request)}/interests#papers-you-know",
        status_code=HTTPStatus.SEE_OTHER,
    )


def save_papers(request: Request, form: FormData) -> Response:
    """Save the papers that were pasted or uploaded, and tell line by line what came of them."""
    typed, file = text(form, "references", default=""), form.get("file")
    uploaded = file.file.read() if isinstance(file, UploadFile) else b""
    if typed and uploaded:
        return _refused(request, form, Message("send the text and the file one by one"))
    if not typed and not uploaded:
        return _refused(request, form, Message("write an arXiv id or a DOI, or choose a file"))
    try:
        report = jobs.seed_linked(services_of(request), token_of(request), uploaded or typed)
    except DigestError as error:
        problem: str = error.message
        if error.where != "file":
            problem = Message(
                "%(where)s: %(problem)s", where=place_in_words(error.where), problem=problem
            )
        return _refused(request, form, problem)
    unread = [(place_in_words(each.where), each.message) for each in report.unread]
    return respond(
        request, "me/papers-named", token=token_of(request), report=report, unread=unread
    )


def place_in_words(where: str) -> str:
    """Return a place in a file, such as ``line 47``, as readers are told it."""
    kind, _, number = where.partition(" ")
    if kind == "line" and number:
        return Message("line %(number)s", number=number)
    return Message("entry %(number)s", number=number) if kind == "entry" and number else where


def _refused(request: Request, form: FormData, problem: str) -> Response:
    """Show the form again, with what was typed and why nothing was added."""
    told = Message("nothing was added: %(problem)s", problem=problem)
    return interests.show(request, Problem("references", told, form))
