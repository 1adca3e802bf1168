"""What systemd is told of this process: ready, stopping (sd_notify(3)). Silent elsewhere."""

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
        ``READY=1`` or ``STOPPING=1``.
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
