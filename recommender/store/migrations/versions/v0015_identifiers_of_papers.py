"""Identifiers of papers: all that a paper was ever known by, and titles keyed anew.

Keys are those of the program that runs this, not of the day on which it was written: another change
of them comes with another migration, and a database that skipped one has the newest at once.
"""

import sqlalchemy as sa
from alembic import op

from recommender.domain.dois import identifiers_of
from recommender.domain.titles import title_key
from recommender.store.query_batches import in_batches

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_AT_A_TIME = 1_000


def upgrade() -> None:
    identifier = op.create_table(
        "paper_identifier",
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_paper_identifier_paper_id_paper")
        ),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_paper_identifier")),
    )
    op.create_index(op.f("ix_paper_identifier_paper_id"), "paper_identifier", ["paper_id"])
    paper = sa.table("paper", *map(sa.column, ("id", "title", "title_key", "arxiv_id", "doi")))
    connection = op.get_bind()
    # Two rows that share one, as the versions of a preprint may, stay two: the older one has it.
    known_by: dict[str, int] = {}
    last = 0
    while True:
        some = connection.execute(
            sa.select(*paper.c).where(paper.c.id > last).order_by(paper.c.id).limit(_AT_A_TIME)
        ).all()
        if not some:
            break
        last = some[-1].id
        for row in some:
            for each in identifiers_of(row.arxiv_id, row.doi):
                known_by.setdefault(each, row.id)
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
    for pairs in in_batches(known_by.items()):
        connection.execute(
            sa.insert(identifier),
            [{"identifier": each, "paper_id": paper_id} for each, paper_id in pairs],
        )
