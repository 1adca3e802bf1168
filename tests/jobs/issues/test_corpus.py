"""The index of papers follows the corpus, in one process and from one to the next."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.domain import Subscriber
from recommender.errors import RecommenderError
from recommender.interests.community import CommunityMap
from recommender.interests.index_file import read_index
from recommender.interests.paper_index import PaperIndex, index_papers
from recommender.jobs.issues import corpus, learning, newsletters
from recommender.jobs.services import IndexCache, Services
from recommender.store import papers

Ingest = Callable[..., Any]

MANY = [
    *("Graph Neural Networks", "Pruning Graphs", "Protein Folding", "Protein Design"),
    *("Speech Recognition", "Speech Synthesis", "Brain Segmentation", "Federated Learning"),
]
REVISION = """<?xml version="1.0"?>
<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"
     xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>
<pubDate>Thu, 12 Mar 2026 00:00:00 -0500</pubDate>
<item><title>Speech Translation</title><link>https://arxiv.org/abs/2603.00005</link>
<description>arXiv:2603.00005v2 Announce Type: replace
Abstract: Now about translation.</description>
<arxiv:announce_type>replace</arxiv:announce_type></item>
</channel></rss>
"""


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """Keep the index in a folder."""
    return replace(services, index_folder=tmp_path / "index")


def another_process(services: Services) -> Services:
    return replace(services, index_cache=IndexCache())


def load(services: Services) -> PaperIndex:
    return corpus.load_corpus(services).index


def titles_of(index: PaperIndex) -> list[str]:
    return [paper.title for paper in index.papers]


def words_of(index: PaperIndex, title: str) -> set[str]:
    row = index.rows[titles_of(index).index(title)]
    return {index.space.columns_[column] for column in row.indices}


def many(titles: list[str] = MANY) -> list[dict[str, str]]:
    return [{"title": title, "id": f"2603.{at:05}"} for at, title in enumerate(titles, start=1)]


def test_index_is_made_once_and_stays_as_long_as_no_paper_comes(
    services: Services, ingest: Ingest, rate: Callable[..., None], subscribe: Callable[..., Any]
) -> None:
    ingest(many())
    index = load(services)
    rate(subscribe(), MANY[:1])
    assert load(services).rows is index.rows


def test_papers_that_come_are_added_with_the_vocabulary_that_is_there(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    before = load(services)
    ingest(["Protein Origami", "Graph Pruning"])
    after = load(services)

    assert titles_of(after) == [*MANY, "Protein Origami", "Graph Pruning"]
    assert after.space is before.space
    assert words_of(after, "Protein Origami") == {"protein"}
    assert (after.rows[: len(MANY)] != before.rows).nnz == 0
    assert after.unfitted == 2


def test_vocabulary_is_fitted_anew_when_the_corpus_has_grown_by_half(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    load(services)
    ingest(["Protein Origami", "Quantum Error Correction"])
    assert load(services).unfitted == 2
    ingest(["Lattice Surgery", "Origami Robots"])
    index = load(services)

    assert index.unfitted == 0
    assert "origami" in words_of(index, "Protein Origami")


def test_paper_that_is_announced_with_another_text_has_another_row(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    load(services)
    ingest(REVISION.encode())

    index = load(services)

    assert "Speech Recognition" not in titles_of(index)
    assert words_of(index, "Speech Translation") == {"speech"}


def test_papers_that_come_without_a_digest_are_added_too(
    services: Services, ingest: Ingest, clock: Any
) -> None:
    ingest(many())
    load(services)
    seed = papers.NewPaper("Speech Seeds", "speech seeds", "", (), None, None, None, None, clock())
    with services.database.write() as session:
        papers.add(session, [seed])

    assert words_of(load(services), "Speech Seeds") == {"speech"}


def test_texts_are_held_of_what_recent_digests_mention_alone(
    services: Services, ingest: Ingest, clock: Any
) -> None:
    old, recent = ({"title": title, "abstract": "About it."} for title in ("Old", "Recent"))
    ingest([old], day="2026-01-01")
    ingest([recent])
    clock.now += timedelta(days=1)

    abstracts = {paper.title: paper.abstract for paper in load(services).papers}

    assert abstracts == {"Old": "", "Recent": "About it."}
    asked_for = corpus.load_corpus(services, with_texts_of=[1]).index
    assert [paper.abstract for paper in asked_for.papers] == ["About it.", "About it."]
    with services.database.read() as session:
        kept = corpus.load_index(services, session)
    assert [paper.abstract for paper in kept.papers] == ["", ""]


def test_next_process_reads_what_was_kept(
    services: Services, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(many())
    load(services)
    ingest(["Protein Origami"])
    before = load(services)
    monkeypatch.setattr(corpus, "index_papers", pytest.fail)

    after = load(another_process(services))

    assert after.space is not before.space
    assert after.space.columns_ == before.space.columns_
    np.testing.assert_array_equal(before.rows.toarray(), after.rows.toarray())
    assert (after.unfitted, titles_of(after)) == (1, titles_of(before))


def test_next_process_adds_what_came_meanwhile(services: Services, ingest: Ingest) -> None:
    ingest(many())
    before = load(services)
    ingest(["Protein Origami"])

    after = load(another_process(services))

    assert titles_of(after) == [*MANY, "Protein Origami"]
    assert after.space.columns_ == before.space.columns_


def test_same_issue_comes_out_before_and_after_a_reload(
    services: Services,
    ingest: Ingest,
    rate: Callable[..., None],
    subscribe: Callable[..., Subscriber],
) -> None:
    ingest([*many(), *({"title": f"{title} Revisited", "abstract": title} for title in MANY)])
    reader = subscribe(interests="federated learning")
    rate(reader, MANY[:1])
    rate(reader, MANY[4:5], -1)
    load(services)
    ingest([f"More on {title}" for title in MANY[:3]])

    def told(of: Services) -> Any:
        [planned] = newsletters.plan_issues(of, now_even_if_not_due=True)
        why = learning.explain_paper(of, reader.email, "2603.00002").as_json()
        return newsletters.plan_as_json(planned), why

    assert told(services) == told(another_process(services))


def test_page_that_shows_what_was_learned_writes_nothing(
    services: Services,
    ingest: Ingest,
    rate: Callable[..., None],
    subscribe: Callable[..., Subscriber],
    tmp_path: Path,
) -> None:
    ingest(many())
    reader = subscribe()
    rate(reader, MANY[:1])

    assert learning.taste_learned_of(services, reader).words.liked
    assert not (tmp_path / "index").exists()


def kept_file(services: Services) -> Path:
    assert services.index_folder is not None
    return services.index_folder / corpus.FILE_NAME


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no more than this", b"\x93NUMPY", b"{}"])
def test_damaged_file_is_made_anew_and_the_log_says_so(
    services: Services, ingest: Ingest, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(many())
    before = load(services)
    kept_file(services).write_bytes(content)

    after = load(another_process(services))

    np.testing.assert_array_equal(before.rows.toarray(), after.rows.toarray())
    [warning] = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "the index of papers that was kept is no use, it is made anew" in warning.getMessage()
    assert kept_file(services).stat().st_size > 1000


def test_index_of_another_corpus_is_not_taken_for_this_one(
    services: Services, ingest: Ingest, database_path: Path, tmp_path: Path, clock: Any
) -> None:
    """A backup of another time has other papers under the same ids."""
    shutil.copyfile(database_path, tmp_path / "backup.db")
    ingest(many())
    load(services)
    services.database.close()
    for path in tmp_path.glob("recommender.db*"):
        path.unlink()
    shutil.copyfile(tmp_path / "backup.db", database_path)
    clock.now += timedelta(seconds=1)
    ingest(many([f"{title} Redone" for title in reversed(MANY)]))

    for process in (services, another_process(services)):
        assert "redone" in words_of(load(process), "Federated Learning Redone")


def test_folder_that_cannot_be_written_costs_time_and_nothing_else(
    services: Services, ingest: Ingest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_text("no folder")
    ingest(many())

    assert titles_of(load(services)) == MANY
    assert titles_of(load(services)) == MANY
    assert titles_of(load(another_process(services))) == MANY
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 2, "once in each process"
    assert all("the index of papers is not kept" in warning for warning in warnings)


def test_newer_vocabulary_of_another_process_is_taken_over(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    load(services)
    ingest(["Protein Origami"])
    corpus.refit_index(another_process(services))
    ingest(["Paper Origami"])

    assert words_of(load(services), "Paper Origami") == {"origami"}


def test_refitting_gives_what_a_new_index_would_be(services: Services, ingest: Ingest) -> None:
    ingest(many())
    load(services)
    ingest(["Protein Origami"])
    load(services)

    refitted = corpus.refit_index(services)

    with services.database.read() as session:
        expected = index_papers(papers.every(session))
    assert refitted.space.columns_ == expected.space.columns_
    np.testing.assert_array_equal(expected.rows.toarray(), refitted.rows.toarray())
    assert load(another_process(services)).unfitted == load(services).unfitted == 0


def test_refitting_that_is_ended_leaves_the_index_as_it_was(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    before = load(services)
    content = kept_file(services).read_bytes()
    looks = [None] * (len(MANY) + 3)
    with pytest.raises(IndexError, match="pop from empty list"):
        corpus.refit_index(services, proceed=looks.pop)

    assert load(services).rows is before.rows
    assert content == kept_file(services).read_bytes()


@pytest.mark.parametrize("papers_more", [1, 9])
def test_what_the_community_says_of_words_outlives_a_new_vocabulary(
    services: Services, ingest: Ingest, papers_more: int
) -> None:
    ingest(many())
    index = load(services)
    weights = np.arange(len(index.space.columns_), dtype=np.float32)[:, None]
    community = CommunityMap(dimensions=1).restore(weights, np.zeros(1, dtype=np.float32))
    services.index_cache.index = replace(index, community=community)
    ingest([f"Lattice Surgery {number}" for number in range(papers_more)])

    for after in (load(services), corpus.refit_index(services), load(another_process(services))):
        says = dict(zip(after.space.columns_, after.community.components_[:, 0], strict=True))
        assert {term: says[term] for term in index.space.columns_} == dict(
            zip(index.space.columns_, weights[:, 0], strict=True)
        )
        assert says.get("lattice", 0) == 0


def test_index_that_another_process_kept_is_taken_over_without_new_papers(
    services: Services, ingest: Ingest
) -> None:
    """As the daemon takes over what was learned at night."""
    ingest(many())
    columns = load(services).space.columns_
    night = another_process(services)
    index = load(night)
    community = CommunityMap(dimensions=1).restore(
        np.ones((len(columns), 1), dtype=np.float32), np.zeros(1, dtype=np.float32)
    )
    corpus.keep_community(night, index, community)

    assert load(services).community.components_.shape == (len(columns), 1)


def test_map_that_the_night_keeps_while_papers_are_taken_in_stays(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    night = another_process(services)
    index = load(night)
    components = np.ones((len(index.space.columns_), 1), dtype=np.float32)
    community = CommunityMap(dimensions=1).restore(components, np.zeros(1, dtype=np.float32))
    ingest(["Protein Origami"])
    with services.database.read() as session:
        corpus.load_index(services, session)

    corpus.keep_community(night, index, community)
    corpus.keep_index(services)

    kept = read_index(kept_file(services)).index
    assert "Protein Origami" in titles_of(kept)
    assert kept.community.components_.shape == components.shape


def test_papers_that_came_while_the_community_was_learned_stay(
    services: Services, ingest: Ingest
) -> None:
    ingest(many())
    night = another_process(services)
    index = load(night)
    community = CommunityMap(dimensions=1).restore(
        np.ones((len(index.space.columns_), 1), dtype=np.float32), np.zeros(1, dtype=np.float32)
    )
    ingest(["Protein Origami"])
    load(services)

    corpus.keep_community(night, index, community)

    assert "Protein Origami" in {
        paper.title for paper in read_index(kept_file(services)).index.papers
    }


def test_index_that_cannot_be_kept_is_required_in_vain(
    services: Services, ingest: Ingest, tmp_path: Path
) -> None:
    ingest(many())
    load(services)
    corpus.require_kept_index(services)
    with pytest.raises(RecommenderError, match="the index of papers cannot be written"):
        corpus.require_kept_index(replace(services, index_folder=None))

    elsewhere = another_process(services)
    load(elsewhere)
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "index").write_text("no folder")
    ingest(["Protein Origami"])
    load(elsewhere)
    with pytest.raises(RecommenderError, match=r"index/papers.npz cannot be written, and what is"):
        corpus.require_kept_index(elsewhere)
