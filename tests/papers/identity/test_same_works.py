r"""Pairs of descriptions that are of one work, and pairs that look alike and are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from described_works import LONG, ONE_TEXT, OTHER_TEXT, entry

from recommender.domain import DigestEntry
from recommender.papers.identity.merging import without_repeats


def titles(one: str, other: str) -> tuple[DigestEntry, DigestEntry]:
    return entry(one), entry(other, arxiv="2401.01234")


def dois(one: str, other: str) -> tuple[DigestEntry, DigestEntry]:
    return entry("The first wording of it", doi=one), entry("Worded anew, at length", doi=other)


SAME = [
    # Numbers and marks before a title.
    titles(LONG, f"1. {LONG}"),
    titles(LONG, f"12) {LONG}"),
    titles(LONG, f"[3] {LONG}"),
    titles(LONG, f"#4 {LONG}"),
    titles(LONG, f"No. 5: {LONG}"),
    titles(LONG, f"Paper 6: {LONG}"),
    titles(LONG, f"7\ufe0f\u20e3 {LONG}"),
    titles(LONG, f"\N{ROCKET} **8. {LONG}**"),
    titles(LONG, f"### 9. [{LONG}](https://example.org/papers/1)"),
    titles(LONG, f"- [**{LONG}**](https://example.org/a_(b)) \N{WHITE MEDIUM STAR}"),
    titles(LONG, f"> _{LONG}_"),
    titles(LONG, f"10 \N{EN DASH} {LONG}"),
    titles(LONG, f"1\\. {LONG}"),
    titles(LONG, f"* `{LONG}`"),
    titles(LONG, f"(11) \N{LEFT DOUBLE QUOTATION MARK}{LONG}\N{RIGHT DOUBLE QUOTATION MARK}"),
    titles(LONG, f"Title: {LONG}"),
    titles(LONG, f"[2401.01234] {LONG}"),
    titles(LONG, f"[PDF] {LONG}"),
    titles(LONG, f"[{LONG}](https://example.org 'a paper')"),
    titles(LONG, f"No.3 {LONG}"),
    titles(LONG, f"arXiv:2401.01234v1: {LONG}"),
    titles(LONG, f"[cs.LG] {LONG}"),
    titles(LONG, f"a) {LONG}"),
    # What stands behind it.
    titles(LONG, f"{LONG} [cs.LG]"),
    titles(LONG, f"{LONG} (25 upvotes)"),
    titles(LONG, f"{LONG} ([arXiv](https://arxiv.org/abs/2401.01234), [code](https://e.org))"),
    titles(LONG, f"{LONG} (arXiv:2401.01234)"),
    titles(LONG, f"{LONG} [arXiv:2401.01234v2]"),
    titles(LONG, f"{LONG}. arXiv:2401.01234v2 [cs.LG]"),
    titles(LONG, f"{LONG}. (arXiv:2401.01234v1 [cs.LG] UPDATED)"),
    titles(LONG, f"{LONG} (v2)"),
    titles(LONG, f"{LONG} (short paper)"),
    titles(LONG, f"{LONG} [PDF] [Code]"),
    titles(LONG, f"{LONG} (Extended Abstract)."),
    titles(LONG, f"{LONG} https://arxiv.org/abs/2401.01234"),
    titles(LONG, f"{LONG} (https://doi.org/10.1000/abc)"),
    titles(LONG, f"{LONG} | arXiv"),
    titles(LONG, f"{LONG} (doi:10.1000/abc.1)"),
    titles(LONG, f"{LONG} (2401.01234v3)"),
    titles(LONG, f"{LONG} [ICML 2025]"),
    titles(LONG, f"{LONG} (NeurIPS'24 Spotlight)"),
    titles(LONG, f"{LONG} (Accepted at CVPR 2025, oral)"),
    titles(LONG, f"{LONG} [Findings of EMNLP 2024]"),
    # HTML, LaTeX, Unicode.
    titles("Search & rescue in 2 dimensions", "Search and rescue in 2 dimensions"),
    titles("Search & rescue in 2 dimensions", "Search &amp;amp; rescue in 2 dimensions"),
    titles("Search & rescue in 2 dimensions", r"Search \& rescue in $2$ dimensions"),
    titles(r"The $\alpha$-divergence of lattices", "The α-divergence of lattices"),
    titles(r"The \alpha-divergence of lattices", "The Alpha-Divergence of Lattices"),
    titles(r"Decay of $\Delta$ baryons at rest", "Decay of Δ baryons at rest"),
    titles(r"Paths of Erd\H{o}s and M\"uller", "Paths of Erdős and Müller"),
    titles(r"Paths of {\O}sterg{\aa}rd revisited", "Paths of Østergård revisited"),
    titles("Ice of H$_2$O under load", "Ice of H₂O under load"),
    titles("Ice of H<sub>2</sub>O under load", "Ice of H₂O under load"),
    titles("Loss of order $n^{2}$ explained", "Loss of order n² explained"),
    titles(r"A note on \emph{sparse} \textbf{lattices}", "A note on sparse lattices"),
    titles("The {ATLAS} of {N}orthern mosses", "The Atlas of northern mosses"),
    titles("Efﬁcient ﬂow in pipes", "Efficient flow in pipes"),
    titles("Ｆｕｌｌ　ｗｉｄｔｈ lattices", "Full width lattices"),
    titles("It’s the reader’s “choice” – again", "It's the reader's \"choice\" - again"),
    titles("Na\u00efve caf\u00e9 models", "Nai\u0308ve cafe\u0301 models"),
    titles("A 3 \u00d7 3 lattice of clocks", r"A $3 \times 3$ lattice of clocks"),
    titles("Lattices for $p&lt;0.05$ reconsidered", "Lattices for p < 0.05 reconsidered"),
    titles("C++: a lattice of types", "c++ – A LATTICE OF TYPES"),
    titles("A*: planning on lattices", "A planning on lattices"),
    titles("State\u00adof\u00adthe art lattices", "Stateofthe art lattices"),
    # DOIs of one work.
    # Pages of articles, and parts of them.
    dois("https://www.nature.com/articles/s41586-025-00001-2", "10.1038/s41586-025-00001-2"),
    dois("https://nature.com/articles/nature12345#Sec2", "10.1038/nature12345"),
    dois("https://www.nature.com/articles/s41599-025-00001-2", "10.1057/s41599-025-00001-2"),
    dois("https://papers.ssrn.com/sol3/papers.cfm?abstract_id=5123450", "10.2139/ssrn.5123450"),
    dois("https://ssrn.com/abstract=5123450", "10.2139/ssrn.5123450"),
    dois("https://elifesciences.org/articles/90001", "10.7554/eLife.90001"),
    dois("https://elifesciences.org/reviewed-preprints/90001v2", "10.7554/eLife.90001.2"),
    dois("https://peerj.com/articles/cs-123/", "10.7717/peerj-cs.123"),
    dois("https://www.nber.org/papers/w33510", "10.3386/w33510"),
    dois("https://aclanthology.org/2024.acl-long.12.pdf", "10.18653/v1/2024.acl-long.12"),
    dois("https://www.researchsquare.com/article/rs-1234567/v2", "10.21203/rs.3.rs-1234567/v2"),
    dois("https://osf.io/preprints/psyarxiv/ab1cd_v2", "10.31234/osf.io/ab1cd_v2"),
    dois(
        "https://www.biorxiv.org/content/biorxiv/early/2024/01/02/2024.01.01.573456.full.pdf",
        "10.1101/2024.01.01.573456",
    ),
    dois("https://www.preprints.org/manuscript/202503.0123/v1", "10.20944/preprints202503.0123.v2"),
    dois("https://zenodo.org/records/123456", "10.5281/zenodo.123456"),
    dois("10.1371/journal.pone.0123456", "10.1371/journal.pone.0123456.g001"),
    dois("10.7717/peerj.1234", "https://doi.org/10.7717/peerj.1234/fig-2"),
    dois("10.3389/fpls.2025.123450", "10.3389/fpls.2025.123450.s001"),
    dois("10.26434/chemrxiv-2023-ab1cd/v1", "10.26434/chemrxiv-2023-ab1cd-v2"),
    dois("10.21203/rs.3.rs-765432/v1", "https://doi.org/10.21203/rs.3.rs-765432/v3"),
    dois("10.12688/f1000research.54321.1", "10.12688/f1000research.54321.2"),
    dois("10.20944/preprints202309.0123.v1", "10.20944/preprints202309.0123.v2"),
    dois("10.31234/osf.io/ab3cd_v1", "10.31234/osf.io/ab3cd"),
    dois(
        "10.1101/2023.05.06.539001",
        "https://www.biorxiv.org/content/10.1101/2023.05.06.539001v2.full",
    ),
    dois("10.22541/au.168123456.76543210/v1", "10.22541/au.168123456.76543210/v2"),
    dois("10.7554/eLife.98765.1", "10.7554/eLife.98765"),
    dois(
        "10.1039/D5SC01234K",
        "https://pubs.example.org/sc/article/doi/10.1039/D5SC01234K/1291/Title",
    ),
    dois(
        "10.1088/1741-2552/ab1c2d", "https://iop.example.org/article/10.1088/1741-2552/ab1c2d/meta"
    ),
    dois("10.3389/fnins.2023.01234", "10.3389/fnins.2023.01234/full"),
    dois(
        "10.1002/(SICI)1097-0258(1998)17:15<1661::AID-SIM968>3.0.CO;2-2",
        "https://doi.org/10.1002/(SICI)1097-0258(1998)17:15%3C1661::AID-SIM968%3E3.0.CO;2-2",
    ),
    dois(
        "10.1038/s41586-023-01234-5", "https://doi-org.proxy.example.edu/10.1038/s41586-023-01234-5"
    ),
    dois("10.1038/s41586-023-01234-5", "(doi.org:443/10.1038/s41586-023-01234-5)."),
    # Other sources.
    (entry(LONG, abstract=ONE_TEXT), entry(LONG, arxiv="2401.01234", by="A. Urquhart")),
    (
        entry(LONG, arxiv="2401.01234", by="Alice S. Urquhart; Ben Roe", year=2024),
        entry(LONG.upper(), doi="10.1000/j.5", by="Urquhart, A.S.; Roe, B.", year=2025),
    ),
    (
        entry(LONG, doi="10.1101/2023.05.06.539001", by="Alice Urquhart; Ben Roe", year=2023),
        entry(LONG, doi="10.1000/j.5", by="A. Urquhart; B. Roe; C. Doe", year=2024),
    ),
    (
        entry(LONG, arxiv="2401.01234"),
        entry(
            "Retitled",
            doi="10.48550/arXiv.2401.01234",
            arxiv="https://doi.org/10.48550/arXiv.2401.01234",
        ),
    ),
    (
        entry("Editorial", by="Ann Plato", year=2024, doi="10.1000/e1"),
        entry("Editorial", by="Plato, A.", year=2024),
    ),
    (
        entry("Foreword", abstract=ONE_TEXT),
        entry("Foreword", abstract=ONE_TEXT, url="https://e.org"),
    ),
    (entry("Corrigendum", doi="10.1000/c1"), entry("Corrigendum", doi="10.1000/C1")),
    (
        entry("Lattice Mamba", abstract=ONE_TEXT, arxiv="2401.01234"),
        entry("Lattice Mamba", abstract=ONE_TEXT[:120]),
    ),
    # Punctuation, and signs in other spellings.
    titles("Wide-angle lattices \N{EN DASH} a study", "Wide angle lattices: a study"),
    titles("Lattices of pre- and post-war clocks", "Lattices of pre and post war clocks"),
    titles("Drift of lattices in 1990\N{EN DASH}2000", "Drift of lattices in 1990-2000"),
    titles(r"Lattices near $H^{-1}$ and above", "Lattices near H\N{MINUS SIGN}1 and above"),
    titles(r"Lattices with a $\eta'$ clock", "Lattices with a \u03b7\u2032 clock"),
    titles(r"Lattices of $p\bar{p}$ clocks", "Lattices of pp\u0304 clocks"),
    titles("[R] Lattices of all our clocks", "[D] Lattices of all our clocks"),
    titles("3. Lattices of all our clocks", "5. Lattices of all our clocks"),
    titles("Plan 'B' for all lattices", "Plan B for all lattices"),
    titles("Lattices at 1.5-fold load", "Lattices at 1.5 fold load"),
    # Points between digits.
    titles("Lattices at 1.5 degrees: a study", "Lattices at 1\u00b75 degrees: a study"),
    titles("Lattice 2.5: a report of it", "Lattice 2 5 - a report of it"),
    titles("Lattice2.5: a report of it", r"Lattice2{.}5: a report of it"),
    titles("A corpus of 10.000 clocks: lattices", "A corpus of 10000 clocks: lattices"),
    titles("3D lattices of clocks: a study", "6. 3D lattices of clocks: a study"),
    titles(f"{LONG}: a study", f"{LONG}: a study (PDF, 1.5 MB)"),
    (entry("Lattice2.5 system report", arxiv="2401.01234"), entry("Lattice25 system report")),
    (entry("Lattice25 system report"), entry("Lattice2.5 system report", by="Ann Plato")),
    (entry("V_{0.5} of all lattices", arxiv="2401.01234"), entry("V_05 of all lattices")),
    (
        entry("Lattice2.5 system report", abstract=ONE_TEXT),
        entry("Lattice25 system report", abstract=ONE_TEXT[:120], by="Ann Plato"),
    ),
    titles("No. 1: Lattices of all our clocks", "Nr 01. Lattices of all our clocks"),
    # Names in other forms.
    *(
        (entry(LONG, by=one), entry(LONG, by=other, arxiv="2401.01234"))
        for one, other in (
            ("Jan M\u00fcller", "J. Mueller"),
            ("Zhang Wei; Li Na", "W. Zhang; N. Li"),
            ("Mar\u00eda Garc\u00eda L\u00f3pez", "M. Garc\u00eda"),
            ("Garc\u00eda L\u00f3pez", "Garc\u00eda"),
            ("Doe A", "Ann Doe"),
            ("Doe A B; Roe C", "A. B. Doe; C. Roe"),
            ("S\u00f8ren J\u00f8rgensen", "S. Joergensen"),
            ("M. Garc\u00eda-L\u00f3pez", "M. Garcia Lopez"),
            ("\u5f20\u4f1f", "Wei Zhang"),
        )
    ),
    # One identifier, and nothing or too little against it.
    (
        entry(LONG, doi="10.1000/t", by="Ann Plato", abstract=ONE_TEXT),
        entry("Worded anew", doi="10.1000/t", by="A. Plato", abstract=OTHER_TEXT),
    ),
    (
        entry(LONG, arxiv="2401.01234", by="Ann Plato", abstract=ONE_TEXT),
        entry("Worded anew", arxiv="2401.01234", by="Cleo Doe", abstract=ONE_TEXT),
    ),
    (
        entry(LONG, arxiv="2401.01234", by="Ann Plato"),
        entry(LONG, arxiv="2401.01234", by="Cleo Doe", abstract=OTHER_TEXT),
    ),
    (
        entry(LONG, doi="10.1000/t"),
        entry("\u7a00\u758f\u683c\u5b50", doi="10.1000/t", by="Cleo Doe"),
    ),
]

DIFFERENT = [
    titles("Lattices of clocks, Part I", "Lattices of clocks, Part II"),
    titles("Lattices of clocks (1)", "Lattices of clocks (2)"),
    titles("Lattices of clocks: Part 1", "Lattices of clocks: Part 2"),
    titles("Graph lattices in 2D", "Graph lattices in 3D"),
    titles("The GPT-4 of lattices", "The GPT-4o of lattices"),
    titles("C++ for lattices", "C for lattices"),
    titles("C# for lattices", "C++ for lattices"),
    titles("C# for lattices", "F# for lattices"),
    titles("A*: lattices, planned", "A: lattices, planned"),
    titles("F* proofs of lattices", "F proofs, of lattices"),
    titles("Lattices where p < 0.05", "Lattices where p > 0.05"),
    titles("1.58-bit lattices", "2-bit lattices"),
    titles("Lattices of 2 + 2 clocks", "Lattices of 22 clocks, all"),
    titles("Lattice models 3", "Lattice models 4"),
    titles("Lattice V2 system report", "Lattice V3 system report"),
    titles("Lattice 1.5: a report of it", "Lattice 2.5: a report of it"),
    titles("α-lattices of clocks", "β-lattices of clocks"),
    titles(r"$\alpha$-lattices of clocks", r"$\gamma$-lattices of clocks"),
    titles("Loss of order n² explained", "Loss of order n³ explained"),
    titles("Correction to: Lattices of clocks", "Lattices of clocks"),
    titles("Reply to: Lattices of clocks", "Comment on: Lattices of clocks"),
    titles("Retraction: Lattices of clocks", "Lattices of clocks"),
    titles("Lattices with clocks", "Lattices without clocks"),
    titles("Supervised lattices of clocks", "Unsupervised lattices of clocks"),
    titles("Lattices of clocks in 2023", "Lattices of clocks in 2024"),
    titles("Days 1 to 5 of lattices", "Days 1 to 6 of lattices"),
    titles("Gitter für alle Uhren", "Gitter fur alle Uhren der Welt"),
    titles("格子时钟综述", "格子时钟概论"),
    titles("Lattices: a survey", "Lattices: a new survey"),
    dois("10.1000/abc.v1", "10.1000/abc.v2"),
    dois("10.1000/abc/v1", "10.1000/abc/v2"),
    dois("10.2307/4321.1", "10.2307/4321.2"),
    dois("10.1371/journal.pone.0123456", "10.1371/journal.pone.0123457.g001"),
    dois("10.1000/journal.pone.0123456", "10.1000/journal.pone.0123456.g001"),
    dois("https://www.nature.com/articles/s41586-025-00001-2", "10.1038/s41586-025-00001-3"),
    dois("10.5281/zenodo.7654321", "10.5281/zenodo.7654322"),
    dois("10.1088/1742-6596/1291/1/012001", "10.1088/1742-6596/1291/1/012002"),
    dois("10.1093/ref:odnb/12345", "10.1093/ref:odnb/12346"),
    dois("10.21468/SciPostPhys.1.2.003", "10.21468/SciPostPhys.1.2.004"),
    dois("10.1016/j.lat.2020.01.1", "10.1016/j.lat.2020.01.2"),
    dois("10.2139/ssrn.7654321", "10.2139/ssrn.7654322"),
    dois("10.7554/eLife.98765.001", "10.7554/eLife.98765.002"),
    dois("10.1101/2023.05.06.539001", "10.1101/2023.05.06.539002"),
    dois("10.21203/rs.3.rs-765432/v1", "10.21203/rs.3.rs-765433/v1"),
    dois("10.1017/S0123456", "10.1017/S0123456.001"),
    dois(
        "10.1002/(SICI)1097-0258(1998)17:15<1661::AID-SIM968>3.0.CO;2-2",
        "10.1002/(SICI)1097-0258(1998)17:15<1671::AID-SIM969>3.0.CO;2-Z",
    ),
    dois("10.12688/f1000research.54321.1", "10.12688/f1000research.54322.1"),
    dois("10.1787/9789264-1-en", "10.1787/9789264-2-en"),
    dois("10.1111/lat.12345", "10.1111/lat.12345-2"),
    *(
        (entry(title, doi="10.1000/f1"), entry(title))
        for title in (
            "Corrigendum",
            "Correction",
            "Erratum",
            "Book review",
            "Foreword",
            "Preface",
            "Editorial",
            "Introduction",
            "In this issue",
            "Issue Information",
            "Reply",
            "Obituary",
            "Editorial Board",
            "Front matter",
            "Vorwort",
            "Nachruf",
            "勘误",
            "Table of Contents",
            "Volume 12, Issue 3",
            "Introduction to the special issue",
            "Compte rendu",
            "Message from the President",
            "Letter to the Editor",
            "Acknowledgement of reviewers 2024",
            "Book Reviews, March 2024",
            "Preface.",
        )
    ),
    (entry("Foreword", abstract=ONE_TEXT), entry("Foreword", abstract=OTHER_TEXT)),
    (entry("Editorial", by="Ann Plato", year=2023), entry("Editorial", by="Ann Plato", year=2024)),
    (entry("Editorial", by="Ann Plato", year=2024), entry("Editorial", by="Bea Roe", year=2024)),
    # The same editor writes in the next month again, and perhaps in the next week.
    (
        replace(entry("Editorial", by="Ann Plato"), published_at=datetime(2025, 1, 15, tzinfo=UTC)),
        replace(entry("Editorial", by="Ann Plato"), published_at=datetime(2025, 2, 15, tzinfo=UTC)),
    ),
    (
        entry(
            "Editorial",
            by="Ann Plato",
            year=2024,
            abstract="We thank all who sent us moths in jars last year.",
        ),
        entry(
            "Editorial",
            by="Ann Plato",
            year=2024,
            abstract="This issue is about trains, and those who read maps.",
        ),
    ),
    (entry("Editorial", url="https://e.org/1"), entry("Editorial", url="https://e.org/2")),
    (
        entry("Reply", doi="10.1000/r1", by="Ann Plato", year=2024),
        entry("Reply", doi="10.1000/r2", by="Ann Plato", year=2024),
    ),
    (entry("Chaos", abstract=ONE_TEXT), entry("Chaos", abstract=OTHER_TEXT, doi="10.1000/c")),
    (
        entry(LONG, arxiv="2401.01234", by="Ann Plato"),
        entry(LONG, arxiv="2401.01235", by="Ann Plato"),
    ),
    (entry(LONG, doi="10.1000/a", by="Ann Plato"), entry(LONG, doi="10.1000/b", by="Ann Plato")),
    (entry(LONG, by="Ann Plato; Bea Roe"), entry(LONG, by="Cleo Doe; Dan Fry", arxiv="2401.01234")),
    (entry(LONG, arxiv="2401.01234", by="Ann Plato"), entry(LONG, doi="10.1000/b", by="Cleo Doe")),
    (
        entry(LONG, doi="10.1101/2023.05.06.539001", by="Ann Plato"),
        entry(LONG, doi="10.1000/b", by="Cleo Doe"),
    ),
    (
        entry(LONG, doi="10.1101/2013.05.06.539001", by="Ann Plato", year=2013),
        entry(LONG, doi="10.1000/b", by="Ann Plato", year=2024),
    ),
    (entry(LONG, doi="10.1101/2023.05.06.539001"), entry(LONG, doi="10.1000/b")),
    *(
        (entry(f"Lattices: {one} in clocks"), entry(f"Lattices: {other} in clocks"))
        for one, other in (
            ("HER2+ cells", "HER2- cells"),
            ("CD4+ T cells", "CD4- T cells"),
            ("Rh(+) blood", "Rh(-) blood"),
            (r"$\pi^+$ decay", r"$\pi^-$ decay"),
            ("\u03c0+ decay", "\u03c0\u2212 decay"),
            (r"$\eta'$ decay", r"$\eta$ decay"),
            ("W' decay", "W decay"),
            (r"$\bar{\Lambda}$ decay", r"$\Lambda$ decay"),
            (r"drift in $H^{-1}$", r"drift in $H^1$"),
            ("\u03ba=-1 drift", "\u03ba=+1 drift"),
            (r"$p\neq 2$ drift", "$p = 2$ drift"),
            ("-20 dB drift", "20 dB drift"),
            ("1.5 degrees", "15 degrees"),
            ("1/2 filled cells", "12 filled cells"),
            (r"$D^{*+}$ decay", r"$D^{*-}$ decay"),
            ("N=-2 drift", "N=2 drift"),
        )
    ),
    # Points between digits, and numbers that are named so.
    titles("Lattice 2.5: a report of it", "Lattice 25: a report of it"),
    titles("Lattice2.5 system report", "Lattice25 system report"),
    titles("Lattice 1.2.3 released today", "Lattice 12.3 released today"),
    (entry("Lattice2.5 system report"), entry("Lattice25 system report")),
    (
        entry("Lattice2.5 system report", by="Ann Plato"),
        entry("Lattice25 system report", by="Ann Plato"),
    ),
    (
        entry("Lattice2.5 system report", abstract=ONE_TEXT),
        entry("Lattice25 system report", abstract=OTHER_TEXT, by="Ann Plato"),
    ),
    titles("No. 1: Lattices of all our clocks", "No. 2: Lattices of all our clocks"),
    titles("Nr 1. Lattices of all our clocks", "3. No. 2 Lattices of all our clocks"),
    titles("12. International Workshop on Lattices", "13. International Workshop on Lattices"),
    titles("100. Session of the lattice parliament", "101. Session of the lattice parliament"),
    titles("[A] Observations of faint lattices", "[B] Observations of faint lattices"),
    # One title, and what is said of it plainly unlike.
    (entry(LONG, abstract=ONE_TEXT), entry(LONG, abstract=OTHER_TEXT)),
    (
        entry(LONG, abstract=ONE_TEXT, arxiv="2401.01234"),
        entry(LONG, abstract=OTHER_TEXT, doi="10.1000/s"),
    ),
    (entry(LONG, abstract=ONE_TEXT, by="Ann Plato"), entry(LONG, abstract=OTHER_TEXT)),
    (entry(LONG, year=2014), entry(LONG, year=2024)),
    # One identifier, and everything else against it.
    (
        entry("Small boats in changing winds", doi="10.1000/book", by="Ann Plato"),
        entry("Vents of the deep Pacific", doi="10.1000/book", by="Bea Roe"),
    ),
    (
        entry(LONG, doi="10.1000/journal", abstract=ONE_TEXT),
        entry("Of small print and lamps", doi="10.1000/journal", abstract=OTHER_TEXT),
    ),
    (
        entry(LONG, arxiv="2401.01234", abstract=ONE_TEXT, by="Ann Plato"),
        entry("Of small print", arxiv="2401.01234", abstract=OTHER_TEXT, doi="10.1000/p"),
    ),
    (
        entry("Sparse lattices and clocks", doi="10.1000/b", by="Ann Plato", abstract=ONE_TEXT),
        entry("Sparse lattices and lamps", doi="10.1000/b", by="Bea Roe", abstract=OTHER_TEXT),
    ),
]


def name_of(pair: object) -> str | None:
    return repr(pair.doi or pair.title) if isinstance(pair, DigestEntry) else None


@pytest.mark.parametrize(("one", "other"), SAME, ids=name_of)
def test_two_descriptions_of_one_work_are_one_paper(one: DigestEntry, other: DigestEntry) -> None:
    assert len(without_repeats([one, other])) == 1
    assert len(without_repeats([other, one])) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=name_of)
def test_two_works_that_look_alike_stay_two(one: DigestEntry, other: DigestEntry) -> None:
    assert len(without_repeats([one, other])) == 2
    assert len(without_repeats([other, one])) == 2
