"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("curator", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("ingested_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digest"),
        sa.UniqueConstraint("sha256", name="uq_digest_sha256"),
    )
    op.create_index("ix_digest_date", "digest", ["date"], unique=False)
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("arxiv_id", sa.String(), nullable=True),
        sa.Column("doi", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.UniqueConstraint("arxiv_id", name="uq_paper_arxiv_id"),
        sa.UniqueConstraint("doi", name="uq_paper_doi"),
    )
    op.create_index("ix_paper_title_key", "paper", ["title_key"], unique=False)
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("interests", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("welcome_due", sa.Boolean(), nullable=False),
        sa.Column("next_issue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issues_composed", sa.Integer(), nullable=False),
        sa.Column("last_issue_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("email_key", name="uq_subscriber_email_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_subscriber_state_next_issue_at", "subscriber", ["state", "next_issue_at"], unique=False
    )
    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("welcome", sa.Boolean(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("curator", sa.String(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=False),
        sa.Column("dislikes", sa.Integer(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_issue_subscriber_id_subscriber"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_issue"),
        sa.UniqueConstraint("subscriber_id", "number", name="uq_issue_subscriber_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mention",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("upvotes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name="fk_mention_digest_id_digest"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_mention_paper_id_paper"),
        sa.PrimaryKeyConstraint("digest_id", "rank", name="pk_mention"),
        sa.UniqueConstraint("digest_id", "paper_id", name="uq_mention_digest_id_paper_id"),
    )
    op.create_index("ix_mention_paper_id", "mention", ["paper_id"], unique=False)
    op.create_table(
        "rating",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("saved", sa.Boolean(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_rating_paper_id_paper"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_rating_subscriber_id_subscriber"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name="pk_rating"),
    )
    op.create_index("ix_rating_paper_id", "rating", ["paper_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_reply", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times_in_doubt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_delivery_issue_id_issue"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_delivery_subscriber_id_subscriber"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("message_id", name="uq_delivery_message_id"),
        sa.UniqueConstraint(
            "subscriber_id", "kind", "key", name="uq_delivery_subscriber_id_kind_key"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_issue_id", "delivery", ["issue_id"], unique=False)
    op.create_index(
        "ix_delivery_state_priority_next_attempt_at",
        "delivery",
        ["state", "priority", "next_attempt_at"],
        unique=False,
    )
    op.create_table(
        "issue_entry",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("excerpt", sa.String(), nullable=False),
        sa.Column("upvotes", sa.Integer(), nullable=False),
        sa.Column("trend_score", sa.Float(), nullable=False),
        sa.Column("interest_score", sa.Float(), nullable=True),
        sa.Column("interest_weight", sa.Float(), nullable=False),
        sa.Column("ranking_score", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_issue_entry_issue_id_issue"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_issue_entry_paper_id_paper"),
        sa.PrimaryKeyConstraint("issue_id", "position", name="pk_issue_entry"),
    )
    op.create_index("ix_issue_entry_paper_id", "issue_entry", ["paper_id"], unique=False)
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("server", sa.String(), nullable=False),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("enhanced_status_code", sa.String(), nullable=True),
        sa.Column("reply", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name="fk_delivery_attempt_delivery_id_delivery"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempt"),
    )
    op.create_index(
        "ix_delivery_attempt_delivery_id", "delivery_attempt", ["delivery_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_attempt_delivery_id", table_name="delivery_attempt")
    op.drop_table("delivery_attempt")
    op.drop_index("ix_issue_entry_paper_id", table_name="issue_entry")
    op.drop_table("issue_entry")
    op.drop_index("ix_delivery_state_priority_next_attempt_at", table_name="delivery")
    op.drop_index("ix_delivery_issue_id", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_rating_paper_id", table_name="rating")
    op.drop_table("rating")
    op.drop_index("ix_mention_paper_id", table_name="mention")
    op.drop_table("mention")
    op.drop_table("issue")
    op.drop_index("ix_subscriber_state_next_issue_at", table_name="subscriber")
    op.drop_table("subscriber")
    op.drop_index("ix_paper_title_key", table_name="paper")
    op.drop_table("paper")
    op.drop_index("ix_digest_date", table_name="digest")
    op.drop_table("digest")
