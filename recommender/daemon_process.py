"""The daemon as a process: its signals, the sockets that it is handed, settings read anew."""

from __future__ import annotations

import asyncio
import faulthandler
import signal
from collections.abc import Callable

from recommender.config import Settings
from recommender.daemon import Daemon
from recommender.night_process import NightProcess
from recommender.process_memory import share_one_arena
from recommender.reloading import Reloading
from recommender.roles import ALL_ROLES, Role
from recommender.service_manager import LMTP_SOCKET, WEB_SOCKET, inherited_sockets, notify_status
from recommender.web.server import page_listener, raise_descriptor_limit


def run(
    settings: Settings,
    night_process: NightProcess,
    *,
    read_settings: Callable[[], Settings],
    keeps_log_level: bool = False,
    roles: frozenset[Role] = ALL_ROLES,
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP has the settings read anew.

    Parameters
    ----------
    settings : Settings
    night_process : NightProcess
        Reads the same settings.
    read_settings : callable
        Reads them anew.
    keeps_log_level : bool
        What is logged follows from something else than settings.
    roles : frozenset of Role
        What this process does.

    Raises
    ------
    RecommenderError
        If it cannot start: the port is taken, the database or the folder cannot be used.
    """
    share_one_arena()
    raise_descriptor_limit()
    # The watchdog of systemd ends a process by SIGABRT: the journal shows where each thread was.
    faulthandler.enable()
    notify_status("starting: opens the database")
    asyncio.run(
        _run(settings, night_process, read_settings, keeps_log_level=keeps_log_level, roles=roles)
    )


async def _run(
    settings: Settings,
    night_process: NightProcess,
    read_settings: Callable[[], Settings],
    *,
    keeps_log_level: bool,
    roles: frozenset[Role],
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    handed = inherited_sockets()
    with page_listener(settings.web.host, settings.web.port, handed.get(WEB_SOCKET)) as listener:
        daemon = Daemon(
            settings, night_process, stop, roles=roles, lmtp_listener=handed.get(LMTP_SOCKET)
        )
        daemon.keeps_log_level = keeps_log_level
        reloading = Reloading(settings, read=read_settings, take_over=daemon.take_over)
        loop.add_signal_handler(signal.SIGHUP, reloading.ask)
        reading = asyncio.create_task(reloading.run())
        try:
            await daemon.serve(listener)
        finally:
            reading.cancel()
