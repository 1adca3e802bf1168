"""What can go wrong, as the operator will read it: what happened, to what, and the fix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RecommenderError(Exception):
    """Base of all errors that this project raises on purpose.

    The message is one line for the operator. The command line prints it without a traceback.
    """

    @property
    def words(self) -> str:
        """Return what it says; a message of the catalogue where readers are told it."""
        words: str = self.args[0]
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process as it is: other exceptions are made anew of their message."""
        return remade, (type(self), self.args, self.__dict__)


def remade(
    kind: type[RecommenderError], args: tuple[Any, ...], attributes: Mapping[str, Any]
) -> RecommenderError:
    """Return an error that another process raised."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class ConfigurationError(RecommenderError):
    """The configuration cannot be used. Carries every problem that was found, not just the first.

    Parameters
    ----------
    problems : list of str
        One line each, naming the key and the fix.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class MachineError(RecommenderError):
    """Something could not be made on this machine, or taken away: which step, why, and the fix."""


class DigestError(RecommenderError):
    """A file cannot be read as a digest; nothing of it was stored.

    Parameters
    ----------
    where : str
        Where in the file: ``line 47``, ``entry 3`` or ``file``.
    message : str
        What is wrong there, and the fix.
    """

    def __init__(self, where: str, message: str) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}: {message}")


class UnfinishedDigestError(DigestError):
    """A document that ends in the middle: the rest of it may be on its way."""


class SourceError(RecommenderError):
    """A source cannot be added, fetched or read as one: which, why, and the fix."""


class FetchError(SourceError):
    """An address on the web gave no usable answer, or is one that may not be asked."""


class UnknownHostError(FetchError):
    """A host has no address, as far as the name server says.

    Parameters
    ----------
    host, reason : str
    is_unanswered : bool
        No name server said anything; the host may well be there.
    """

    def __init__(self, host: str, reason: str, *, is_unanswered: bool) -> None:
        self.host = host
        self.reason = reason
        super().__init__(
            f"no name server answers where {host} is ({reason}); see to this machine's network and "
            "name server"
            if is_unanswered
            else f"there is no host {host} ({reason}); correct the address"
        )


class UnreadableError(RecommenderError):
    """Reading something took more time or memory than it may, or ended the process that read it."""


class PictureError(RecommenderError):
    """Something is no picture of a paper that could be shown."""


class NoReaderError(RecommenderError):
    """The system has no room for a process to read something in; it can be read later."""


class DatasetError(RecommenderError):
    """A data set cannot be read or written. Names the file and, where there is one, the line."""


class StorageError(RecommenderError):
    """The database could not be opened, read or written. Chains the driver's error."""


class InboxFullError(StorageError):
    """Mail that came in is not stored: there is as much of it as may be."""


class UnusableIndexError(RecommenderError):
    """A kept index of papers is not one of this version, or damaged; it can be made anew."""


class TokenError(RecommenderError):
    """A link or address token is not ours, not for this purpose, or damaged."""


class TokenExpiredError(TokenError):
    """A token was ours and for this purpose, but its time is over."""


class TokenEndedError(TokenExpiredError):
    """A token is over before its time: its subscriber's links were ended since it was made.

    Parameters
    ----------
    purpose : str
        What it was for, a `tokens.Purpose`.
    subscriber_id : int
        Whose it was.
    """

    def __init__(self, purpose: str, subscriber_id: int) -> None:
        self.purpose = purpose
        self.subscriber_id = subscriber_id
        super().__init__("this link was ended; use the newest mail, or ask for a new link")


class SealError(RecommenderError):
    """What was kept encrypted cannot be read any more."""


class LibraryError(RecommenderError):
    """A library of a subscriber cannot be read, and will not be by itself; they are told why."""


class AddressError(RecommenderError):
    """Something that was given as a mail address is none."""


class UnfitAddressError(AddressError):
    """A mail address is none that this list can mail."""


class OwnAddressError(UnfitAddressError):
    """A mail address is the list's own."""


class PreferenceError(RecommenderError):
    """A subscriber's choice is none of those there are; nothing of it was taken.

    Parameters
    ----------
    field : str
        Which choice: ``hour``, ``weekdays``, ``timezone``, ``papers``, ``pause``,
        ``followed``, ``blocked`` or ``words``.
    message : str
        What is wrong with it, and what is allowed.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}")


class TemplateError(RecommenderError):
    """A template is missing, broken, or asks for a value that it was not given."""


class NotFoundError(RecommenderError):
    """A subscriber, paper, issue or delivery that was named does not exist."""


class DeliveryError(RecommenderError):
    """The SMTP server could not be used at all; what waits in the outbox stays there."""


class UndeliverableError(RecommenderError):
    """A message must not be sent any more: its reader left, or what it carries is gone."""


class DaemonError(RecommenderError):
    """The daemon cannot start: something that it needs is taken, missing or not permitted."""


class NameServerError(RecommenderError):
    """The name servers gave no answer, so that nobody knows whether there is a record."""


class RecordError(RecommenderError):
    """A record in the DNS is not what its standard asks for: which words of it, and the fix."""
