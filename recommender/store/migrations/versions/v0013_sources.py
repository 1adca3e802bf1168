"""Sources: where papers are fetched, what was fetched and not read yet, and what usually comes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("moved_to", sa.String(), nullable=True),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("is_configured", sa.Boolean(), nullable=False),
        sa.Column("paused_because", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("next_fetch_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_message", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
        sa.UniqueConstraint("url", name=op.f("uq_source_url")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_source_next_fetch_at"), "source", ["next_fetch_at"])
    op.create_table(
        "source_document",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("moved_to", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_document_source_id_source")
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_document")),
    )
    op.create_table(
        "source_day",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("abstracts", sa.Integer(), nullable=False),
        sa.Column("abstract_characters", sa.Integer(), nullable=False),
        sa.Column("brought_minute", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_day_source_id_source")
        ),
        sa.PrimaryKeyConstraint("source_id", "day", name=op.f("pk_source_day")),
    )
