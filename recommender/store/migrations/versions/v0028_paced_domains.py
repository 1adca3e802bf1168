"""Paced domains: a claim passes over all that waits for one at once, however much that is."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

IS_WAITING = sa.text("state IN ('queued', 'deferred')")


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column("paced_domain", sa.String(), server_default=sa.text("''"), nullable=False),
    )
    op.execute(
        "UPDATE delivery SET paced_domain = recipient_domain"
        " WHERE state IN ('queued', 'deferred', 'sending')"
        " AND recipient_domain IN (SELECT domain FROM domain_pace)"
    )
    op.create_index(
        "ix_delivery_paced_domain_priority_next_attempt_at_id",
        "delivery",
        ["paced_domain", "priority", "next_attempt_at", "id"],
        sqlite_where=IS_WAITING,
        postgresql_where=IS_WAITING,
    )
    # What it served, the new one does, and holds only what waits.
    op.drop_index("ix_delivery_state_priority_next_attempt_at", table_name="delivery")
