"""What systemd is told of this process: ready, alive, stopping (sd_notify(3)). Silent elsewhere."""

from __future__ import annotations

import logging
import os
import socket

logger = logging.getLogger(__name__)


def notify(state: str) -> None:
    """Send a state to the service manager that started us, if one did.

    Parameters
    ----------
    state : str
        ``READY=1``, ``WATCHDOG=1`` or ``STOPPING=1``.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket, sd_notify(3)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.connect(address)
            channel.sendall(state.encode())
        except OSError as error:
            # Whoever waits for the word will not get it; the work is done all the same.
            logger.warning("the service manager at %s does not hear us: %s", address, error)


def watchdog_seconds() -> float | None:
    """Return after how long without ``WATCHDOG=1`` this process is ended; None: never."""
    # Whoever started us may have been asked to, and not we (sd_watchdog_enabled(3)).
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not (microseconds.isascii() and microseconds.isdigit() and int(microseconds)):
        return None
    return int(microseconds) / 1_000_000
