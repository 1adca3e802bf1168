"""Frozen papers: what issues show of a paper is kept once, the rest of an issue in few bytes."""

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ISSUES_AT_A_TIME = 500
SHOWN = (
    *("paper_id", "title", "authors", "url", "excerpt", "excerpt_is_summary"),
    *("code_url", "project_url", "topic", "thumbnail"),
)
MOVED = (
    *("welcome", "schedule", "curator", "likes", "dislikes", "saves"),
    *("poor_signal", "unmet_interests", "language"),
)

# Of form 1 of the contents of issues, which every later version reads.
DICTIONARY = (
    '"reinforcement learning (RL)","vision-language models (VLMs)","diffusion models",'
    '"large language models (LLMs)", large language model (LLM), "; by "," an author you like"],'
    '"you follow ","you said you like: ","trending: in 2 digests, number 2 in the newest",'
    '"trending: number 4 in the digest of Mar 11","a suggestion outside your usual topics",'
    '"by Ann Author, an author you liked","close to what you like",["like “",1,"”: '
    '{"welcome":false,"curator":"the research community",'
    '"schedule":"every day at 7:00 (UTC)","schedule":"Monday to Friday at 7:00 (Europe/Berlin)",'
    '"welcome":true,"schedule":1,"curator":2,"likes":10,"dislikes":0,"saves":0,'
    '"poor_signal":false,"unmet_interests":[],"language":"en","positions":[1,2,3,4,5,6,7,8,9,10],'
    '"upvotes":[0,1,2,3,4,5,10,20,30],"trend_scores":[100,200,300],'
    '"interest_scores":null,"interest_weights":0,"interest_scores":[100,200,300],'
    '"interest_weights":9000,"ranking_scores":[100,200,300],"explored":[],"propensities":1.0,'
    '"not_personal":[],"reasons":[["like “",3,"”: '
).encode()

ISSUE = sa.table(
    "issue",
    sa.column("id"),
    *(sa.column(name) for name in MOVED if name != "unmet_interests"),
    sa.column("unmet_interests", sa.JSON()),
    sa.column("papers", sa.JSON()),
    sa.column("content", sa.LargeBinary()),
)
ENTRY = sa.table(
    "issue_entry",
    sa.column("issue_id"),
    sa.column("position"),
    sa.column("authors", sa.JSON()),
    *(sa.column(name) for name in SHOWN if name != "authors"),
    *(sa.column(name) for name in ("upvotes", "trend_score", "interest_score")),
    *(sa.column(name) for name in ("interest_weight", "ranking_score", "explored")),
    *(sa.column(name) for name in ("propensity", "reason", "reason_is_personal")),
)
FROZEN = sa.table(
    "frozen_paper",
    sa.column("id"),
    sa.column("digest", sa.LargeBinary()),
    sa.column("authors", sa.JSON()),
    *(sa.column(name) for name in SHOWN if name not in {"authors", "excerpt_is_summary"}),
    sa.column("excerpt_is_summary", sa.Boolean()),
)


