"""What people paste and export to name papers: BibTeX, RIS, or identifiers line by line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_references import ODD, Odd
from odd_references_held_out import HELD_OUT

from recommender.domain import DigestEntry
from recommender.errors import DigestError
from recommender.papers.references.bibliography import MOST_PAPERS
from recommender.papers.references.references import MAX_BYTES, References, read_references

ZOTERO = r"""
@misc{example_graph_2017,
	title = {Graph {Networks} are {All} {You} {Knead}},
	url = {http://arxiv.org/abs/1706.03762},
	doi = {10.48550/arXiv.1706.03762},
	abstract = {We bake networks. They rise.},
	urldate = {2026-03-11},
	publisher = {arXiv},
	author = {Example, Ann and {van der Berg}, Ben and M{\"u}ller, Cleo},
	month = jun,
	year = {2017},
	note = {arXiv:1706.03762 [cs]},
	keywords = {Computer Science - Baking},
	file = {arXiv.org Snapshot:/home/ann/x.html:text/html},
}
"""
BIBLATEX = """\
@online{exampleKnead2017,
  title = {Kneading},
  author = {Example, Ann},
  date = {2017-06-12},
  eprint = {1706.03762},
  eprinttype = {arxiv},
  eprintclass = {cs.CL},
}
"""
MENDELEY = r"""@article{Example2019,
abstract = {A short abstract.},
archivePrefix = {arXiv},
arxivId = {1810.04805},
author = {Example, Ann and M{\'{e}}ndez, Jos{\'{e}}},
doi = {10.1000/978-3-030{\_}13},
eprint = {1810.04805},
isbn = {9781234567897},
journal = {Journal of Examples},
number = {2},
title = {{Baking: Pre-rising of Deep Dough}},
url = {http://arxiv.org/abs/1810.04805},
year = {2019}
}"""
SCHOLAR = """@article{example2017knead,
  title={Kneading is all you need},
  author={Example, Ann and Sample, Bo and others},
  journal={arXiv preprint arXiv:1706.03762},
  year={2017}
}
"""
ARXIV = """@misc{example2017knead,
      title={Kneading Is All You Need}, 
      author={Ann Example and Bo Sample},
      year={2017},
      eprint={1706.03762},
      archivePrefix={arXiv},
      primaryClass={cs.CL},
      url={https://arxiv.org/abs/1706.03762}, 
}
"""  # noqa: W291 - so does arXiv
DBLP = """@article{DBLP:journals/corr/Example17,
  author       = {Ann Example and
                  Bo Sample 0001},
  title        = {Kneading Is All
                  You Need},
  journal      = {CoRR},
  volume       = {abs/1706.03762},
  year         = {2017},
  url          = {http://arxiv.org/abs/1706.03762},
  eprinttype   = {arXiv},
  eprint       = {1706.03762},
}
"""
ENDNOTE_RIS = """\
TY  - JOUR
AU  - Example, Ann
AU  - Sample, Bo, Jr.
PY  - 2020
DA  - 2020/05/01
TI  - A study of
  sourdough
T2  - Journal of Examples
AB  - Sourdough rises slowly.
DO  - 10.1000/ABC.1
UR  - https://doi.org/10.1000/ABC.1
ID  - 42
ER  - 
"""  # noqa: W291 - so does EndNote
PUBMED_RIS = """\
TY  - JOUR
T1  - Yeast &amp; <i>S. cerevisiae</i>.
A1  - Example, Ann
A1  - Sample, Bo
Y1  - 2019/12//
PY  - 2019
N2  - Yeast is small.
JF  - J Ex
DO  - doi:10.1000/yeast
M3  - Article
UR  - https://pubmed.example.org/1
ER  -
"""
ZOTERO_RIS = """\
TY  - GEN
TI  - Kneading
AU  - Example, Ann
DA  - 2017/06/12/
DO  - 10.48550/arXiv.1706.03762
PB  - arXiv
UR  - http://arxiv.org/abs/1706.03762
N1  - Comment: 15 pages
ER  -
"""


def one(content: str | bytes) -> DigestEntry:
    read = read_references(content)
    assert (read.arxiv_ids, read.dois, read.unread) == ((), (), ())
    (entry,) = read.entries
    return entry


def titled(title: str) -> DigestEntry:
    return one(f"@article{{key, title = {{{title}}}}}")


def refusal(content: str | bytes) -> str:
    with pytest.raises(DigestError) as caught:
        read_references(content)
    return str(caught.value)


def test_zotero_bibtex() -> None:
    assert one(ZOTERO) == DigestEntry(
        title="Graph Networks are All You Knead",
        abstract="We bake networks. They rise.",
        authors=("Ann Example", "Ben van der Berg", "Cleo Müller"),
        arxiv_id="1706.03762",
        doi=None,  # arXiv's own is the arXiv id
        url="https://arxiv.org/abs/1706.03762",
        published_at=datetime(2017, 6, 1, tzinfo=UTC),
    )


def test_zotero_biblatex() -> None:
    assert one(BIBLATEX) == DigestEntry(
        title="Kneading",
        abstract="",
        authors=("Ann Example",),
        arxiv_id="1706.03762",
        url="https://arxiv.org/abs/1706.03762",
        published_at=datetime(2017, 6, 12, tzinfo=UTC),
    )


def test_mendeley_bibtex() -> None:
    assert one(MENDELEY) == DigestEntry(
        title="Baking: Pre-rising of Deep Dough",
        abstract="A short abstract.",
        authors=("Ann Example", "José Méndez"),
        arxiv_id="1810.04805",
        doi="10.1000/978-3-030_13",
        url="https://arxiv.org/abs/1810.04805",
        published_at=datetime(2019, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("document", [SCHOLAR, ARXIV, DBLP])
def test_google_scholar_arxiv_and_dblp_bibtex(document: str) -> None:
    entry = one(document)
    assert entry.title.lower() == "kneading is all you need"
    assert (entry.arxiv_id, entry.authors[0]) == ("1706.03762", "Ann Example")
    assert len(entry.authors) == 2
    assert entry.published_at == datetime(2017, 1, 1, tzinfo=UTC)


def test_endnote_ris() -> None:
    assert one(ENDNOTE_RIS) == DigestEntry(
        title="A study of sourdough",
        abstract="Sourdough rises slowly.",
        authors=("Ann Example", "Bo Sample Jr."),
        doi="10.1000/abc.1",
        url="https://doi.org/10.1000/abc.1",
        published_at=datetime(2020, 5, 1, tzinfo=UTC),
    )


def test_pubmed_ris() -> None:
    assert one(PUBMED_RIS) == DigestEntry(
        title="Yeast & S. cerevisiae",
        abstract="Yeast is small.",
        authors=("Ann Example", "Bo Sample"),
        doi="10.1000/yeast",
        url="https://doi.org/10.1000/yeast",
        published_at=datetime(2019, 12, 1, tzinfo=UTC),
    )


def test_zotero_ris() -> None:
    entry = one(ZOTERO_RIS)
    assert (entry.title, entry.arxiv_id, entry.doi) == ("Kneading", "1706.03762", None)
    assert entry.published_at == datetime(2017, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize("document", [ZOTERO, MENDELEY, ENDNOTE_RIS, PUBMED_RIS])
def test_line_ends_and_byte_order_marks_do_not_count(document: str) -> None:
    windows = b"\xef\xbb\xbf" + document.replace("\n", "\r\n").encode()
    assert read_references(windows) == read_references(document)
    assert read_references(document.replace("\n", "\r")) == read_references(document)


def test_latin_1_is_read_where_it_is_no_utf_8() -> None:
    document = "TY  - JOUR\nTI  - Brötchen\nAU  - Müller, Ann\nER  -\n"
    assert one(document.encode("latin-1")) == one(document)
    assert one(document).authors == ("Ann Müller",)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"{\"U}ber d{\'e}j{\`a} vu", "Über déjà vu"),
        (r"Erd\H{o}s, \v{S}koda, \c{c}, \'\i, {\'{\i}}", "Erdős, Škoda, ç, í, í"),
        (r"S\o ren, \AA ngstr\"om, Stra{\ss}e, \L{}\'od\'z", "Søren, Ångström, Straße, Łódź"),
        (r"A~tie -- a range --- a ``quote''", "A tie – a range — a “quote”"),
        (r"50\% of R\&D for \$5\_a \#1", "50% of R&D for $5_a #1"),
        (r"100% certain", "100% certain"),
        (r"\emph{Deep} {\it and} \textbf{\textsc{wide}}", "Deep and wide"),
        (r"{BERT}: {P}re-training", "BERT: Pre-training"),
        (r"{$\beta$}-VAE in $O(n^{2})$", r"$\beta$-VAE in $O(n^{2})$"),
        (r"\LaTeX{} and \alpha-decay", "LaTeX and alpha-decay"),
        ("Two\n   lines", "Two lines"),
        (r"Tom &amp; Jerry, <i>in vivo</i>", "Tom & Jerry, in vivo"),
    ],
)
def test_latex_becomes_plain_text(latex: str, text: str) -> None:
    assert titled(latex).title == text


@pytest.mark.parametrize(
    ("line", "arxiv_ids", "dois"),
    [
        ("1706.03762", ["1706.03762"], []),
        ("1706.03762v5", ["1706.03762"], []),
        ("arXiv:1706.03762v1 [cs.CL]", ["1706.03762"], []),
        ("arXiv: 1706.03762", ["1706.03762"], []),
        ("hep-th/9711200", ["hep-th/9711200"], []),
        ("math.GT/0309136", ["math/0309136"], []),
        ("https://arxiv.org/abs/1706.03762", ["1706.03762"], []),
        ("http://arxiv.org/pdf/1706.03762v5.pdf", ["1706.03762"], []),
        ("see <https://arxiv.org/abs/hep-th/9711200>.", ["hep-th/9711200"], []),
        ("10.48550/arXiv.1706.03762", ["1706.03762"], []),
        ("10.1000/ABC.1", [], ["10.1000/abc.1"]),
        ("doi:10.1000/abc.1.", [], ["10.1000/abc.1"]),
        ("DOI: 10.1000/abc.1", [], ["10.1000/abc.1"]),
        ("https://doi.org/10.1000/a%3Cb", [], ["10.1000/a<b"]),
        ("doi.org/10.1000/abc", [], ["10.1000/abc"]),
        ("(10.1016/S0140-6736(20)30183-5)", [], ["10.1016/s0140-6736(20)30183-5"]),
        ("1706.03762,1810.04805; 10.1000/a", ["1706.03762", "1810.04805"], ["10.1000/a"]),
        ("- Kneading (2017), arXiv:1706.03762", ["1706.03762"], []),
    ],
)
def test_lines_name_papers_by_identifier(line: str, arxiv_ids: list[str], dois: list[str]) -> None:
    assert read_references(f"\n{line}\n\n") == References((), tuple(arxiv_ids), tuple(dois), ())


def test_a_line_without_identifier_is_told_and_stops_no_other() -> None:
    read = read_references("1706.03762\n\nKneading is all you need\n1706.03762v2\n")
    assert read.arxiv_ids == ("1706.03762",)
    assert [(each.where, each.message) for each in read.unread] == [
        ("line 3", "no arXiv id or DOI in “Kneading is all you need”")
    ]


def test_a_broken_bibtex_entry_is_told_and_stops_no_other() -> None:
    read = read_references("@article{a, title = {Open\n}\n\n@article{b, title = {Closed}}\n")
    assert [entry.title for entry in read.entries] == ["Closed"]
    ((where, message),) = [(each.where, each.message) for each in read.unread]
    assert where == "line 1"
    assert message.startswith("no whole BibTeX entry; see")
    assert message.endswith("see that its braces and quotes close")


def test_entries_with_one_key_are_all_read() -> None:
    read = read_references("@a{k, title={One}}\n@a{k, title={Two}}\n@a{k, title={3}}")
    assert [entry.title for entry in read.entries] == ["One", "Two", "3"]
    assert read.unread == ()


def test_strings_comments_preambles_and_parentheses_are_bibtex() -> None:
    document = """% Encoding: UTF-8
@comment{jabref-meta: databaseType:bibtex;}
@preamble{"\\newcommand{\\x}{y}"}
@string{me = "Example, Ann"}
@string{me = "Nobody"}
1810.04805
@Article(k, TITLE = "Quoted {"}title{"}", Author = me, month = "12~" # dec, year = 2020)
"""
    read = read_references(document)
    (entry,) = read.entries
    assert (entry.title, entry.authors) == ('Quoted "title"', ("Ann Example",))
    assert entry.published_at == datetime(2020, 12, 12, tzinfo=UTC)
    assert read.arxiv_ids == ("1810.04805",)
    assert read.unread == ()


def test_an_entry_without_title_names_its_identifier() -> None:
    read = read_references("@misc{a, eprint={1706.03762}}\n@misc{b, doi={10.1000/A}}\n@misc{c}")
    assert (read.entries, read.arxiv_ids, read.dois) == ((), ("1706.03762",), ("10.1000/a",))
    assert [(each.where, each.message) for each in read.unread] == [
        ("line 3", "neither a title nor an arXiv id or DOI; add one of them")
    ]


def test_ris_that_does_not_end_loses_no_reference() -> None:
    read = read_references("Exported today\n\nTY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two")
    assert [entry.title for entry in read.entries] == ["One", "Two"]


def test_only_an_identifier_gives_an_entry_its_address() -> None:
    assert titled("T}, url = {https://phishing.example.net/login").url is None


def test_a_date_that_there_is_not_is_left_out() -> None:
    assert titled("T}, year = {in press").published_at is None
    assert titled("T}, date = {2020-13-41").published_at == datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file: empty; what is read: BibTeX, RIS, PubMed"),
        (b"\xef\xbb\xbf \r\n", "file: empty"),
        (b"%PDF-1.7\n", "file: a PDF, not text"),
        (b"PK\x03\x04", "file: a zip archive"),
        (b"1706.03762\n\0", "line 2: a sign that text does not have (byte 0x00)"),
        ("1706.03762".encode("utf-16"), "file: encoded as UTF-16"),
        (b"\x81\x8d", "file: neither UTF-8 nor Latin-1"),
        (b"x" * (MAX_BYTES + 1), "file: larger than 1 MB; export fewer papers"),
        ("\n".join(f"1706.{n:05}" for n in range(501)), "at most 500 at a time: split it"),
        ("x\n" * 501, "more than 500 places name no paper"),
        ("@a{k, title={T}}\n" * 10_000, "file: 10,000 BibTeX entries; split it"),
        ("TY  - JOUR\n" * 501, "file: 501 references; at most 500 at a time"),
        ("@a{k, abstract={" + "<" * 60_000 + "}}", "file: more signs < and & than papers have"),
        ("@a{k" + ",a=b" * 60_000 + "}", "file: 60,000 BibTeX fields"),
        ("@string{s={" + "x" * 2000 + "}}\n@a{k, title=s}", "line 1: an @string longer than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_mend(content: str | bytes, said: str) -> None:
    assert said in refusal(content)


def test_as_many_papers_as_are_taken_are_taken() -> None:
    document = "\n".join(f"@a{{k, title={{Title {n}}}}}" for n in range(MOST_PAPERS))
    assert len(read_references(document).entries) == MOST_PAPERS


@pytest.mark.parametrize(
    ("name", "field", "most"),
    [("title", "title", 1_000), ("abstract", "abstract", 20_000), ("author", "author", 50_000)],
)
def test_an_endless_field_is_told_and_stops_no_other(name: str, field: str, most: int) -> None:
    long = "word and " * (most // 4)
    read = read_references(f"@a{{a, title={{T}}}}\n@a{{b, {field}={{{long}}}, doi={{10.1000/a}}}}")
    assert [entry.title for entry in read.entries] == ["T"]
    assert (read.dois, len(read.unread)) == ((), 1)
    assert name in read.unread[0].message


HOSTILE = {
    "open braces": "@a{k, title={" + "{" * 900_000,
    "nested braces": "@a{k, title=" + "{" * 450_000 + "}" * 450_000 + "}",
    "quotes": '@a{k, title="' + '"' * 900_000,
    "blocks that begin": "@a{\n" * 200_000,
    "blocks on a line": "@a(" * 300_000,
    "blank lines": "@a" + "\n" * 900_000 + "{",
    "names": "@a{k, title={T}, author={" + "A and " * 100_000 + "}}",
    "continued": "TY  - JOUR\nTI  - x\n" + "y\n" * 400_000,
    "one word": "(" + ")" * 900_000,
    "announced": "arxiv: doi: " * 70_000,
    "@string over and over": "@string{s = s # s}\n" * 4_000 + "@a{k, title = s}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_little_and_raises_nothing_else(name: str) -> None:
    began = time.process_time()
    try:
        read_references(HOSTILE[name])
    except DigestError as error:
        assert error.message  # noqa: PT017 - both a refusal and a report will do
    # A hundredfold of it would be quadratic; a slow machine takes two seconds for none.
    assert time.process_time() - began < 5


@given(st.text(alphabet="@a{}()=\",#\\\n -TYIER0123456789./:'~$vx", max_size=200))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    try:
        read = read_references(text)
    except DigestError:
        return
    assert all(entry.title for entry in read.entries)


@given(st.binary(max_size=100))
def test_whatever_is_uploaded_is_read_or_refused(content: bytes) -> None:
    try:
        read_references(b"@a{k, title={" + content)
    except DigestError as error:
        assert error.message  # noqa: PT017 - see above


@pytest.mark.parametrize("wrong", ["TYX", "TY  JOUR"])
def test_a_reference_whose_first_line_is_wrong_is_told_and_stops_no_other(wrong: str) -> None:
    ris = f"TY  - JOUR\nTI  - A\nER  - \n{wrong}\nTI  - B\nER  - \nTY  - JOUR\nTI  - C\nER  - \n"

    found = read_references(ris)

    assert [entry.title for entry in found.entries] == ["A", "C"]
    ((where, message),) = [(each.where, each.message) for each in found.unread]
    assert where == "line 4"
    assert message.startswith("behind the end of a reference come lines that begin none")


@pytest.mark.parametrize("odd", [*ODD, *HELD_OUT], ids=lambda odd: odd.name)
def test_an_odd_entry_says_what_it_says(odd: Odd) -> None:
    if odd.expected is None and odd.papers:
        assert refusal(odd.content)
        return
    read = read_references(odd.content)
    assert (len(read.entries), len(read.unread)) == (odd.papers, odd.unread)
    for entry in read.entries[:1]:
        date = entry.published_at
        assert said(
            title=entry.title,
            abstract=entry.abstract,
            authors=entry.authors,
            date=date and f"{date:%Y-%m-%d}",
            arxiv_id=entry.arxiv_id,
            doi=entry.doi,
        ) == said(**(odd.expected or {}))


def said(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


def test_two_people_in_one_field_of_ris_are_parted_and_one_body_is_not() -> None:
    entry = one(
        "TY  - JOUR\nTI  - Moss on old walls.\nAU  - Bee, Ann and Roe, Max\n"
        "AU  - Office of Moss and Ferns\nER  - \n"
    )
    assert entry.title == "Moss on old walls"
    assert entry.authors == ("Ann Bee", "Max Roe", "Office of Moss and Ferns")
