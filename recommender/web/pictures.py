"""Room 6, what they click: pictures: a site's icon and its card, drawn by us, and those of papers.

The card is what other sites show beside a link to ours. Beside them stands what programs that
follow links are asked.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final
from xml.sax.saxutils import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.card_drawing import card_drawn_apart, lines_of
from recommender.domain import Thumbnail
from recommender.errors import RecommenderError
from recommender.jobs.services import Services
from recommender.languages.messages import Message
from recommender.languages.negotiation import LANGUAGES
from recommender.web.forms import services_of
from recommender.web.responses import DEFAULT_HEADERS, cached, wanted_language

logger = logging.getLogger(__name__)

_MARK: Final = """<rect width="32" height="32" rx="7" fill="#0d5855"/>
<path d="M7 22l6-7 5 4 7-9" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"
 stroke-linejoin="round"/><circle cx="25" cy="10" r="2.6" fill="#7fd6cc"/>"""
_ICON: Final = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
{_MARK}
</svg>
"""
_CARD: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 630">
<rect width="1200" height="630" fill="#f6f5f2"/>
<g transform="translate(80 70) scale(4)">{mark}</g>
<g font-family="system-ui, sans-serif" fill="#1c1917" font-weight="600">
{name}
<text x="80" y="540" font-size="40" fill="#4f4b46">{what}</text>
</g>
</svg>
"""
_YEAR_SECONDS: Final = 31_536_000
_MOST_CARDS: Final = 4

_drawn: dict[tuple[str, str], bytes] = {}
"""Cards by what they say; each of them takes 20 kB."""


def share_card(list_name: str, what: str) -> str:
    """Return the card of a site as SVG, 1200 by 630: what it is called, and what it is."""
    name = "\n".join(
        f'<text x="80" y="{330 + 100 * number}" font-size="84">{escape(line)}</text>'
        for number, line in enumerate(lines_of(list_name))
    )
    return _CARD.format(mark=_MARK, name=name, what=escape(what))


def icon(request: Request) -> Response:
    """Answer with the icon of the pages."""
    return _file(request, _ICON, "image/svg+xml")


def card(request: Request) -> Response:
    """Answer with what others show beside a link to these pages."""
    return _in_their_language(_file(request, share_card(*_said(request)), "image/svg+xml"))


def card_as_bitmap(request: Request) -> Response:
    """Answer with the same for those that show no SVG, which are most."""
    return _in_their_language(_file(request, _bitmap(*_said(request)), "image/png"))


def draw_cards(services: Services) -> None:
    """Draw the card in each language, so that nobody waits for it who asks for one later."""
    for tag in LANGUAGES:
        try:
            _bitmap(*_said_in(services, tag))
        except RecommenderError as error:
            logger.warning("%s", error)


def _bitmap(list_name: str, what: str) -> bytes:
    if (list_name, what) not in _drawn:
        card = card_drawn_apart(list_name, what)
        if len(_drawn) >= _MOST_CARDS:
            _drawn.clear()
        _drawn[list_name, what] = card
    return _drawn[list_name, what]


def _said(request: Request) -> tuple[str, str]:
    return _said_in(services_of(request), wanted_language(request))


def _said_in(services: Services, tag: str | None) -> tuple[str, str]:
    spoken = services.renderer.in_language(tag).language
    return services.site.list_name, spoken.told(Message("The papers people talk about"))


def _in_their_language(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept-Language"
    return answer


def thumbnail(request: Request) -> Response:
    """Answer with the small picture of a paper; what a name stands for never changes."""
    kept = services_of(request).thumbnails
    named = Thumbnail.named(request.path_params["name"])
    if named is None or not kept.are_shown:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        content = kept.path_of(named).read_bytes()
    except FileNotFoundError as error:
        raise HTTPException(HTTPStatus.NOT_FOUND) from error
    return Response(
        content,
        media_type="image/jpeg",
        headers={"Cache-Control": f"public, max-age={_YEAR_SECONDS}, immutable"},
    )


def robots(request: Request) -> Response:
    """Answer what programs that follow links should leave out: searches have no end."""
    rules = "User-agent: *\nDisallow: /search\nDisallow: /author.atom\n"
    return _file(request, rules, "text/plain; charset=utf-8")


def _file(request: Request, content: str | bytes, media_type: str) -> Response:
    answer = Response(content, media_type=media_type)
    answer.headers["Content-Security-Policy"] = DEFAULT_HEADERS["Content-Security-Policy"]
    return cached(request, answer)