def upgrade() -> None:
    op.create_table(
        "frozen_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("excerpt", sa.String(), nullable=False),
        sa.Column("excerpt_is_summary", sa.Boolean(), nullable=False),
        sa.Column("code_url", sa.String(), nullable=True),
        sa.Column("project_url", sa.String(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("thumbnail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_frozen_paper_paper_id_paper")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_paper")),
        sa.UniqueConstraint("digest", name=op.f("uq_frozen_paper_digest")),
    )
    op.create_index("ix_frozen_paper_paper_id", "frozen_paper", ["paper_id"])
    op.create_table(
        "frozen_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_text")),
        sa.UniqueConstraint("digest", name=op.f("uq_frozen_text_digest")),
    )
    op.create_table(
        "sent_paper",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_sent_paper_subscriber_id_subscriber"),
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_sent_paper_paper_id_paper")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name=op.f("pk_sent_paper")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sent_paper_paper_id", "sent_paper", ["paper_id"])
    op.add_column(
        "issue", sa.Column("papers", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.add_column(
        "issue",
        sa.Column("content", sa.LargeBinary(), server_default=sa.text("''"), nullable=False),
    )
    connection = op.get_bind()
    for issues in _some_issues(connection):
        _move(connection, issues)
    op.drop_index("ix_issue_entry_paper_id", table_name="issue_entry")
    op.drop_table("issue_entry")
    for name in MOVED:
        op.drop_column("issue", name)


def _some_issues(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    after = 0
    columns = [ISSUE.c.id, *(ISSUE.c[name] for name in MOVED)]
    while issues := connection.execute(
        sa.select(*columns).where(ISSUE.c.id > after).order_by(ISSUE.c.id).limit(ISSUES_AT_A_TIME)
    ).all():
        yield issues
        after = issues[-1].id


def _move(connection: sa.Connection, issues: Sequence[Any]) -> None:
    """Freeze the papers of some issues, and pack what else they say."""
    found = connection.execute(
        sa.select(ENTRY)
        .where(ENTRY.c.issue_id.in_([issue.id for issue in issues]))
        .order_by(ENTRY.c.issue_id, ENTRY.c.position)
    ).all()
    digests = [_digest(entry) for entry in found]
    rows = {
        digest: {
            "digest": digest,
            **{name: getattr(entry, name) for name in SHOWN},
            "excerpt_is_summary": bool(entry.excerpt_is_summary),
        }
        for digest, entry in zip(digests, found, strict=True)
    }
    if rows:
        dialects: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
        insert = dialects[connection.dialect.name](FROZEN)
        connection.execute(insert.on_conflict_do_nothing(), list(rows.values()))
    numbers = {}
    wanted_digests = list(rows)
    for first in range(0, len(wanted_digests), 1000):
        some = wanted_digests[first : first + 1000]
        wanted = sa.select(FROZEN.c.digest, FROZEN.c.id).where(FROZEN.c.digest.in_(some))
        numbers.update({row.digest: row.id for row in connection.execute(wanted)})
    entries: dict[int, list[Any]] = {issue.id: [] for issue in issues}
    papers: dict[int, list[int]] = {issue.id: [] for issue in issues}
    for digest, entry in zip(digests, found, strict=True):
        entries[entry.issue_id].append(entry)
        papers[entry.issue_id].append(numbers[digest])
    connection.execute(
        sa.update(ISSUE)
        .where(ISSUE.c.id == sa.bindparam("its_id"))
        .values(papers=sa.bindparam("its_papers"), content=sa.bindparam("its_content")),
        [
            {
                "its_id": issue.id,
                "its_papers": papers[issue.id],
                "its_content": _packed(issue, entries[issue.id]),
            }
            for issue in issues
        ],
    )


def _digest(entry: Any) -> bytes:
    said = [getattr(entry, name) for name in SHOWN]
    said[SHOWN.index("excerpt_is_summary")] = bool(entry.excerpt_is_summary)
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).digest()


def _packed(issue: Any, entries: Sequence[Any]) -> bytes:
    content = {
        "welcome": bool(issue.welcome),
        "schedule": issue.schedule,
        "curator": issue.curator,
        "likes": issue.likes,
        "dislikes": issue.dislikes,
        "saves": issue.saves,
        "poor_signal": bool(issue.poor_signal),
        "unmet_interests": issue.unmet_interests,
        "language": issue.language,
        "positions": [entry.position for entry in entries],
        "upvotes": [entry.upvotes for entry in entries],
        "trend_scores": [_kept(entry.trend_score) for entry in entries],
        "interest_scores": [_kept(entry.interest_score) for entry in entries],
        "interest_weights": [_kept(entry.interest_weight) for entry in entries],
        "ranking_scores": [_kept(entry.ranking_score) for entry in entries],
        "explored": [at for at, entry in enumerate(entries) if entry.explored],
        "propensities": [
            None if entry.propensity is None else float(f"{entry.propensity:.6g}")
            for entry in entries
        ],
        "not_personal": [at for at, entry in enumerate(entries) if not entry.reason_is_personal],
        "reasons": [entry.reason for entry in entries],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS, zdict=DICTIONARY)
    return b"\x01" + deflate.compress(text.encode()) + deflate.flush()


def _kept(score: float | None) -> int | None:
    return None if score is None else round(10_000 * score)
