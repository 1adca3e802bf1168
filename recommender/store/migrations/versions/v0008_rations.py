"""Rations: content of mails stored once, mails to strangers counted, keys as addresses are mailed.

The content of mails moves to a table of its own, under its hash, and the hash by which a mail is
known follows from that one. Keys of addresses beyond ASCII are made anew from the addresses.
"""

import hashlib
import string
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CONTENT = sa.table("inbound_content", sa.column("sha256"), sa.column("size"), sa.column("content"))
_MAIL = sa.table(
    "inbound_mail",
    *(sa.column("id"), sa.column("recipient"), sa.column("envelope_sender")),
    *(sa.column("sha256"), sa.column("content"), sa.column("content_sha256")),
)
_KEYS = (
    ("subscriber", "email", "email_key"),
    ("subscription_request", "email", "email_key"),
    ("pending_change", "new_email", "new_email_key"),
)
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def upgrade() -> None:
    op.create_table(
        "inbound_content",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_inbound_content"),
    )
    op.create_index("ix_inbound_content_size", "inbound_content", ["size"])
    op.add_column("inbound_mail", sa.Column("content_sha256", sa.String(), nullable=True))
    op.create_index("ix_inbound_mail_content_sha256", "inbound_mail", ["content_sha256"])
    _move_contents(op.get_bind())
    # Native on SQLite too: the table is not made anew, so that it keeps AUTOINCREMENT.
    op.drop_column("inbound_mail", "content")
    op.create_table(
        "stranger_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("caused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stranger_mail"),
    )
    op.create_index("ix_stranger_mail_caused_at", "stranger_mail", ["caused_at"])
    _make_keys_anew(op.get_bind())


def _move_contents(connection: sa.Connection) -> None:
    """Move one content after the other: together they may be larger than the memory."""
    kept: set[str] = set()
    ids = sa.select(_MAIL.c.id).where(_MAIL.c.content.is_not(None)).order_by(_MAIL.c.id)
    for mail_id in connection.scalars(ids).all():
        mail = connection.execute(sa.select(_MAIL).where(_MAIL.c.id == mail_id)).one()
        content_sha256 = hashlib.sha256(mail.content).hexdigest()
        if content_sha256 not in kept:
            kept.add(content_sha256)
            row = {"sha256": content_sha256, "size": len(mail.content), "content": mail.content}
            connection.execute(sa.insert(_CONTENT), row)
        known_by = f"{mail.recipient.lower()}\n{mail.envelope_sender}\n{content_sha256}"
        connection.execute(
            sa.update(_MAIL)
            .where(_MAIL.c.id == mail_id)
            .values(
                content_sha256=content_sha256,
                sha256=hashlib.sha256(known_by.encode()).hexdigest(),
            )
        )


def _make_keys_anew(connection: sa.Connection) -> None:
    for table_name, email_name, key_name in _KEYS:
        table = sa.table(table_name, *map(sa.column, ("id", email_name, key_name)))
        for row_id, key in _other_keys(connection, table, email_name, key_name):
            connection.execute(sa.update(table).where(table.c.id == row_id).values({key_name: key}))


def _other_keys(
    connection: sa.Connection, table: Any, email_name: str, key_name: str
) -> Iterator[tuple[int, str]]:
    """Yield which rows have another key now; what was told apart by it still is."""
    rows = sa.select(table.c.id, table.c[email_name], table.c[key_name])
    for row_id, email, key in connection.execute(rows).all():
        if email is None or email.isascii():
            continue
        local, _, _ = email.rpartition("@")
        made_anew = f"{local.translate(_ASCII_LOWER)}@{key.rpartition('@')[2]}"
        if made_anew != key:
            yield row_id, made_anew
