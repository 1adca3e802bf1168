"""What a subscriber follows, blocks and says of terms; how well they are served; tunings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added, no table is written anew: that would lose AUTOINCREMENT on SQLite.
    for name in ("followed", "blocked"):
        wishes = sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False)
        op.add_column("subscriber", wishes)
    explored: sa.Column[bool] = sa.Column(
        "explored", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("issue_entry", explored)
    op.add_column("issue_entry", sa.Column("propensity", sa.Float(), nullable=True))
    op.create_table(
        "term_rating",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_term_rating_subscriber_id_subscriber"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "term", name="pk_term_rating"),
    )
    op.create_table(
        "tuning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tuned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("ndcg_at_10", sa.Float(), nullable=False),
        sa.Column("ndcg_at_10_before", sa.Float(), nullable=False),
        sa.Column("subscribers", sa.Integer(), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tuning"),
    )
    op.create_table(
        "subscriber_quality",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("issues", sa.Integer(), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=False),
        sa.Column("ndcg_at_10", sa.Float(), nullable=False),
        sa.Column("recall_at_50", sa.Float(), nullable=False),
        sa.Column("mrr", sa.Float(), nullable=False),
        sa.Column("auc", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name="fk_subscriber_quality_subscriber_id_subscriber",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "measured_on", name="pk_subscriber_quality"),
    )
    op.create_index(
        "ix_subscriber_quality_measured_on", "subscriber_quality", ["measured_on"], unique=False
    )
    op.drop_index("ix_rating_paper_id", table_name="rating")
    op.create_index(
        "ix_rating_paper_id_value_saved", "rating", ["paper_id", "value", "saved"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_rating_paper_id_value_saved", table_name="rating")
    op.create_index("ix_rating_paper_id", "rating", ["paper_id"], unique=False)
    op.drop_index("ix_subscriber_quality_measured_on", table_name="subscriber_quality")
    op.drop_table("subscriber_quality")
    op.drop_table("tuning")
    op.drop_table("term_rating")
    op.drop_column("issue_entry", "propensity")
    op.drop_column("issue_entry", "explored")
    op.drop_column("subscriber", "blocked")
    op.drop_column("subscriber", "followed")
