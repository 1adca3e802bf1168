"""Wording of bounces: whole domains that fail with the same words are told from dead addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    wording: sa.Column[str] = sa.Column(
        "wording", sa.String(), server_default=sa.text("''"), nullable=False
    )
    op.add_column("bounce", wording)
    op.create_index(
        "ix_bounce_recipient_domain_received_at", "bounce", ["recipient_domain", "received_at"]
    )
