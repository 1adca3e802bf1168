"""Papers that were taken back, and what digests link and say beside a paper's text."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "paper", sa.Column("keywords", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
    )
    for name in ("code_url", "project_url", "thumbnail_url"):
        op.add_column("paper", sa.Column(name, sa.String(), nullable=True))
    for name in ("code_url", "project_url"):
        op.add_column("issue_entry", sa.Column(name, sa.String(), nullable=True))
