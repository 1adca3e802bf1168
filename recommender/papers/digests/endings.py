"""Room 1, papers: whether a text ends where its writer ended it. Pure."""

from __future__ import annotations

import re
from typing import Final

_ENDED: Final = re.compile(r"(?:[.?!…][\"”’'»)\]}]{0,4}|[。！？][」』）]{0,2})\Z")
_LAST_ADDRESS: Final = re.compile(
    r"(?:[({]?(?:https?://|www\.)\S{1,1000}|[\w-]{1,60}\.(?:io|com|org|net|ai|edu|dev)(?:/\S{0,200})?"
    r"|arXiv:\S{9,14})\Z"
)
# "https://github." and "by 3." go on where nothing else says that the text is over.
_MAY_GO_ON: Final = re.compile(
    r"(?:https?://[\w.-]{0,200}|\b\d{1,6}|\b(?:e\.g|i\.e|et al|vs|cf|Fig|Eq|Sec|Tab"
    r"|approx|resp|w\.r"
    r"\.t|[A-Z]))\.\Z"
)
_GOES_ON: Final = re.compile(
    r"(?:[,;:(\[{–—-]|\b(?:a|an|the|of|and|or|in|on|to|for|with|by|at|from|as|that|which|is|are|was"
    r"|be|this|these|our|we|its|their|it|than|into|via|der|die|das|und|le|la|les|et|de))\Z",
    re.IGNORECASE,
)


def is_ended(text: str) -> bool:
    """Whether a text ends like a sentence, or with an address."""
    text = text.rstrip(" *_`")
    return _ENDED.search(text[-8:]) is not None or _LAST_ADDRESS.search(text[-1_100:]) is not None


def is_cut_off(text: str, *, ends_line: bool, wrapped: bool) -> bool:
    """Whether a file that ends with this text was cut off in it.

    Parameters
    ----------
    text : str
        The last paragraph.
    ends_line : bool
        Whether the file ends its last line, as editors do. Then a text that is on one line may
        lack its full stop: it was not cut, but for words after which none is over.
    wrapped : bool
        Whether the text goes over several lines: then it may be cut behind any of them.
    """
    text = text.rstrip(" *_`")
    if ends_line and not wrapped:
        return _ENDED.search(text[-8:]) is None and _GOES_ON.search(text[-60:]) is not None
    if not ends_line and _MAY_GO_ON.search(text[-260:]) is not None:
        return True
    if _ENDED.search(text[-8:]):
        return False
    return not (ends_line and _LAST_ADDRESS.search(text[-1_100:]))
