"""One voice: the index that the community's votes are summed up from names whose vote it is."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_rating_paper_id_value_saved", table_name="rating")
    op.create_index(
        "ix_rating_paper_id_subscriber_id_value_saved",
        "rating",
        ["paper_id", "subscriber_id", "value", "saved"],
    )
