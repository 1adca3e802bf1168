"""What systemd is told of this process (sd_notify(3)), and hands to it (sd_listen_fds(3)).

Silent, and empty-handed, where somebody else started it.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from collections.abc import Iterable
from typing import Final

logger = logging.getLogger(__name__)

WEB_SOCKET: Final = "web"
LMTP_SOCKET: Final = "lmtp"
"""What `FileDescriptorName=` of our socket units calls the sockets."""

_FIRST_DESCRIPTOR: Final = 3
PATIENCE_SECONDS: Final = 1.0
"""The loop waits meanwhile, so not longer."""

_STATUS_CHARACTERS: Final = 200


def notify(state: str, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Send a state to the service manager that started us, if one did.

    Parameters
    ----------
    state : str
        ``READY=1``, ``WATCHDOG=1`` or ``STOPPING=1``, or several, a line each.
    patience_seconds : float
        How long it may take who is slow to listen; 0: what finds no room is dropped unsaid.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket, sd_notify(3)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.settimeout(patience_seconds)
        try:
            channel.connect(address)
            channel.sendall(state.encode())
        except BlockingIOError:
            return  # the next one says what is true by then
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


def notify_status(words: str) -> None:
    """Announce in a line what this process is about, for ``systemctl status``; nobody's address."""
    status = " ".join(words.split())[:_STATUS_CHARACTERS]
    notify(f"STATUS={status}", patience_seconds=0)


def notify_reloading() -> None:
    """Announce that settings are read anew; ``READY=1`` says that this is over."""
    # The moment is what `Type=notify-reload` wants, of systemd 253 and later.
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")


def inherited_sockets() -> dict[str, socket.socket]:
    """Take over the sockets that were opened for us, by name; the first of each name.

    Children inherit none of them, and whoever asks again gets none.
    """
    ours = os.environ.pop("LISTEN_PID", "") == str(os.getpid())
    number, names = os.environ.pop("LISTEN_FDS", ""), os.environ.pop("LISTEN_FDNAMES", "")
    if not ours or not (number.isascii() and number.isdigit()):
        return {}
    handed = range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + int(number))
    return _opened(zip(handed, names.split(":"), strict=False))


def _opened(named: Iterable[tuple[int, str]]) -> dict[str, socket.socket]:
    opened: dict[str, socket.socket] = {}
    for descriptor, name in named:
        os.set_inheritable(descriptor, False)
        if name in opened or name not in (WEB_SOCKET, LMTP_SOCKET):
            logger.warning("a socket named %r was handed to us, and is not used", name)
            os.close(descriptor)
        else:
            opened[name] = socket.socket(fileno=descriptor)
    return opened


def is_standard_error_the_journal() -> bool:
    """Whether what is written there goes to the journal, which reads priorities (sd-daemon(3))."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        there = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(there.st_dev), str(there.st_ino))
