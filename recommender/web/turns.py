"""Room 6, what they click: whose request is next where several wait; pure.

Networks have their turns one after the other, however much each of them asks for. Where there is no
room for another request, one of the network goes that has most waiting: the newest, which has
waited least.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Turns(Generic[_T]):
    """What waits, by whose it is.

    Parameters
    ----------
    most : int
        How much waits at most, > 0.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._number = 0
        # Whose turn is next comes first.
        self._waiting: OrderedDict[str, deque[_T]] = OrderedDict()

    def __len__(self) -> int:
        return self._number

    def put(self, network: str, request: _T) -> _T | None:
        """Have a request wait, and return the one that has to go for it; perhaps itself."""
        self._waiting.setdefault(network, deque()).append(request)
        self._number += 1
        if self._number <= self._most:
            return None
        longest = max(map(len, self._waiting.values()))
        # Where several have as much, whoever has come last has no claim on another's place.
        if len(self._waiting[network]) < longest:
            network = next(each for each, own in self._waiting.items() if len(own) == longest)
        gone = self._waiting[network].pop()
        self._forget(network)
        return gone

    def take(self) -> _T | None:
        """Return whose turn it is, who waits no more; None where nobody does."""
        if not self._waiting:
            return None
        network = next(iter(self._waiting))
        request = self._waiting[network].popleft()
        self._waiting.move_to_end(network)
        self._forget(network)
        return request

    def remove(self, network: str, request: _T) -> None:
        """Have a request wait no more, if it still does."""
        own = self._waiting.get(network, deque())
        if request in own:
            own.remove(request)
            self._forget(network)

    def _forget(self, network: str) -> None:
        self._number -= 1
        if not self._waiting[network]:
            del self._waiting[network]
