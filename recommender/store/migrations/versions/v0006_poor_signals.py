"""Poor signals: what a subscriber's interest gains over trend, and issues that say so."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriber_quality", sa.Column("interest_gain", sa.Float(), nullable=True))
    is_poor: sa.Column[bool] = sa.Column(
        "poor_signal", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("issue", is_poor)
