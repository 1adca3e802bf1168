"""Configuration: what of changed settings can be taken over while the daemon runs; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from recommender.config.settings import DESCRIPTIONS, Settings

NEEDS_RESTART: Final = frozenset(
    {
        # The address that mail comes to is known to whoever listens for it.
        "list.address",
        # What is open: files, folders, sockets, connections to services.
        "database.url",
        "ingest.folder",
        "ingest.allow_private_networks",
        "web.host",
        "web.port",
        "web.trusted_proxies",
        "inbox.lmtp",
        "inbox.maildir",
        "inbox.max_megabytes",
        "inbox.imap_host",
        "inbox.imap_port",
        "inbox.imap_security",
        "inbox.imap_ca_file",
        "inbox.imap_username",
        "inbox.imap_password",
        "inbox.imap_password_file",
        "inbox.imap_folder",
        "inbox.imap_processed_folder",
        "libraries.zotero_url",
        "libraries.arxiv_url",
        "libraries.crossref_url",
        # What mails and pages are made from is read once.
        "newsletter.language",
        "templates_dir",
    }
)
"""Keys whose change a running daemon does not follow."""


@dataclass(frozen=True, slots=True)
class Reload:
    """What comes of settings that were read anew.

    Attributes
    ----------
    settings : Settings
        Those in force from now on: the new ones, but for what needs a restart.
    taken : tuple of str
        Keys that changed and take effect now.
    waiting : tuple of str
        Keys that changed and wait for a restart.
    """

    settings: Settings
    taken: tuple[str, ...]
    waiting: tuple[str, ...]

    def __str__(self) -> str:
        """Return what changed, in a sentence without any value: some are secrets."""
        parts = [
            f"{', '.join(keys)} {words}"
            for keys, words in (
                (self.taken, "in effect now"),
                (self.waiting, "changed but in effect only after a restart"),
            )
            if keys
        ]
        return f"settings read anew: {'; '.join(parts) or 'nothing changed'}"


def reload(before: Settings, read: Settings) -> Reload:
    """Take over what can be while the daemon runs.

    Parameters
    ----------
    before : Settings
        Those in force.
    read : Settings
        As they stand in the file and the environment now.
    """
    changed = list(_changed(before, read))
    waiting = tuple(key for key in changed if key in NEEDS_RESTART)
    settings = read
    for key in waiting:
        settings = _with_key_of(before, settings, key)
    return Reload(settings, tuple(key for key in changed if key not in NEEDS_RESTART), waiting)


def _with_key_of(before: Settings, settings: Settings, key: str) -> Settings:
    """Return settings with one key as it was before."""
    section, _, name = key.rpartition(".")
    if not section:
        return settings.model_copy(update={name: getattr(before, name)})
    kept = {name: getattr(getattr(before, section), name)}
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=kept)})


def _changed(before: Settings, read: Settings) -> Iterator[str]:
    for key in DESCRIPTIONS:
        section, _, name = key.rpartition(".")
        ours, theirs = (getattr(each, section) if section else each for each in (before, read))
        if getattr(ours, name) != getattr(theirs, name):
            yield key
