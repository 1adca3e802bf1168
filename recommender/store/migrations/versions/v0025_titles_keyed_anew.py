"""Titles keyed anew: a conference and its year in brackets behind a title are none of it.

As in 0015, keys are those of the program that runs this.
"""

import sqlalchemy as sa
from alembic import op

from recommender.domain.titles import title_key

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_AT_A_TIME = 1_000


def upgrade() -> None:
    paper = sa.table("paper", *map(sa.column, ("id", "title", "title_key")))
    connection = op.get_bind()
    last = 0
    while True:
        some = connection.execute(
            sa.select(*paper.c).where(paper.c.id > last).order_by(paper.c.id).limit(_AT_A_TIME)
        ).all()
        if not some:
            break
        last = some[-1].id
        changed = [
            {"of_id": row.id, "new_key": key}
            for row in some
            if (key := title_key(row.title)) != row.title_key
        ]
        if changed:
            connection.execute(
                sa.update(paper)
                .where(paper.c.id == sa.bindparam("of_id"))
                .values(title_key=sa.bindparam("new_key")),
                changed,
            )
