"""Papers are found by who wrote them, too: the same people may say the same under another title.

As in 0015, keys are those of the program that runs this.
"""

import sqlalchemy as sa
from alembic import op

from recommender.domain.author_keys import authors_key

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_AT_A_TIME = 1_000


def upgrade() -> None:
    op.add_column("paper", sa.Column("authors_key", sa.BigInteger(), nullable=True))
    paper = sa.table(
        "paper", sa.column("id"), sa.column("authors", sa.JSON), sa.column("authors_key")
    )
    connection = op.get_bind()
    last = 0
    while True:
        some = connection.execute(
            sa.select(paper.c.id, paper.c.authors)
            .where(paper.c.id > last)
            .order_by(paper.c.id)
            .limit(_AT_A_TIME)
        ).all()
        if not some:
            break
        last = some[-1].id
        keyed = [{"of_id": row.id, "key": authors_key(row.authors or ())} for row in some]
        connection.execute(
            sa.update(paper)
            .where(paper.c.id == sa.bindparam("of_id"))
            .values(authors_key=sa.bindparam("key")),
            keyed,
        )
    op.create_index(op.f("ix_paper_authors_key"), "paper", ["authors_key"])
