"""Age of deferral: since when a server puts a message off."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "delivery", sa.Column("deferred_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute("UPDATE delivery SET deferred_since = created_at WHERE state = 'deferred'")
