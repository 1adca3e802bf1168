"""What stands around all titles or abstracts of a digest is taken away, or refuses the digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest

from recommender.domain import Digest, DigestEntry
from recommender.errors import DigestError
from recommender.papers.digests.alike import without_alike
from recommender.papers.formats import parse_digest

TODAY = date(2026, 3, 20)
TITLES = ("Birds of alpine meadows", "How mice find their way home", "Bread for a month")
ABSTRACTS = (
    (
        "We count the birds of alpine meadows in spring and in autumn. Where nobody mows there are "
        "twice as many kinds, and all of them stay for longer than anywhere below the trees."
    ),
    (
        "Mice that were carried away at night find their home within an hour. We follow forty of "
        "them, and show that they walk along walls, never over open fields in the moonlight."
    ),
    (
        "Bread is baked with a culture that two bakeries have kept for a century. It keeps for a "
        "month without mould, and nobody could tell it from fresh bread of the first week."
    ),
)
IDS = ("2603.00001", "2603.00002", "2603.00003")
LAYOUTS = ("{title}\n\n{abstract}", "## {title}\n\n{abstract}", "**{title}**\n\n{abstract}")


def same(words: str) -> Callable[[int], str]:
    return lambda _: words


def with_id(form: str) -> Callable[[int], str]:
    return lambda n: form.format(IDS[n])


def each_of(*parts: str) -> Callable[[int], str]:
    return lambda n: parts[n]


NOTHING = same("")


def text_of(
    layout: str,
    *,
    before: Callable[[int], str] = NOTHING,
    behind: Callable[[int], str] = NOTHING,
    begun: Callable[[int], str] = NOTHING,
    ended: Callable[[int], str] = NOTHING,
) -> bytes:
    papers = [
        layout.format(
            title=f"{before(n)}{TITLES[n]}{behind(n)}",
            abstract=f"{begun(n)}{ABSTRACTS[n]}{ended(n)}",
        )
        for n in range(3)
    ]
    return ("# Mar 11, 2026\n\n" + "\n\n".join(papers) + "\n").encode()


def require_read(text: bytes) -> Sequence[DigestEntry]:
    read = parse_digest(text, today=TODAY)
    assert tuple(entry.title for entry in read.entries) == TITLES
    assert tuple(entry.abstract for entry in read.entries) == ABSTRACTS
    assert read.date == date(2026, 3, 11)
    return read.entries


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "numbers",
    [
        *(("I. ", "II. ", "III. "), ("(a) ", "(b) ", "(c) "), ("iv) ", "v) ", "vi) ")),
        *(("1.1 ", "1.2 ", "1.3 "), ("01 ", "02 ", "03 "), ("Item 1. ", "Item 2. ", "Item 3. ")),
        *(
            ("1 - ", "2 - ", "3 - "),
            ("1 of 3: ", "2 of 3: ", "3 of 3: "),
            ("P9: ", "P10: ", "P11: "),
        ),
    ],
)
def test_whatever_counts_the_titles_is_none_of_them(layout: str, numbers: Sequence[str]) -> None:
    require_read(text_of(layout, before=each_of(*numbers)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("[arXiv:{}] ", ""),
        ("{}: ", ""),
        ("({}) ", ""),
        ("{} ", ""),
        ("", ", arXiv:{}"),
        ("", " - {}"),
    ],
)
def test_an_arxiv_id_beside_a_title_is_the_papers(layout: str, before: str, behind: str) -> None:
    read = require_read(text_of(layout, before=with_id(before), behind=with_id(behind)))
    assert tuple(entry.arxiv_id for entry in read) == IDS


@pytest.mark.parametrize("layout", LAYOUTS[1:])
@pytest.mark.parametrize(
    "ended",
    [
        " Link: https://arxiv.org/abs/{}",
        " https://arxiv.org/abs/{}",
        " (arXiv:{})",
        " [{}]",
        " Read more: https://arxiv.org/abs/{}",
    ],
)
def test_the_address_at_the_end_of_each_abstract_is_the_papers(layout: str, ended: str) -> None:
    read = require_read(text_of(layout, ended=with_id(ended)))
    assert tuple(entry.arxiv_id for entry in read) == IDS
    assert read[0].url == f"https://arxiv.org/abs/{IDS[0]}"


@pytest.mark.parametrize("layout", LAYOUTS[:2])
@pytest.mark.parametrize(
    "begun",
    ["Abstract. ", "Abstract — ", "*Abstract*—", "**Abstract.** ", "[Abstract] ", "Summary. "],
)
def test_a_word_for_abstract_is_none_of_it(layout: str, begun: str) -> None:
    require_read(text_of(layout, begun=same(begun)))


@pytest.mark.parametrize(("begun", "ended"), [('"', '"'), ("“", "”"), ("(", ")"), ("«", "»")])
def test_quotes_around_all_abstracts_are_none_of_them(begun: str, ended: str) -> None:
    require_read(text_of(LAYOUTS[1], begun=same(begun), ended=same(ended)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "parts",
    [
        *({"before": same(word)} for word in ("Work: ", "Nimi: ", "※ ", "<< ", "~ ", "§ ")),
        *({"behind": same(word)} for word in (" — 12 likes", " #birds", ":", " (via @ann)")),
        {"behind": each_of(" +12", " +7", " +101")},
        {"behind": each_of(" - ICML 2025", " - CVPR 2024", " - NeurIPS 2025")},
        {"behind": each_of(", 12 March 2026", ", 9 March 2026", ", 1 March 2026")},
        {"behind": each_of(" -- A. Moe et al.", " -- B. Doe et al.", " -- C. Roe et al.")},
        {"before": each_of("Ann Moe: ", "Bo Doe: ", "Cy Roe: ")},
        *({"begun": same(word)} for word in ("Gist: ", "In short: ", "Tiivistelmä: ", "-> ", "· ")),
        {"begun": same("Worth reading for whoever bakes. ")},
        *({"ended": same(word)} for word in (" Read more →", " PDF | Code", " (Ann)", " #birds")),
        {"ended": each_of(" Score: 7/10.", " Score: 8/10.", " Score: 10/10.")},
    ],
    ids=lambda parts: " ".join(f"{name} {part(0)}" for name, part in parts.items()),
)
def test_what_all_have_and_nobody_knows_refuses_the_digest(
    layout: str, parts: Mapping[str, Callable[[int], str]]
) -> None:
    try:
        require_read(text_of(layout, **parts))
    except DigestError as error:
        assert error.where == "file" or error.where.startswith("line ")  # noqa: PT017


def test_no_real_day_has_anything_of_it(real_days: Mapping[date, Digest]) -> None:
    for digest in real_days.values():
        entries = [
            DigestEntry(
                title=" ".join(each.title.split()), abstract=" ".join(each.abstract.split())
            )
            for each in digest.entries
        ]
        assert without_alike(entries, range(len(entries))) == entries


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(DigestError) as caught:
        parse_digest(f"# Mar 11, 2026\n\n{text}".encode(), today=TODAY)
    return caught.value.where, caught.value.message


def linked(remark_above: str = "", remark_below: str = "", line: str = "") -> str:
    first, *others = (
        f"## {title}\n{line}https://arxiv.org/abs/{arxiv_id}\n\n{{}}{abstract}\n\n{{}}"
        for title, arxiv_id, abstract in zip(TITLES, IDS, ABSTRACTS, strict=True)
    )
    above, below = (f"{each}\n\n" if each else "" for each in (remark_above, remark_below))
    return first.format(above, below) + "".join(other.format("", "") for other in others)


@pytest.mark.parametrize(
    "remark",
    [
        "Careful: our mail is slow until Friday.",
        "EDIT: the second figure was exchanged.",
        "I think that this one is for all of us.",
        "By the way, the group meets at ten in the yard.",
        "Example Clouds gives away ten machines. Sign up at https://example.org/ten today.",
        "Figure 1: What grows where.",
    ],
)
def test_a_remark_beside_an_abstract_is_no_part_of_it(remark: str) -> None:
    assert refusal(linked(remark_below=remark))[0] == "line 8"
    assert refusal(linked(remark_above=remark))[0] == "line 6"


@pytest.mark.parametrize(
    "line", ["Example University", "Example University & Sample Labs", "Soil Biology", "Plant Cell"]
)
def test_a_place_or_a_journal_below_a_title_is_nobody(line: str) -> None:
    where, _ = refusal(linked(line=f"{line}\n\n"))
    assert where == "line 4"


def test_one_author_among_lists_of_them_is_one() -> None:
    lines = ("Ann Example", "Bo Sample, Ann Example", "Cy Moe and Bo Sample")
    papers = (f"## {t}\n{n}\n\n{a}\n\n" for t, n, a in zip(TITLES, lines, ABSTRACTS, strict=True))
    read = parse_digest(f"# Mar 11, 2026\n\n{''.join(papers)}".encode(), today=TODAY)
    assert read.entries[0].authors == ("Ann Example",)


def test_an_id_behind_a_byline_is_the_papers() -> None:
    papers = (
        f"**{title}**\nby Ann Example, Bo Sample ({arxiv_id})\n\n{abstract}\n\n"
        for title, arxiv_id, abstract in zip(TITLES, IDS, ABSTRACTS, strict=True)
    )
    read = parse_digest(f"# Mar 11, 2026\n\n{''.join(papers)}".encode(), today=TODAY)
    assert tuple(entry.arxiv_id for entry in read.entries) == IDS
    assert read.entries[0].authors == ("Ann Example", "Bo Sample")


def test_an_advertisement_with_an_address_among_papers_with_ids_is_none() -> None:
    advertisement = (
        "## A better broom for your kitchen\nhttps://example.org/broom\n\nThe broom sweeps all of "
        "it in one go, and costs nothing for a month. Order yours today, and get a second one.\n\n"
    )
    where, message = refusal(advertisement + linked())
    assert (where, "reads like a note" in message) == ("line 3", True)


def test_numbers_in_lenses_need_no_blank_lines() -> None:
    papers = (
        f"【{n}】{t}\n{a}\n" for n, (t, a) in enumerate(zip(TITLES, ABSTRACTS, strict=True), 1)
    )
    require_read(f"Mar 11, 2026\n\n{''.join(papers)}".encode())


def test_the_beginning_of_an_abstract_is_no_name() -> None:
    begun = ("We propose MR. Mouse, which finds its way. ", "", "")
    papers = (f"- **{t}** - {b}{a}\n" for t, b, a in zip(TITLES, begun, ABSTRACTS, strict=True))
    read = parse_digest(f"# Mar 11, 2026\n\n{''.join(papers)}".encode(), today=TODAY)
    assert read.entries[0].abstract == begun[0] + ABSTRACTS[0]


def test_bold_questions_of_a_summary_are_no_titles() -> None:
    papers = (
        f"## {t}\n\n**What they did:** They looked.\n\n**Why it counts:** {a}\n\n"
        for t, a in zip(TITLES, ABSTRACTS, strict=True)
    )
    assert "title" in refusal("".join(papers))[1]


def test_a_deadline_is_not_the_day_of_a_digest() -> None:
    papers = "\n\n".join(f"## {t}\n\n{a}" for t, a in zip(TITLES, ABSTRACTS, strict=True))
    text = f"# Reading list\n\nPlease read all of it until 10 March 2026.\n\n{papers}\n"
    assert parse_digest(text.encode(), today=TODAY).date == TODAY
