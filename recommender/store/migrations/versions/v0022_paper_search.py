"""Papers can be searched by their words, and what everybody may read has a named state."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# The bar stands between two names, and is a word so that no phrase goes from one into the next.
SEARCH_TABLE = """
CREATE VIRTUAL TABLE paper_search USING fts5(
  title, abstract, authors, keywords,
  tokenize="porter unicode61 remove_diacritics 2 tokenchars '¦'"
)
"""

# Words are taken apart before; whatever kind of word the parser takes one for, it is stemmed, and
# none is left out.
POSTGRESQL_SEARCH = """
CREATE TEXT SEARCH DICTIONARY recommender_stem (TEMPLATE = snowball, LANGUAGE = porter);
CREATE TEXT SEARCH CONFIGURATION recommender_words (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION recommender_words ADD MAPPING FOR asciiword, word, numword, int,
  uint, float, sfloat, version, host, email, file, hword, asciihword, numhword, hword_part,
  hword_asciipart, hword_numpart, url, url_path WITH recommender_stem;
CREATE TABLE paper_search (
  id BIGINT NOT NULL, words TSVECTOR NOT NULL, CONSTRAINT pk_paper_search PRIMARY KEY (id)
);
CREATE INDEX ix_paper_search_words ON paper_search USING gin (words)
"""


def upgrade() -> None:
    op.create_table(
        "content_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_state")),
    )
    op.execute("INSERT INTO content_state (id, name) VALUES (1, 0)")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in POSTGRESQL_SEARCH.split(";"):
            op.execute(statement)
        # No installation had an older schema there: the first one that could be made has this.
        return
    op.execute(SEARCH_TABLE)
    papers = connection.execute(sa.text("SELECT id, title, abstract, authors, keywords FROM paper"))
    while rows := papers.fetchmany(1_000):
        connection.execute(
            sa.text(
                "INSERT INTO paper_search (rowid, title, abstract, authors, keywords)"
                " VALUES (:id, :title, :abstract, :authors, :keywords)"
            ),
            [
                {
                    "id": row.id,
                    "title": row.title,
                    "abstract": row.abstract,
                    "authors": " ¦ ".join(json.loads(row.authors)),
                    "keywords": " ¦ ".join(json.loads(row.keywords)),
                }
                for row in rows
            ],
        )
