"""Papers are found by words, authors and days, as they stand now, whatever is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.domain.searches import Found, FoundText, parse_search
from recommender.errors import StorageError
from recommender.jobs.pages import searching
from recommender.store import digests, paper_search, papers
from recommender.store.database import Database, Session
from recommender.store.digests import RankedMention
from recommender.store.one_paper import make_one
from recommender.store.papers import NewPaper

NOW = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
_numbers = count(1)


def new_paper(title: str, **fields: Any) -> NewPaper:
    known = {
        "title_key": title.casefold(),
        "abstract": "",
        "authors": (),
        "arxiv_id": None,
        "doi": None,
        "url": None,
        "published_at": None,
        "first_seen_at": NOW,
    }
    return NewPaper(title=title, **{**known, **fields})


def store(session: Session, new: Sequence[NewPaper]) -> list[int]:
    """Store papers that a digest mentions."""
    ids = papers.add(session, new)
    digests.add(
        session,
        sha256=f"{next(_numbers)}",
        format="digest-text",
        source="folder",
        file_name="day.txt",
        curator="AK",
        day=NOW.date(),
        ingested_at=NOW,
        mentions=[RankedMention(paper_id, rank, 0) for rank, paper_id in enumerate(ids, start=1)],
    )
    return ids


def find(database: Database, words: str, **fields: str) -> Found:
    wanted = parse_search(words, stop_words=frozenset({"is", "all", "you"}), **fields)
    with database.read() as session:
        return paper_search.find(session, wanted, now=NOW)


def told(database: Database, words: str) -> FoundText:
    """Return what is told of the one paper that is found."""
    found = find(database, words)
    with database.read() as session:
        (paper,) = papers.by_ids(session, found.paper_ids).values()
    return paper_search.texts_of([paper], found.pattern)[paper.id]


def ids_of(found: Found) -> list[int]:
    return list(found.paper_ids)


def test_a_word_of_the_title_tells_more_than_one_of_the_abstract(database: Database) -> None:
    with database.write() as session:
        abstract, title, keyword, neither = store(
            session,
            [
                new_paper("Sparse models", abstract="We prune and prune."),
                new_paper("Pruning models", abstract="We make them small."),
                new_paper("Small models", abstract="We cut.", keywords=("network pruning",)),
                new_paper("Large models", abstract="We grow them."),
            ],
        )

    found = ids_of(find(database, "pruning"))
    assert found[0] == title
    assert set(found) == {abstract, title, keyword}
    assert neither not in found


def test_all_words_have_to_be_there_and_a_phrase_together(database: Database) -> None:
    with database.write() as session:
        apart, together = store(
            session,
            [new_paper("Networks of graphs and trees"), new_paper("Graph networks, again")],
        )

    assert set(ids_of(find(database, "graph network"))) == {apart, together}
    assert ids_of(find(database, '"graph networks"')) == [together]
    assert ids_of(find(database, "graph-network")) == [together]
    assert ids_of(find(database, "graph zebra")) == []


def test_what_has_a_minus_is_in_no_paper_that_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        store(
            session,
            [
                new_paper("Graph neural networks", authors=("Ann Roe",)),
                new_paper("Graph matching", abstract="By a neural network.", authors=("Ann Roe",)),
            ],
        )
        (left,) = store(session, [new_paper("Graphs of networks", authors=("Ann Roe",))])

    for words in ("graph -neural", "author:roe -neural", '-"neural network" graph -zebra'):
        assert ids_of(find(database, words)) == [left]
    assert len(ids_of(find(database, "graph -日本 -zebra"))) == 3
    # Where more have the word than are told, those with it in the title come first.
    monkeypatch.setattr(paper_search, "_MOST_FOUND", 0)
    with database.read() as session:
        wanted = parse_search("graph -neural", stop_words=frozenset())
        assert paper_search._ranked(session, wanted, NOW) == [left]


def test_one_letter_is_no_beginning_of_a_word(database: Database) -> None:
    with database.write() as session:
        language, *_ = store(session, [new_paper("Fast C++ code"), new_paper("A small compiler")])

    assert ids_of(find(database, "C++")) == [language]


def test_the_last_word_may_go_on_where_few_have_it_as_it_is(database: Database) -> None:
    with database.write() as session:
        transformer, transport = store(
            session, [new_paper("A transformer"), new_paper("Optimal transport of mass")]
        )

    assert set(ids_of(find(database, "trans"))) == {transformer, transport}
    assert ids_of(find(database, "transf")) == [transformer]
    assert ids_of(find(database, "trans optimal")) == []
    assert ids_of(find(database, '"trans"')) == []


def test_an_author_is_one_person(database: Database) -> None:
    """Wei Zhang is not to be found in Li Wei, Zhang Yang."""
    with database.write() as session:
        wei, others, lukasz = store(
            session,
            [
                new_paper("One", authors=("Ann Roe", "Wei Zhang")),
                new_paper("Two", authors=("Li Wei", "Zhang Yang")),
                new_paper("Three", authors=("Łukasz Kaiser", "José Núñez")),
            ],
        )

    assert ids_of(find(database, "", author="wei zhang")) == [wei]
    assert set(ids_of(find(database, "author:zhang"))) == {wei, others}
    assert ids_of(find(database, "kaiser jose")) == [lukasz]
    assert ids_of(find(database, "one author:nunez")) == []


def test_an_author_is_found_without_further_names_and_initials(database: Database) -> None:
    with database.write() as session:
        kipf, garcia, *_ = store(
            session,
            [
                new_paper("One", authors=("Max Welling", "Thomas N. Kipf")),
                new_paper("Two", authors=("María del Carmen García-López", "Ann Roe")),
                new_paper("Three", authors=("Kipf Thomas", "Carmen Maria Garcia")),
                new_paper("Four", authors=("Thomas", "Kipf", "N. Thomas", "Kipf Roe")),
            ],
        )

    assert ids_of(find(database, "", author="Thomas Kipf")) == [kipf]
    assert ids_of(find(database, "one", author="Thomas Kipf")) == [kipf]
    assert ids_of(find(database, "", author="del carmen lopez")) == [garcia]
    assert ids_of(find(database, "", author="Maria Lopez")) == [garcia]
    assert ids_of(find(database, "", author="Carmen García-López")) == [garcia]


def test_an_author_with_a_minus_wrote_no_paper_that_is_found(database: Database) -> None:
    with database.write() as session:
        wei, others, kipf = store(
            session,
            [
                new_paper("Graph one", authors=("Ann Roe", "Wei Zhang")),
                new_paper("Graph two", authors=("Li Wei", "Zhang Yang")),
                new_paper("Graph three by Zhang", authors=("Thomas N. Kipf",)),
            ],
        )

    assert set(ids_of(find(database, "graph -author:zhang"))) == {kipf}
    assert set(ids_of(find(database, 'graph -author:"wei zhang"'))) == {others, kipf}
    assert ids_of(find(database, 'graph -author:"wei zhang" -author:"thomas kipf"')) == [others]
    assert set(ids_of(find(database, 'graph -author:"thomas kipf" -three'))) == {wei, others}
    assert ids_of(find(database, "author:zhang -author:roe")) == [others]
    assert ids_of(find(database, 'author:zhang -author:"Li Wei"')) == [wei]
    assert ids_of(find(database, "graph -author:!? -author:kipf year:2026 two")) == [others]


def test_of_an_author_and_of_days_the_newest_come_first(database: Database) -> None:
    with database.write() as session:
        old, new = store(
            session,
            [
                new_paper(
                    f"Paper of {year}",
                    authors=("Ann Roe",),
                    published_at=datetime(year, 6, 1, tzinfo=UTC),
                )
                for year in (2023, 2024)
            ],
        )

    assert ids_of(find(database, "author:roe")) == [new, old]
    assert ids_of(find(database, "author:roe before:2023")) == [old]
    assert ids_of(find(database, "paper", after="2024-06-01", before="2024-06-01")) == [new]
    assert ids_of(find(database, "paper", after="2024-06-02")) == []
    assert ids_of(find(database, "year:2023")) == [old]


def test_of_papers_alike_the_newer_comes_first_but_the_title_counts_more(
    database: Database,
) -> None:
    long_ago, lately = NOW - timedelta(days=3_000), NOW - timedelta(days=3)
    with database.write() as session:
        said, old, new = store(
            session,
            [
                new_paper("Small nets", abstract="By pruning.", published_at=lately),
                new_paper("Pruning nets", published_at=long_ago),
                new_paper("Pruning nets", title_key="2", published_at=lately),
            ],
        )

    assert ids_of(find(database, "pruning")) == [new, old, said]


def test_what_was_looked_for_is_marked_in_title_and_abstract(database: Database) -> None:
    with database.write() as session:
        store(
            session,
            [
                new_paper(
                    "Pruned <b>networks</b>",
                    abstract=f"{'A word. ' * 100}Here we prune networks. {'A word. ' * 100}",
                )
            ],
        )

    text = told(database, "pruning")
    assert [(each.text, each.is_found) for each in text.title] == [
        ("Pruned", True),
        (" <b>networks</b>", False),
    ]
    assert [each.text for each in text.abstract if each.is_found] == ["prune"]
    assert len("".join(each.text for each in text.abstract)) < 400


def test_papers_are_found_as_they_stand_now(database: Database) -> None:
    with database.write() as session:
        first, second = store(
            session, [new_paper("Old words", authors=("Ann Roe",)), new_paper("Another")]
        )
        (paper,) = papers.by_ids(session, [first]).values()
        papers.change(session, replace(paper, title="New words", authors=("Ben Doe",)), "new words")

    assert ids_of(find(database, '"new words"')) == [first]
    assert ids_of(find(database, '"old words"')) == []
    assert ids_of(find(database, "author:roe")) == []

    with database.write() as session:
        make_one(session, first, second)
    assert ids_of(find(database, "words")) == []
    assert ids_of(find(database, "another")) == [second]
    if database.file is None:
        return
    with database.write() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO paper_search (paper_search) VALUES ('integrity-check')"
        )


def test_what_was_not_committed_is_not_found(database: Database) -> None:
    class StopError(Exception):
        pass

    with pytest.raises(StopError), database.write() as session:  # noqa: PT012, it ends by it
        store(session, [new_paper("Unfinished")])
        raise StopError

    assert ids_of(find(database, "unfinished")) == []


def test_what_only_a_subscriber_named_is_found_by_nobody(database: Database) -> None:
    with database.write() as session:
        papers.add(session, [new_paper("Private reading", authors=("Ann Roe",))])

    for words in ("private", "author:roe", "year:2026"):
        assert ids_of(find(database, words)) == []


def test_of_very_many_those_with_the_word_in_the_title_come_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_search, "_MOST_FOUND", 20)
    with database.write() as session:
        ids = store(
            session,
            [
                new_paper(
                    "A model" if number == 2 else "A paper",
                    abstract="A model.",
                    title_key=f"{number}",
                )
                for number in range(30)
            ],
        )

    found = find(database, "model")
    assert ids_of(found)[:3] == [ids[2], ids[29], ids[28]]
    assert (len(found.paper_ids), found.is_more) == (20, True)


HOSTILE = [
    *("x -author:", 'x -author:"', "x -author:{a} : b", "-author:x -author:y", "x -author:*"),
    *('"', '""', '"""', "*", "^", "a*b", "title:x", "{title}: x", "-x", "NEAR(a b, 2)", "a OR b"),
    *("(a", "a)", "a AND", "NOT", "'; DROP TABLE paper; --", ":match", "%", "\\", "\0", "\ud800"),
    *("x" * 10_000, "a " * 10_000, "+a", "a + b", "<script>", "\u202eabc", "日本語", "😀", "¦"),
    *("author:", "author:*", 'author:"', "before:x", "author:¦", "paper_search", "rank"),
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_no_words_make_a_search_fail(database: Database, words: str) -> None:
    with database.write() as session:
        store(session, [new_paper("A paper", abstract="x " * 50, authors=("Ann Roe",))])

    find(database, words)
    find(database, "paper", author=words, after=words, before=words)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=60), author=st.text(max_size=20))
