"""What systemd is told of this process: ready, stopping (sd_notify(3)). Silent elsewhere."""

from __future__ import annotations

import os
import socket


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
        channel.connect(address)
        channel.sendall(state.encode())
