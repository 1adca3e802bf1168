"""An issue is frozen: it comes back as it was composed, whatever happens to its papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from recommender.domain import Issue, IssueEntry, Paper
from recommender.errors import StorageError
from recommender.store import issues, papers
from recommender.store.database import Database
from recommender.store.issue_content import unpacked
from recommender.store.issue_tables import FrozenPaperRow, FrozenTextRow
from recommender.store.query_batches import PARAMETERS_PER_QUERY

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


def entry(position: int, paper_id: int) -> IssueEntry:
    return IssueEntry(
        position=position,
        paper_id=paper_id,
        title=f"Paper at {position}",
        authors=("Ashish Vaswani", "Łukasz Kaiser"),
        url="https://arxiv.org/abs/1706.03762",
        excerpt="What it says, in a sentence.",
        upvotes=42,
        trend_score=0.3,
        interest_score=0.3333,
        interest_weight=0.25,
        ranking_score=0.6667,
        reason="trending",
        explored=True,
        propensity=0.123456,
        excerpt_is_summary=True,
        reason_is_personal=False,
    )


def issue(subscriber_id: int, number: int, *entries: IssueEntry) -> Issue:
    return Issue(
        id=0,
        subscriber_id=subscriber_id,
        number=number,
        date=date(2026, 3, 10) + timedelta(days=number),
        curator="AK and the research community",
        composed_at=NOW + timedelta(days=number - 1),
        likes=3,
        dislikes=2,
        saves=1,
        entries=entries,
        unmet_interests=("protein folding", "Quantum dots"),
    )


def test_issue_comes_back_as_it_was_composed(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    bare = replace(
        entry(2, paper_ids[0]),
        url=None,
        authors=(),
        interest_score=None,
        explored=False,
        propensity=None,
    )
    composed = issue(subscriber_ids[0], 1, entry(1, paper_ids[1]), bare)
    with database.write() as session:
        issue_id = issues.add(session, composed)

    with database.read() as session:
        assert replace(composed, id=issue_id) == issues.by_id(session, issue_id)


def test_entries_come_back_by_position(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    composed = issue(
        subscriber_ids[0], 1, entry(3, paper_ids[0]), entry(1, paper_ids[1]), entry(2, paper_ids[2])
    )
    with database.write() as session:
        issue_id = issues.add(session, composed)

    with database.read() as session:
        found = issues.by_id(session, issue_id)
    assert found is not None
    assert [each.position for each in found.entries] == [1, 2, 3]


def test_issue_without_entries_is_kept(database: Database, subscriber_ids: list[int]) -> None:
    composed = issue(subscriber_ids[0], 1)
    with database.write() as session:
        issue_id = issues.add(session, composed)

    with database.read() as session:
        assert replace(composed, id=issue_id) == issues.by_id(session, issue_id)


def test_issue_stays_as_it_is_when_its_paper_changes(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    with database.write() as session:
        issue_id = issues.add(session, issue(subscriber_ids[0], 1, entry(1, paper_ids[0])))
        before = issues.by_id(session, issue_id)

    with database.write() as session:
        newer = Paper(paper_ids[0], "Retitled", "Rewritten.", (), None, None, None, None, NOW)
        papers.change(session, newer, "retitled")

    with database.read() as session:
        assert before == issues.by_id(session, issue_id)


def test_number_is_given_once_to_each_subscriber(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        issues.add(session, issue(subscriber_ids[0], 1))
        issues.add(session, issue(subscriber_ids[1], 1))

    with pytest.raises(StorageError), database.write() as session:
        issues.add(session, issue(subscriber_ids[0], 1))


def test_failed_issue_leaves_no_half(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    with pytest.raises(StorageError), database.write() as session:
        issues.add(session, issue(subscriber_ids[0], 1, entry(1, paper_ids[-1] + 1)))

    with database.read() as session:
        assert issues.last_composed_at(session, subscriber_ids[0]) is None


def test_unknown_issue_is_left_out(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first = issue(subscriber_ids[0], 1, entry(1, paper_ids[0]))
    second = issue(subscriber_ids[1], 1, entry(1, paper_ids[1]))
    with database.write() as session:
        first_id = issues.add(session, first)
        second_id = issues.add(session, second)

    with database.read() as session:
        assert {
            first_id: replace(first, id=first_id),
            second_id: replace(second, id=second_id),
        } == issues.by_ids(session, [second_id, first_id, second_id + 1])
        assert issues.by_id(session, second_id + 1) is None


def test_issues_of_a_subscriber_come_by_number(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, silent = subscriber_ids
    with database.write() as session:
        second_id = issues.add(session, issue(first, 2, entry(1, paper_ids[1])))
        first_id = issues.add(session, issue(first, 1, entry(1, paper_ids[0])))
        issues.add(session, issue(second, 1, entry(1, paper_ids[2])))

    with database.read() as session:
        assert [
            replace(issue(first, 1, entry(1, paper_ids[0])), id=first_id),
            replace(issue(first, 2, entry(1, paper_ids[1])), id=second_id),
        ] == issues.of_subscriber(session, first)
        assert issues.of_subscriber(session, silent) == []


def test_sent_papers_are_those_of_all_issues_of_each_subscriber(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    first, second, third = subscriber_ids
    with database.write() as session:
        issues.add(session, issue(first, 1, entry(1, paper_ids[0]), entry(2, paper_ids[1])))
        issues.add(session, issue(first, 2, entry(1, paper_ids[2])))
        issues.add(session, issue(second, 1, entry(1, paper_ids[0])))
        issues.add(session, issue(third, 1, entry(1, paper_ids[3])))

    # More subscribers than one query takes; most of them have no issue.
    asked = [first, second, *range(third + 1, third + PARAMETERS_PER_QUERY)]
    with database.read() as session:
        assert {first: set(paper_ids[:3]), second: {paper_ids[0]}} == issues.sent_papers(
            session, asked
        )


def test_last_composed_is_the_latest_issue_of_the_subscriber(
    database: Database, subscriber_ids: list[int]
) -> None:
    with database.write() as session:
        for number in (1, 3, 2):
            issues.add(session, issue(subscriber_ids[0], number))
        issues.add(session, issue(subscriber_ids[1], 4))

    with database.read() as session:
        assert NOW + timedelta(days=2) == issues.last_composed_at(session, subscriber_ids[0])
        assert issues.last_composed_at(session, subscriber_ids[2]) is None


def test_what_issues_show_alike_of_a_paper_is_kept_once(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    """Whoever it is shown to, in one transaction or several, with other scores and reasons."""
    same = entry(1, paper_ids[0])
    other = replace(same, trend_score=0.9, upvotes=7, reason="like “Attention”", explored=False)
    with database.write() as session:
        issues.add_all(
            session, [issue(subscriber_ids[0], 1, same), issue(subscriber_ids[1], 1, other)]
        )
    with database.write() as session:
        issues.add(session, issue(subscriber_ids[2], 1, other))
        issues.add(session, issue(subscriber_ids[2], 2, replace(same, excerpt="Another sentence.")))

    with database.read() as session:
        assert len(session.exec(select(FrozenPaperRow.id)).all()) == 2
        (kept,) = issues.of_subscriber(session, subscriber_ids[1])
    assert kept.entries == (other,)


def test_texts_that_several_are_told_are_kept_apart_and_what_one_wrote_is_not(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    title = "A title that several liked, and that is long"
    own = replace(entry(1, paper_ids[0]), reason="you said you like “my own long secret wish”")
    reasons = [f"like “{title}”: {word} and “more”" for word in ("graphs", "agents")]
    new = [
        issue(who, 1, own, replace(entry(2, paper_ids[1]), reason=reason))
        for who, reason in zip(subscriber_ids[:2], reasons, strict=True)
    ]
    new[1] = replace(new[1], entries=new[1].entries[1:], unmet_interests=())
    with database.write() as session:
        ids = issues.add_all(session, new)
        third = issue(subscriber_ids[2], 1, replace(own, reason=f"“{title}”“{title}”"))
        ids.append(issues.add(session, third))

    with database.read() as session:
        assert set(session.exec(select(FrozenTextRow.text))) == {title, new[0].curator, ""}
        kept = issues.by_ids(session, ids)
    for issue_id, composed in zip(ids, [*new, third], strict=True):
        assert replace(composed, id=issue_id) == kept[issue_id]


@pytest.mark.parametrize(
    "reason", ["", "“", "“”", "“" * 30, "”“" * 20, "“a text without an end", "a ‘b’ “c” \x00 ✓"]
)
def test_reason_comes_back_whatever_it_quotes(
    database: Database, subscriber_ids: list[int], paper_ids: list[int], reason: str
) -> None:
    said = replace(entry(1, paper_ids[0]), reason=reason)
    with database.write() as session:
        first, _ = issues.add_all(session, [issue(who, 1, said) for who in subscriber_ids[:2]])

    with database.read() as session:
        kept = issues.by_id(session, first)
    assert kept is not None
    assert kept.entries == (said,)


def test_scores_are_kept_to_four_decimals_and_propensities_to_six_digits(
    database: Database, subscriber_ids: list[int], paper_ids: list[int]
) -> None:
    exact = replace(
        entry(1, paper_ids[0]), trend_score=0.123456, ranking_score=2 / 3, propensity=1 / 300
    )
    with database.write() as session:
        issue_id = issues.add(session, issue(subscriber_ids[0], 1, exact))

    with database.read() as session:
        kept = issues.by_id(session, issue_id)
    assert kept is not None
    assert kept.entries == (
        replace(exact, trend_score=0.1235, ranking_score=0.6667, propensity=0.00333333),
    )


def test_content_of_a_newer_version_is_refused() -> None:
    with pytest.raises(ValueError, match="kept in form 02"):
        unpacked(b"\x02new")
