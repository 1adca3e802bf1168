"""Interests that subscribers named, paused or removed, and the papers that they are known by."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phrases", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_kept_interest_subscriber_id_subscriber"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_interest")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_kept_interest_subscriber_id"), "kept_interest", ["subscriber_id"], unique=False
    )
    op.create_table(
        "kept_interest_paper",
        sa.Column("interest_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interest_id"],
            ["kept_interest.id"],
            name=op.f("fk_kept_interest_paper_interest_id_kept_interest"),
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_kept_interest_paper_paper_id_paper")
        ),
        sa.PrimaryKeyConstraint("interest_id", "paper_id", name=op.f("pk_kept_interest_paper")),
    )
    op.create_index(
        op.f("ix_kept_interest_paper_paper_id"), "kept_interest_paper", ["paper_id"], unique=False
    )
