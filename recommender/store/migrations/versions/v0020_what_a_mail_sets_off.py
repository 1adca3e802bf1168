"""Whether a reason is the reader's own, and the stated interests that nothing new was about."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "issue_entry",
        sa.Column("reason_is_personal", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.add_column(
        "issue",
        sa.Column("unmet_interests", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
    )
