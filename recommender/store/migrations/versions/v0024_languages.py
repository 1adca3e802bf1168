"""The language of subscribers and issues, and problems of libraries that can be told in each."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("language", sa.String(), nullable=True))
    op.add_column("subscription_request", sa.Column("language", sa.String(), nullable=True))
    # All that was composed before is English.
    op.add_column("issue", sa.Column("language", sa.String(), server_default="en", nullable=False))
    op.add_column("library", sa.Column("message_parts", sa.JSON(), nullable=True))
