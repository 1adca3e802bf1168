"""Room 6, what they click: papers that a subscriber names; touches `jobs` only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommender.errors import DigestError
from recommender.jobs.people import seeding as jobs
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
        return _refused(request, form, "send the text and the file one by one")
    try:
        report = jobs.seed_linked(services_of(request), token_of(request), uploaded or typed)
    except DigestError as error:
        where = "" if error.where == "file" else f"{error.where}: "
        return _refused(request, form, f"{where}{error.message}")
    return respond(request, "me/papers-named", token=token_of(request), report=report)


def _refused(request: Request, form: FormData, message: str) -> Response:
    """Show the form again, with what was typed and why nothing was added."""
    return interests.show(request, Problem("references", f"nothing was added: {message}", form))
