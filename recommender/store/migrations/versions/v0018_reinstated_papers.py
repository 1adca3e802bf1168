"""Papers that stand by the operator's word, whatever is read of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper", sa.Column("reinstated_at", sa.DateTime(timezone=True), nullable=True))
