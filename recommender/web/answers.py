"""Room 6, what they click: answers that are ready to be sent, to whoever asks."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

_OVERHEAD_BYTES: Final = 3_000
_LEAST_COMPRESSED: Final = 1_000
_COMPRESSION: Final = 4

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is ready to be sent.

    Attributes
    ----------
    state : int
        Which state of the content it was made of.
    etag : str
        Empty where it is not kept.
    compressed : bytes or None
        None where that is not worth it.
    """

    state: int
    status: int
    headers: Headers
    body: bytes
    etag: str
    compressed: bytes | None

    @property
    def size(self) -> int:
        """Bytes that keeping it takes, about."""
        return len(self.body) + len(self.compressed or b"") + _OVERHEAD_BYTES

    def saying(self, body: bytes, etag: str) -> Answer:
        """Return the same with another body, and compressed."""
        is_worth_it = len(body) >= _LEAST_COMPRESSED
        compressed = gzip.compress(body, _COMPRESSION, mtime=0) if is_worth_it else None
        return replace(self, body=body, etag=etag, compressed=compressed)


def ready_answer(state: int, status: int, headers: Headers, body: bytes) -> Answer:
    """Make an answer ready; it takes a thousandth of a second, most of it to compress it."""
    headers = tuple((name.lower(), value) for name, value in headers)
    etag = dict(headers).get(b"etag", b"").decode() if status == HTTPStatus.OK else ""
    kept = tuple(each for each in headers if each[0] not in {b"content-length", b"etag"})
    return Answer(state, status, kept, b"", "", None).saying(body, etag)


def answer_of(response: Response, state: int) -> Answer:
    """Make a response ready that says all that it says already."""
    headers = tuple(response.raw_headers)
    return ready_answer(state, response.status_code, headers, bytes(response.body))
