"""Thumbnails of papers: which file shows which paper, and that of an entry of an issue."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thumbnail",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_thumbnail_paper_id_paper")
        ),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_thumbnail")),
    )
    op.add_column(
        "issue_entry",
        sa.Column("thumbnail", sa.String(), nullable=False, server_default=sa.text("''")),
    )
