"""Papers of a library that nobody described are looked up, at arXiv and at Crossref."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_web import LocalWeb
from local_zotero import ABSTRACT

from recommender.store import papers


async def test_papers_without_abstract_are_looked_up(world: Any, web: LocalWeb) -> None:
    group = world.zotero.libraries["groups/7"]
    group.put("ARXIV", title="Mine", extra="Citation Key: x\narXiv:2603.00001 [cs]")
    group.put("DOI", title="Theirs", DOI="https://doi.org/10.1000/ABC(1)")
    group.put("BARE", title="", archiveID="arXiv:2603.00002")
    group.put("OWN", title="Own", DOI="10.1000/own", abstractNote=ABSTRACT)
    group.put("NONE", title="None", DOI="10.1000/none")
    world.zotero.arxiv = {"2603.00001": ABSTRACT, "2603.00002": ABSTRACT}
    world.zotero.crossref = {"10.1000/abc(1)": f"<jats:p>{ABSTRACT}</jats:p>"}
    world.give("groups/7")
    await world.sync()

    with world.services.database.read() as session:
        found = {each.title: each.abstract for each in papers.every(session)}
    assert found == {
        "At arXiv 2603.00001": ABSTRACT,
        "At arXiv 2603.00002": ABSTRACT,
        "At Crossref 10.1000/abc(1)": ABSTRACT,
        "Own": ABSTRACT,
        "None": "",
    }
    assert len(world.known()) == 5
    lookups = [each for each in web.asked if "/api/" in each[0] or "/works/" in each[0]]
    assert len(lookups) == 3, "one for all at arXiv, one for each at Crossref"
    assert all("mailto:papers@example.org" in headers["user-agent"] for _, headers in lookups)
    assert not any("zotero-api-key" in headers for _, headers in lookups)


async def test_what_was_looked_up_in_vain_is_left_alone_for_a_while(world: Any, clock: Any) -> None:
    world.zotero.libraries["groups/7"].put("NONE", title="None", DOI="10.1000/none")
    world.give("groups/7")
    await world.sync()
    world.zotero.asked.clear()
    clock.now += timedelta(days=1)
    world.zotero.libraries["groups/7"].put("NONE", tags=[])
    await world.sync()
    assert not any("/works/" in path for path in world.zotero.asked)
    clock.now += timedelta(days=40)
    await world.sync()
    assert any("/works/" in path for path in world.zotero.asked)
