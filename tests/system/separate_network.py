"""A network of its own for what a test starts, as another machine's, which can be cut."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

HERE, THERE = "198.51.100.1", "198.51.100.2"
"""Of this machine and of the other one."""
RANGE = "198.51.100.0/24"
"""They are of it; it is nobody's (RFC 5737)."""

_CLONE_NEWNET = 0x40000000
_T = TypeVar("_T")


class SeparateNetwork:
    """A network namespace of Linux, and the cable between it and this one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._cable = f"{name}-0"

    def lay(self) -> None:
        """Make it, and the cable.

        Who has this machine's own network in the range would be cut off from it.
        """
        in_use = subprocess.check_output(["ip", "-o", "addr", "show", "to", RANGE], text=True)  # noqa: S603, S607
        assert not in_use, f"{RANGE} is a network of this machine: {in_use}"
        _ip("netns", "add", self._name)
        there = f"{self._name}-1"
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", there, "netns", self._name)
        _ip("addr", "add", f"{HERE}/30", "dev", self._cable)
        _ip("-n", self._name, "addr", "add", f"{THERE}/30", "dev", there)
        for each in ("lo", there):
            _ip("-n", self._name, "link", "set", each, "up")
        self.mend()

    def cut(self) -> None:
        """Lose what is sent from now on, either way; nobody is told."""
        _ip("link", "set", self._cable, "down")

    def mend(self) -> None:
        _ip("link", "set", self._cable, "up")

    def remove(self) -> None:
        """Take it away, and with it the cable."""
        if Path("/run/netns", self._name).exists():
            _ip("netns", "del", self._name)

    def do(self, work: Callable[[], _T]) -> _T:
        """Do something that opens sockets and starts processes there, and give what it gave."""
        with ThreadPoolExecutor(1, initializer=self._enter) as thread:
            return thread.submit(work).result()

    def _enter(self) -> None:
        """Move this thread, and what it starts, into it."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/run/netns", self._name).open("rb") as namespace:
            if libc.setns(namespace.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "cannot enter the network")


@contextmanager
def separate_network() -> Iterator[SeparateNetwork]:
    network = SeparateNetwork(f"rec{os.getpid()}")
    try:
        network.lay()
        yield network
    finally:
        network.remove()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)  # noqa: S603, S607, of iproute2


@contextmanager
def reached_from_there(port: int) -> Iterator[int]:
    """Have a server of loopback reached from there: its port at `HERE`."""
    with socket.create_server((HERE, 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
        yield listener.getsockname()[1]
        # Or it would be waited for, and take a connection still.
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, port: int) -> None:
    with suppress(OSError):
        while True:
            theirs, _ = listener.accept()
            ours = socket.create_connection(("127.0.0.1", port))
            for one, other in ((theirs, ours), (ours, theirs)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(65_536):
            other.sendall(content)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
    one.close()
