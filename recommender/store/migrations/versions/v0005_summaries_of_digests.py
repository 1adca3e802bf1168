"""Summaries of digests: what a paper does in a line, and whether an issue shows it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "paper", sa.Column("summary", sa.String(), server_default=sa.text("''"), nullable=False)
    )
    is_summary: sa.Column[bool] = sa.Column(
        "excerpt_is_summary", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("issue_entry", is_summary)
