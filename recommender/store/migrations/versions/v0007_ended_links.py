"""Ended links: how often those of a subscriber were; none of what was mailed before is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("links_epoch", "unsubscribe_epoch"):
        column: sa.Column[int] = sa.Column(
            name, sa.Integer(), server_default=sa.text("0"), nullable=False
        )
        op.add_column("subscriber", column)
