"""Mail both ways: what came in and came back, how servers fare, what waits for a yes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _let_deliveries_have_no_subscriber()
    op.add_column(
        "delivery",
        sa.Column("recipient_domain", sa.String(), server_default=sa.text("''"), nullable=False),
    )
    op.add_column("delivery", sa.Column("content", sa.JSON(), nullable=True))
    position = "instr" if _is_sqlite() else "strpos"
    op.execute(
        "UPDATE delivery SET recipient_domain = "  # noqa: S608, the name of a function
        f"lower(substr(recipient, {position}(recipient, '@') + 1))"
    )
    op.create_index("ix_delivery_state_recipient_domain", "delivery", ["state", "recipient_domain"])
    op.create_index("ix_delivery_attempt_attempted_at", "delivery_attempt", ["attempted_at"])
    op.create_table(
        "smtp_server",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("troubles", sa.Integer(), nullable=False),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("last_trouble", sa.String(), nullable=False),
        sa.Column("bulk_refusals", sa.Integer(), nullable=False),
        sa.Column("bulk_held_until", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_smtp_server"),
    )
    op.create_table(
        "domain_pace",
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("messages_per_minute", sa.Float(), nullable=True),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column("last_reply", sa.String(), nullable=False),
        sa.Column("slowed_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("domain", name="pk_domain_pace"),
    )
    _create_incoming()
    _create_pending()


def _let_deliveries_have_no_subscriber() -> None:
    if not _is_sqlite():
        op.alter_column("delivery", "subscriber_id", nullable=True)
        return
    # SQLite cannot drop NOT NULL, and to write the table anew would lose AUTOINCREMENT. For a
    # constraint that only becomes weaker, its manual has this way (sqlite.org/lang_altertable.html,
    # section 7): the text of the schema is changed, no row is touched.
    connection = op.get_bind()
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        "UPDATE sqlite_master SET sql = replace(sql, 'subscriber_id INTEGER NOT NULL', "
        "'subscriber_id INTEGER') WHERE type = 'table' AND name = 'delivery'"
    )
    # Other connections read the schema again when its number changed.
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def _create_incoming() -> None:
    op.create_table(
        "inbound_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("envelope_sender", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("processed_at", MOMENT, nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_mail"),
        sa.UniqueConstraint("sha256", name="uq_inbound_mail_sha256"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbound_mail_received_at", "inbound_mail", ["received_at"])
    op.create_index("ix_inbound_mail_state_id", "inbound_mail", ["state", "id"])
    op.create_index("ix_inbound_mail_subscriber_id", "inbound_mail", ["subscriber_id"])
    op.create_table(
        "bounce",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("enhanced_status_code", sa.String(), nullable=True),
        sa.Column("diagnostic", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("recipient_domain", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_bounce_delivery_id_delivery"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_bounce_subscriber_id_subscriber"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bounce"),
        sa.UniqueConstraint("key", name="uq_bounce_key"),
    )
    op.create_index("ix_bounce_delivery_id", "bounce", ["delivery_id"])
    op.create_index("ix_bounce_received_at", "bounce", ["received_at"])
    op.create_index(
        "ix_bounce_subscriber_id_received_at", "bounce", ["subscriber_id", "received_at"]
    )


def _create_pending() -> None:
    op.create_table(
        "pending_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("new_email", sa.String(), nullable=True),
        sa.Column("new_email_key", sa.String(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("old_confirmed_at", MOMENT, nullable=True),
        sa.Column("new_confirmed_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_pending_change_subscriber_id_subscriber"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pending_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pending_change_subscriber_id", "pending_change", ["subscriber_id"])
    op.create_table(
        "subscription_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("interests", sa.String(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_request"),
    )
    for columns in (
        ["decided_at"],
        ["domain", "requested_at"],
        ["email_key"],
        ["network", "requested_at"],
        ["requested_at"],
    ):
        name = f"ix_subscription_request_{'_'.join(columns)}"
        op.create_index(name, "subscription_request", columns)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    for table in ("subscription_request", "pending_change", "bounce", "inbound_mail"):
        op.drop_table(table)
    op.drop_table("domain_pace")
    op.drop_table("smtp_server")
    op.drop_index("ix_delivery_attempt_attempted_at", table_name="delivery_attempt")
    op.drop_index("ix_delivery_state_recipient_domain", table_name="delivery")
    op.drop_column("delivery", "content")
    op.drop_column("delivery", "recipient_domain")
    # What has no subscriber stays as it is: an older version does not look at it.