def test_no_text_makes_a_search_fail(database: Database, words: str, author: str) -> None:
    find(database, words, author=author)


def test_a_hostile_text_is_stored_and_told_whole(database: Database) -> None:
    title = "\u202e<mark>\x02x\x03 ¦ " + "y" * 10_000
    with database.write() as session:
        store(session, [new_paper(title, abstract="z" * 20_000, authors=("¦", "A ¦ B"))])

    text = told(database, "mark")
    assert "".join(each.text for each in text.title).replace("\x02", "").startswith("\u202e<mark>x")
    assert len("".join(each.text for each in text.abstract)) <= 600


def test_a_damaged_index_is_an_error_of_ours(database: Database) -> None:
    with database.write() as session:
        store(session, [new_paper("A paper")])
    with database._writing_engine.begin() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        table = "paper_search_data" if is_sqlite else "paper_search"
        connection.exec_driver_sql(f"DROP TABLE {table}")

    with pytest.raises(StorageError):
        find(database, "paper")


def test_paper_that_is_named_is_found_and_where_none_is_its_words_are(database: Database) -> None:
    with database.write() as session:
        named, mentioning, _ = store(
            session,
            [
                new_paper("Graph networks", arxiv_id="1706.03762", doi="10.1000/graphs.7"),
                new_paper("Again", abstract="We repeat what arXiv:1706.03762 and 10.1000/b did."),
                new_paper("Other networks", arxiv_id="1706.03763"),
            ],
        )
        (unoffered,) = papers.add(session, [new_paper("Mine", arxiv_id="1706.03764")])

    def found(words: str, **fields: str) -> list[int]:
        wanted = searching.read_search(words, **fields)
        with database.read() as session:
            page = ids_of(paper_search.find(session, wanted, now=NOW))
            assert sorted(paper_search.newest(session, wanted, count=9)) == sorted(page)
        return page

    for words in (
        "1706.03762",
        "arXiv:1706.03762v5",
        "https://arxiv.org/pdf/1706.03762v2",
        "doi:10.1000/GRAPHS.7",
        "https://doi.org/10.1000/graphs.7",
        "10.48550/arXiv.1706.03762",
    ):
        assert found(words) == [named], words
    assert found("1706.03762", after="2027") == []
    assert found("10.1000/b") == [mentioning]
    assert unoffered not in found("1706.03764")
