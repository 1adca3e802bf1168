"""Room 6, what they click: a subscriber's page of what they like; touches `jobs` only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from recommender.domain import InterestState, KeptInterest, Subscriber
from recommender.errors import LibraryError, PreferenceError
from recommender.jobs.people import libraries, own_interests, own_pages, seeding
from recommender.jobs.people.last_change import Kind, undoable
from recommender.jobs.people.own_interests import NAME_MAX_CHARACTERS, Meant, parse_name
from recommender.jobs.people.preferences import linked_subscriber
from recommender.jobs.people.subscriptions import INTERESTS_MAX_CHARACTERS
from recommender.jobs.people.term_ratings import forget_learned, rate_words, take_back
from recommender.languages.messages import Message
from recommender.newsletter.wishes import WISH_MAX_CHARACTERS, WISHES_MAX
from recommender.papers.sources.zotero import shown_again
from recommender.plotting import OF_INTERESTS, OF_THE_REST, stacked_bars
from recommender.web.forms import integer, is_number, services_of, text, token_of
from recommender.web.me.frame import Action, Problem, back_to, show_page
from recommender.web.responses import INLINE_STYLE_POLICY

FIELDS: Final = ("interests", "followed", "blocked")

_PAPERS_OF_A_BUTTON: Final = 20


def open_interests(request: Request) -> Response:
    """Show what they said that they like, what was learned, and the papers that they know."""
    return show(request)


def show(request: Request, problem: Problem | None = None) -> Response:
    """Show the page, perhaps with a problem at the field that it is about."""
    services = services_of(request)
    page = own_pages.open_interests(services, token_of(request))
    zone = ZoneInfo(page.subscriber.preferences.timezone)
    library = page.library
    return show_page(
        request,
        "interests",
        page.subscriber,
        problem=problem,
        page=page,
        fields=_fields(page.subscriber, problem),
        library_address=""
        if problem is None
        else shown_again(text(problem.typed, "library", default="")),
        references="" if problem is None else text(problem.typed, "references", default=""),
        library_offered=services.libraries.is_offered,
        library_synced=library
        and library.last_synced_at
        and library.last_synced_at.astimezone(zone),
        library_most=libraries.MOST_ITEMS,
        interests_limit=INTERESTS_MAX_CHARACTERS,
        name_limit=NAME_MAX_CHARACTERS,
        wishes_limit=WISHES_MAX,
        # Each in a line of its own, which a browser ends with two characters.
        wishes_characters=WISHES_MAX * (WISH_MAX_CHARACTERS + 2),
    )


def plot(request: Request) -> Response:
    """Answer with the course of their interests; the names of its colours stand on the page."""
    services = services_of(request)
    page = own_pages.open_course(services, token_of(request))
    spoken = services.renderer.in_language(page.subscriber.language).language
    course = page.course
    drawn = stacked_bars(
        [spoken.short_date(week) for week in course.weeks],
        {
            **{str(number): places for number, places in enumerate(course.places, start=1)},
            "": course.others,
        },
        [*OF_INTERESTS[: len(course.places)], OF_THE_REST],
        legend=False,
        title=spoken.told(Message("Papers in your mails, week by week")),
    )
    answer = Response(drawn, media_type="image/svg+xml")
    answer.headers["Content-Security-Policy"] = INLINE_STYLE_POLICY
    return answer


def _name_interest(request: Request, form: FormData) -> Response:
    name = parse_name(text(form, "name"))
    return _speak(request, form, "named", lambda each: replace(each, name=name))


def _pause_interest(request: Request, form: FormData) -> Response:
    return _speak(request, form, "interest-paused", _in_state(InterestState.PAUSED))


def _resume_interest(request: Request, form: FormData) -> Response:
    return _speak(request, form, "interest-resumed", _in_state(InterestState.ACTIVE))


def _remove_interest(request: Request, form: FormData) -> Response:
    return _speak(request, form, "interest-removed", _in_state(InterestState.REMOVED))


def _bring_back_interest(request: Request, form: FormData) -> Response:
    return _speak(request, form, "interest-back", _in_state(InterestState.ACTIVE))


def _forget_interest(request: Request, form: FormData) -> Response:
    def forget(each: KeptInterest) -> KeptInterest:
        return replace(each, name="", state=InterestState.ACTIVE)

    return _speak(request, form, "interest-forgotten", forget)


def _in_state(state: InterestState) -> Callable[[KeptInterest], KeptInterest]:
    return lambda each: replace(each, state=state)


def _speak(
    request: Request, form: FormData, done: str, change: Callable[[KeptInterest], KeptInterest]
) -> Response:
    """Keep what they say of one of their interests."""
    services = services_of(request)
    said = change(own_interests.find_meant(services, token_of(request), _meant(form)))
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        with undoable(session, subscriber.id, Kind.INTERESTS, now=services.clock()) as made:
            own_interests.keep(session, subscriber.id, said)
    return back_to(request, "interests", done, made)


def _meant(form: FormData) -> Meant:
    papers = text(form, "papers", default="").split()
    if len(papers) > _PAPERS_OF_A_BUTTON or not all(map(is_number, papers)):
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, Message("The papers of an interest are numbers.")
        )
    interest_id = integer(form, "interest") if "interest" in form else 0
    return Meant(interest_id, frozenset(map(int, papers)))


def _more(request: Request, form: FormData) -> Response:
    return _rate_words(request, form, 1, done="more")


def _less(request: Request, form: FormData) -> Response:
    return _rate_words(request, form, -1, done="less")


def _forget_words(request: Request, form: FormData) -> Response:
    return _rate_words(request, form, 0, done="words-forgotten")


def _rate_words(request: Request, form: FormData, value: int, *, done: str) -> Response:
    services, words = services_of(request), text(form, "words")
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        now = services.clock()
        with undoable(session, subscriber.id, Kind.WORDS, words, now=now) as change:
            rate_words(session, subscriber.id, words, value, now=now)
    return back_to(request, "interests", done, change)


def _take_back(request: Request, form: FormData) -> Response:
    services, words = services_of(request), text(form, "words")
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        now = services.clock()
        with undoable(session, subscriber.id, Kind.WORDS, words, now=now) as change:
            take_back(session, subscriber.id, words)
    return back_to(request, "interests", "forgotten", change)


def _give_library(request: Request, form: FormData) -> Response:
    services = services_of(request)
    place, key = text(form, "library", default=""), text(form, "key", default="")
    try:
        with services.change() as session:
            subscriber = linked_subscriber(services, session, token_of(request))
            libraries.give(services, session, subscriber, place, key)
    except LibraryError as error:
        return show(request, Problem("library", error.words, form))
    return back_to(request, "interests", "given")


def _remove_library(request: Request, _form: FormData) -> Response:
    services = services_of(request)
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        libraries.remove(session, subscriber.id)
    return back_to(request, "interests", "taken-back")


def _forget_known(request: Request, form: FormData) -> Response:
    """Forget one paper that they named, or all where the form names none."""
    services = services_of(request)
    paper_id = integer(form, "paper") if "paper" in form else None
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        with undoable(session, subscriber.id, Kind.KNOWN, now=services.clock()) as change:
            seeding.forget_known(session, subscriber.id, paper_id)
    return back_to(request, "interests", "unknown", change)


def _forget_learned(request: Request, form: FormData) -> Response:
    if text(form, "sure", default="") != "yes":
        raise PreferenceError("sure", Message("nothing was forgotten"))
    services = services_of(request)
    with services.change() as session:
        subscriber = linked_subscriber(services, session, token_of(request))
        now = services.clock()
        with undoable(session, subscriber.id, Kind.LEARNING, now=now) as change:
            forget_learned(session, subscriber.id, now=now)
    return back_to(request, "interests", "all-forgotten", change)


ACTIONS: Final[dict[str, Action]] = {
    "forget-learned": _forget_learned,
    "forget-known": _forget_known,
    "more": _more,
    "less": _less,
    "forget": _take_back,
    "forget-words": _forget_words,
    "name-interest": _name_interest,
    "pause-interest": _pause_interest,
    "resume-interest": _resume_interest,
    "remove-interest": _remove_interest,
    "bring-back-interest": _bring_back_interest,
    "forget-interest": _forget_interest,
    "library": _give_library,
    "remove-library": _remove_library,
}


def _fields(kept: Subscriber, problem: Problem | None) -> dict[str, str]:
    """Return what the fields show: what is kept, or what was sent where it cannot be kept."""
    typed = FormData() if problem is None else problem.typed
    return {name: text(typed, name, default=getattr(kept, name)) for name in FIELDS}
