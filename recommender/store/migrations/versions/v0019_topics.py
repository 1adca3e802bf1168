"""What each paper of an issue is about, so that its ratings can be told in words."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "issue_entry",
        sa.Column("topic", sa.String(), server_default=sa.text("''"), nullable=False),
    )
