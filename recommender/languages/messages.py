"""Languages: sentences of Python that readers are told, in English until somebody translates them.

Standard library only, for every room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Self

from recommender.wording import listed

# Not strftime: its names follow the locale of the machine.
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Message(str):
    """A sentence of the catalogue with its values; as a string it is the sentence in English.

    So whoever knows nothing of languages (logs, commands) uses it like any text, and whoever talks
    to a reader has it told by `catalogue.Language.told`.

    Parameters
    ----------
    msgid : str
        The sentence in English, a literal, so that it is found for the catalogue; with
        placeholders such as ``%(title)s`` where there are values.
    **values : object
        Numbers, days and sequences are told as sentences of the language have them, messages are
        translated, and other values stand as they are.

    Attributes
    ----------
    msgid : str
    plural : str
        For more than one, see `counted_message`; empty where it is the same.
    number : int
        What the form follows from.
    values : mapping of str to object

    Examples
    --------
    >>> Message("saved, %(papers)s of %(day)s", papers=12345, day=date(2026, 3, 11))
    'saved, 12,345 of Mar 11'
    """

    __slots__ = ("msgid", "number", "plural", "values")

    msgid: str
    plural: str
    number: int
    values: Mapping[str, Any]

    def __new__(cls, msgid: str, **values: Any) -> Self:
        """Word it in English."""
        return cls._worded(msgid, "", 1, values)

    @classmethod
    def _worded(cls, msgid: str, plural: str, number: int, values: Mapping[str, Any]) -> Self:
        words = plural if plural and number != 1 else msgid
        if values:
            words %= {
                # Most are text, and a message is made for each paper of each issue.
                name: value if type(value) is str else _in_english(value)
                for name, value in values.items()
            }
        made = str.__new__(cls, words)
        made.msgid, made.plural, made.number, made.values = msgid, plural, number, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process as it is."""
        return remade, (str(self), self.msgid, self.plural, self.number, dict(self.values))

    def as_json(self) -> list[Any]:
        """Return it as plain values, to be stored; its own are text, numbers and messages."""
        values = {
            name: {"message": value.as_json()} if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return [str(self), self.msgid, self.plural, self.number, values]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> Message:
        """Make again what `as_json` stored."""
        words, msgid, plural, number, values = stored
        return remade(
            words,
            msgid,
            plural,
            number,
            {
                name: cls.from_json(value["message"]) if isinstance(value, dict) else value
                for name, value in values.items()
            },
        )


def counted_message(msgid: str, plural: str, number: int, **values: Any) -> Message:
    """Return a message with a form for one and a form for more; ``%(num)s`` is the number."""
    return Message._worded(msgid, plural, number, {"num": number, **values})  # noqa: SLF001 - its own way to be made


def remade(words: str, msgid: str, plural: str, number: int, values: Mapping[str, Any]) -> Message:
    """Return a message that another process made, whose words are taken as they came.

    Nothing is formatted by what it says: see `catalogue.Language.told`.
    """
    made = str.__new__(Message, words)
    made.msgid, made.plural, made.number, made.values = msgid, plural, number, values
    return made


def _in_english(value: Any) -> object:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, date):
        return f"{MONTHS[value.month - 1][:3]} {value.day}"
    return listed(value) if isinstance(value, tuple) else value
