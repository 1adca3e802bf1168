"""Room 6, what they click: what a browser sent, checked before anybody acts on it.

Whatever does not fit raises an `HTTPException`, which `failures` answers with a page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message as AsgiMessage
from starlette.types import Receive

from recommender.jobs.services import Services
from recommender.languages.messages import Message

BODY_LIMIT_BYTES: Final = 64 * 1024
FIELDS_LIMIT: Final = 50
MOST_DIGITS: Final = 18
"""Of a number in a form: then every database can hold it."""

_PORTS: Final = {"http": 80, "https": 443}


async def read_form(
    request: Request,
    *,
    max_bytes: int = BODY_LIMIT_BYTES,
    max_files: int = 0,
    max_fields: int = FIELDS_LIMIT,
) -> FormData:
    """Read a form of either encoding.

    Raises
    ------
    HTTPException
        413 for a body over ``max_bytes``; 400 for one that is no form, holds more than
        ``max_files`` files or ``max_fields`` others, or fields that are not UTF-8.
    ClientDisconnect
        If the client went before it had sent all.
    """
    limited = Request(request.scope, _limited(request.receive, max_bytes))
    try:
        form = await limited.form(
            max_files=max_files, max_fields=max_fields, max_part_size=max_bytes
        )
    except (FormParserError, LookupError, UnicodeError) as error:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, Message("What arrived was not a whole form.")
        ) from error
    for name, value in form.multi_items():
        # Starlette decodes with replacement characters; none can be typed into our fields.
        if isinstance(value, str) and {"\0", "\ufffd"} & set(name + value):
            raise HTTPException(
                HTTPStatus.BAD_REQUEST,
                Message("The form held something that is not text in UTF-8."),
            )
    return form


def is_one_click(form: FormData) -> bool:
    """Whether this is the body that RFC 8058, section 3.2 has mail services send."""
    return form.get("List-Unsubscribe") == "One-Click"


def refuse_cross_site(request: Request) -> None:
    """Raise 403 where a page of another site sent the form.

    Neither ``Sec-Fetch-Site`` nor ``Origin`` may name another site; a browser that sends neither is
    believed. ``Origin`` is ``null`` even for our own forms, because our pages send no referrer. It
    is compared with where the pages are said to be and never with ``Host``, which is whatever name
    somebody gave our address, or what a web server in front of us made of it.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin", "null")
    ours = _origin_of(services_of(request).site.base_url)
    if site not in {"same-origin", "none"} or (origin != "null" and _origin_of(origin) != ours):
        raise HTTPException(
            HTTPStatus.FORBIDDEN,
            Message("This form was sent from another site, so nothing was done."),
        )


def _origin_of(url: str) -> tuple[str, str | None, int | None] | None:
    """Return scheme, host and port of an address; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def services_of(request: Request) -> Services:
    """Return what the jobs work with."""
    services: Services = request.app.state.services
    return services


def token_of(request: Request) -> str:
    """Return the token in the address; only `jobs` can tell whether it is one."""
    token: str = request.path_params["token"]
    return token


def page_number(request: Request) -> int:
    """Return which page of several is asked for; see `page_number_in`."""
    return page_number_in(request.query_params)


def page_number_in(params: QueryParams) -> int:
    """Return which page of several is asked for, from 1.

    Raises
    ------
    HTTPException
        404 if that is no number of a page.
    """
    value = params.get("page", "1")
    if not (value.isascii() and value.isdigit() and len(value) <= 4 and int(value)):  # noqa: PLR2004 - no list is as long
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return int(value)


def text(form: FormData, name: str, *, default: str | None = None) -> str:
    """Return one field, without white space around it.

    Raises
    ------
    HTTPException
        400 if it is missing and there is no default.
    """
    value = form.get(name, default)
    if not isinstance(value, str):
        raise HTTPException(
            HTTPStatus.BAD_REQUEST,
            Message("The form came without its field “%(name)s”.", name=name),
        )
    return value.strip()


def integer(form: FormData, name: str) -> int:
    """Return one field as a number of at most `MOST_DIGITS` digits.

    Raises
    ------
    HTTPException
        400 if it is missing or no such number.
    """
    value = text(form, name)
    if not is_number(value):
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, Message("The field “%(name)s” has to be a number.", name=name)
        )
    return int(value)


def is_number(value: str) -> bool:
    """Whether a text is a number of at most `MOST_DIGITS` digits."""
    return value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS


def _limited(receive: Receive, max_bytes: int) -> Receive:
    received = 0

    async def limited() -> AsgiMessage:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                Message("That is more than our forms can hold."),
            )
        return message

    return limited
