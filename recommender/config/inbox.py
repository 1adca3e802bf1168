"""Configuration: how mail to the list comes in, and what comes back means; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, model_validator

from recommender.config.section import Section
from recommender.config.values import (
    Integer,
    Line,
    ListeningAddress,
    Number,
    OptionalPath,
    OptionalSecret,
    is_loopback,
)
from recommender.membership.bouncing import BouncePolicy


class InboxSettings(Section):
    """``[inbox]``: the ways by which mail to the list comes in."""

    lmtp: ListeningAddress = Field(
        default="", description="`unix:` and a path, a loopback address and port, or nothing"
    )
    max_megabytes: Integer = Field(default=30, ge=1, le=500, description="1 to 500 megabytes")
    quota_megabytes: Integer = Field(
        default=1_000, ge=1, le=1_000_000, description="1 to 1000000 megabytes"
    )
    keep_days: Integer = Field(default=7, ge=0, le=3650, description="0 to 3650 days")
    maildir: OptionalPath = Field(default=None, description="a folder with new/, cur/ and tmp/")
    pipe: bool = Field(default=False, description="`true` or `false`")
    imap_host: str = Field(default="", description="a host name, or nothing")
    imap_port: Integer = Field(default=993, ge=1, le=65535, description="a port, 1 to 65535")
    imap_security: Literal["tls", "starttls", "plain"] = Field(
        default="tls", description="`tls`, `starttls` or `plain`"
    )
    imap_ca_file: OptionalPath = Field(
        default=None, description="a file of certificates in PEM form"
    )
    imap_username: str = Field(default="", description="text")
    imap_password: OptionalSecret = Field(default=None, description="text")
    imap_password_file: OptionalPath = Field(default=None, description="a file")
    imap_folder: Line = Field(default="INBOX", description="a mailbox's name")
    imap_processed_folder: str = Field(default="", description="a mailbox's name, or nothing")

    @property
    def ways_in(self) -> tuple[str, ...]:
        """In which ways the daemon reads mail to the list: each with where."""
        ways = {"lmtp": self.lmtp, "imap": self.imap_host, "maildir": self.maildir}
        return tuple(f"{name} {where}" for name, where in ways.items() if where)

    @model_validator(mode="before")
    @classmethod
    def _port_follows_security(cls, data: Any) -> Any:
        chosen = data.get("imap_security") if isinstance(data, dict) else None
        if chosen in ("starttls", "plain") and "imap_port" not in data:
            return {**data, "imap_port": 143}
        return data

    @property
    def takes_mail(self) -> bool:
        """Whether there is any way in."""
        return bool(self.lmtp or self.maildir or self.imap_host or self.pipe)

    def problems(self) -> Iterator[str]:
        """Yield what keeps mail from being fetched."""
        if self.quota_megabytes < self.max_megabytes:
            yield (
                f"inbox.quota_megabytes: no mail of inbox.max_megabytes fits; give "
                f"{self.max_megabytes} or more"
            )
        if self.maildir is not None and not self.maildir.is_dir():
            yield f"inbox.maildir: there is no folder {self.maildir}; make it, or correct the path"
        if not self.imap_host:
            return
        if not self.imap_username:
            yield "inbox.imap_username: a mailbox belongs to somebody; give the user's name"
        if self.imap_password is None:
            yield "inbox.imap_password_file: there is no password; give a file with it"
        if self.imap_ca_file is not None and not self.imap_ca_file.is_file():
            yield f"inbox.imap_ca_file: there is no file {self.imap_ca_file}; correct the path"
        if self.imap_security == "plain" and not is_loopback(self.imap_host):
            yield (
                f"inbox.imap_security: the password would travel to {self.imap_host} as plain "
                "text; choose `tls` or `starttls`"
            )
        if self.imap_processed_folder == self.imap_folder:
            yield (
                "inbox.imap_processed_folder: it is the folder that mail is fetched from; give "
                "another, or nothing"
            )

    @property
    def most_bytes(self) -> int:
        """Largest mail that is taken."""
        return self.max_megabytes * 1_000_000

    @property
    def quota_bytes(self) -> int:
        """How much the mails that are kept may say, all together."""
        return self.quota_megabytes * 1_000_000


class BounceSettings(Section):
    """``[bounces]``: when an address is doubted."""

    half_life_days: Number = Field(default=14.0, gt=0, le=365, description="up to 365 days")
    threshold: Number = Field(default=2.5, gt=0, le=100, description="a sum of weights, up to 100")
    soft_weight: Number = Field(default=0.25, ge=0, le=1, description="a weight, 0 to 1")
    probe_interval_days: Number = Field(default=7.0, gt=0, le=365, description="up to 365 days")

    @property
    def policy(self) -> BouncePolicy:
        """As the jobs are handed it."""
        return BouncePolicy(
            self.half_life_days, self.threshold, self.soft_weight, self.probe_interval_days
        )
