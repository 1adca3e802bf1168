"""Demo: what ``recommender demo`` does: a scratch installation, the loop, then the pages."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from recommender.config import Settings, load_settings, write_initial_configuration
from recommender.daemon import Daemon
from recommender.demo.captured_mail import LOOPBACK, CapturedMail, Mailbox, mail_server
from recommender.demo.loop import (
    TOPIC,
    Loop,
    Places,
    Story,
    StoryClock,
    first_morning,
    zone_by_day,
)
from recommender.demo.pages import pages_with_mailbox
from recommender.errors import RecommenderError
from recommender.installation import configure_logging, open_services, relays, utc_now
from recommender.night_process import NightProcess
from recommender.web.server import listening_socket

DEFAULT_PORT: Final = 8000


def run(*, once: bool, out: Path | None, port: int | None) -> None:
    """Run the demo.

    Parameters
    ----------
    once : bool
        Tell the story and end, instead of serving the pages.
    out : Path or None
        Folder for the mails.
    port : int or None
        Of the pages; None takes 8000, or a free one where that is taken.

    Raises
    ------
    RecommenderError
        If the port or the folder cannot be used, or the second issue did not follow the ratings.
    """
    configure_logging(daemon=False, debug=False)
    mailbox = Mailbox()
    with (
        tempfile.TemporaryDirectory(prefix="recommender-demo-") as scratch,
        mail_server(mailbox) as smtp_port,
        contextlib.ExitStack() as stack,
    ):
        listener = None if once else stack.enter_context(_listener(port))
        web_port = DEFAULT_PORT if listener is None else listener.getsockname()[1]
        now = utc_now()
        zone = zone_by_day(now)
        configuration, environ = _install(
            Path(scratch), zone, web_port=web_port, smtp_port=smtp_port
        )
        settings = load_settings(configuration, environ=environ)
        story = asyncio.run(_tell(settings, mailbox, now.astimezone(zone)))
        _say(_table(story))
        if out is not None:
            write_mails(mailbox.mails(), out)
            _say(f"{len(mailbox.mails())} mails are in {out}, as .eml and .html.")
        if not story.followed_the_ratings:
            raise RecommenderError("the second issue did not follow the ratings; please report it")
        if listener is not None:
            night_process = NightProcess(("--config", str(configuration)), os.environ | environ)
            asyncio.run(_serve(settings, night_process, mailbox, listener))


def write_mails(mails: list[CapturedMail], folder: Path) -> None:
    """Write mails as ``NN-recipient-subject.eml`` and ``.html``.

    Raises
    ------
    RecommenderError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for mail in mails:
            reader = mail.recipient.partition("@")[0]
            words = re.sub(r"[^a-z0-9]+", "-", mail.subject.lower()).strip("-")[:40].strip("-")
            name = f"{mail.number:02}-{reader}-{words}"
            (folder / f"{name}.eml").write_bytes(mail.content)
            (folder / f"{name}.html").write_text(mail.html, encoding="utf-8")
    except OSError as error:
        raise RecommenderError(
            f"{folder} cannot be written ({error.strerror}); name another --out"
        ) from error


def _install(
    scratch: Path, zone: ZoneInfo, *, web_port: int, smtp_port: int
) -> tuple[Path, dict[str, str]]:
    """Set up a scratch installation the way an operator would: its configuration, environment."""
    write_initial_configuration(scratch)
    return scratch / "recommender.toml", {
        "RECOMMENDER_LIST__ADDRESS": "papers@demo.example.org",
        "RECOMMENDER_LIST__CURATOR": "the demo’s sample shelf",
        "RECOMMENDER_WEB__BASE_URL": f"http://{LOOPBACK}:{web_port}",
        "RECOMMENDER_WEB__PORT": str(web_port),
        "RECOMMENDER_SMTP__HOST": LOOPBACK,
        "RECOMMENDER_SMTP__PORT": str(smtp_port),
        "RECOMMENDER_SMTP__SECURITY": "plain",
        "RECOMMENDER_NEWSLETTER__TIMEZONE": zone.key,
        # The second morning of the story may be a Sunday.
        "RECOMMENDER_NEWSLETTER__WEEKDAYS": "daily",
    }


async def _tell(settings: Settings, mailbox: Mailbox, now: datetime) -> Story:
    clock = StoryClock(first_morning(now))
    services = open_services(settings, clock=clock)
    try:
        loop = Loop(
            services,
            clock=clock,
            relays=relays(settings),
            mailbox=mailbox,
            incoming=settings.ingest.folder,
            tell=_say,
        )
        return await loop.run()
    finally:
        services.database.close()


async def _serve(
    settings: Settings,
    night_process: NightProcess,
    mailbox: Mailbox,
    listener: socket.socket,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    url = f"{settings.web.base_url}/mailbox"
    _say(f"\nThe mailbox and the pages: {url}  (Ctrl-C ends the demo and forgets it)")
    _open_browser(url)
    await Daemon(settings, night_process, stop, pages=pages_with_mailbox(mailbox)).serve(listener)


def _open_browser(url: str) -> None:
    """Open a page where there is a screen; what a text browser would do to the terminal is not."""
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


@contextlib.contextmanager
def _listener(port: int | None) -> Iterator[socket.socket]:
    with contextlib.ExitStack() as stack:
        try:
            listener = stack.enter_context(listening_socket(LOOPBACK, port or DEFAULT_PORT))
        except RecommenderError as error:
            if port is not None:
                raise RecommenderError(
                    f"port {port} cannot be listened on; give another one by --port, or none, "
                    "which takes one that is free"
                ) from error
            listener = stack.enter_context(listening_socket(LOOPBACK, 0))
        yield listener


def _table(story: Story) -> str:
    head = f"\nPlaces of the papers on {TOPIC} in each reader's issues:\n"
    lines = [f"  {'reader':<20} {'first issue':<16} second issue"]
    lines += [_row(places) for places in story.places]
    if any(places.explored for places in story.places):
        lines += ["  * outside the usual topics: drawn to learn what the reader likes, not ranked"]
    return head + "\n".join(lines) + "\n"


def _row(places: Places) -> str:
    second = _list(places.second, explored=places.explored)
    return f"  {places.address:<20} {_list(places.first):<16} {second}"


def _list(numbers: tuple[int, ...], *, explored: tuple[int, ...] = ()) -> str:
    shown = (
        f"{number}*" if number in explored else f"{number}" for number in sorted(numbers + explored)
    )
    return ", ".join(shown) or "none"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
