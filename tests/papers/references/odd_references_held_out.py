# ruff: noqa: E501 - documents as they come
r"""Odd entries of bibliographies that were written after the readers were made, and only measured."""

from __future__ import annotations

from typing import Final

from odd_references import Odd, paper

# Invented when the others were read right, and measured before anything was changed for them.
HELD_OUT: Final = (
    Odd(
        "ADS with its macros",
        "@ARTICLE{2015ApJ...800...12E,\n       author = {{Example}, Ann B. and {van der Sample}, Bo},\n"
        '        title = "{On the bread of stars in the range 10{\\textendash}20 GeV}",\n'
        "      journal = {\\apj},\n     keywords = {stars: bread, Astrophysics - Solar},\n"
        "         year = 2015,\n        month = feb,\n       volume = {800},\n          eid = {12},\n"
        "          doi = {10.1234/0004-637X/800/1/12},\narchivePrefix = {arXiv},\n"
        "       eprint = {1501.00001},\n primaryClass = {astro-ph.SR},\n"
        "       adsurl = {https://ui.adsabs.example.org/abs/2015},\n}\n",
        paper(
            "On the bread of stars in the range 10–20 GeV",
            authors=("Ann B. Example", "Bo van der Sample"),
            date="2015-02-01",
            arxiv_id="1501.00001",
            doi="10.1234/0004-637x/800/1/12",
        ),
    ),
    Odd(
        "INSPIRE with a collaboration",
        '@article{Example:2019abc,\n    author = "Example, A. and others",\n'
        '    collaboration = "BREAD",\n    title = "{Search for yeast at $\\sqrt{s} = 13$ TeV}",\n'
        '    eprint = "1901.00001",\n    archivePrefix = "arXiv",\n    primaryClass = "hep-ex",\n'
        '    doi = "10.1234/PhysRevD.99.012345",\n    year = "2019"\n}\n',
        paper(
            r"Search for yeast at $\sqrt{s} = 13$ TeV",
            authors=("A. Example",),
            date="2019-01-01",
            arxiv_id="1901.00001",
            doi="10.1234/physrevd.99.012345",
        ),
    ),
    Odd(
        "ACM with a DOI as address and an abstract in quotes",
        "@inproceedings{10.1145/12345.67890,\nauthor = {Example, Ann and Sample, Bo},\n"
        "title = {Of bread},\nyear = {2020},\nisbn = {9781450300001},\n"
        "publisher = {Association for Computing Machinery},\nurl = {https://doi.org/10.1145/12345.67890},\n"
        'doi = {10.1145/12345.67890},\nabstract = {We say "bake".},\nnumpages = {2},\nseries = {B \'20}\n}',
        paper(
            "Of bread",
            abstract='We say "bake".',
            authors=("Ann Example", "Bo Sample"),
            date="2020-01-01",
            doi="10.1145/12345.67890",
        ),
    ),
    Odd(
        "IEEE on one line with month in a range",
        "@ARTICLE{8123456,  author={A. {Example} and B. C. {Sample}},  journal={IEEE Trans. Bread},   "
        "title={Of Bread},   year={2018},  volume={1},  pages={1-2},  doi={10.1109/TB.2018.1},"
        "  ISSN={1234-5678},  month={Jan.-March},}",
        paper(
            "Of Bread",
            authors=("A. Example", "B. C. Sample"),
            date="2018-01-01",
            doi="10.1109/tb.2018.1",
        ),
    ),
    Odd(
        "DBLP with its parent",
        "@inproceedings{DBLP:conf/bread/Example20,\n  author    = {Ann Example and\n               Bo Sample},\n"
        "  title     = {Of Bread},\n  crossref  = {DBLP:conf/bread/2020},\n"
        "  biburl    = {https://dblp.example.org/x.bib}\n}\n\n@proceedings{DBLP:conf/bread/2020,\n"
        "  editor    = {Eve Editor},\n  title     = {Bread 2020},\n  year      = {2020},\n"
        "  doi       = {10.1234/parent}\n}\n",
        paper("Of Bread", authors=("Ann Example", "Bo Sample"), date="2020-01-01"),
        papers=2,
    ),
    Odd(
        "a German and a Turkish name, Polish and Czech letters",
        r"@misc{x, title={Stra\ss{}e und Gr\"u\ss e}, author={{\"O}zg{\"u}r, Ay{\c s}e and "
        r"W{\k{a}}sik, \L{}ucja and Dvo{\v{r}}{\'a}k, Ji{\v r}{\'\i}}}",
        paper("Straße und Grüße", authors=("Ayşe Özgür", "Łucja Wąsik", "Jiří Dvořák")),
    ),
    Odd(
        "a title in small capitals with a macro without braces",
        r"@misc{x, title={\textsc{Bread}: {\em fast} and \emph{slow}, \& more \textsuperscript{2}}}",
        paper("Bread: fast and slow, & more ²"),
    ),
    Odd(
        "a field without a value",
        "@misc{x, title={Valued}, note=, year={2001}}\n@misc{y, title={Next}}",
        paper("Valued", date="2001-01-01"),
        papers=2,
    ),
    Odd(
        "curly quotes instead of braces",
        "@misc{x, title=“Of bread”, year=2001}",
        paper("Of bread", date="2001-01-01"),
    ),
    Odd(
        "an @ within an abstract at the start of a line",
        "@article{x, title={T}, abstract={Write to\n@example on the web.\nOr not.}, year=2001}",
        paper("T", abstract="Write to @example on the web. Or not.", date="2001-01-01"),
    ),
    Odd(
        "a mail's quote marks before each line",
        "> @article{x,\n>  title = {Quoted},\n>  year = {2001}\n> }\n",
        paper("Quoted", date="2001-01-01"),
    ),
    Odd(
        "Markdown's fence around it",
        "Here you are:\n\n```bibtex\n@article{x,\n  title = {Fenced},\n}\n```\n",
        paper("Fenced"),
    ),
    Odd(
        "RIS of Springer",
        "TY  - JOUR\nAU  - Example, Ann\nPY  - 2019\nDA  - 2019/06/12\nTI  - Of bread\nJO  - J Bread\n"
        "SP  - 1\nEP  - 2\nVL  - 3\nIS  - 1\nAB  - We bake.\nSN  - 1234-5678\n"
        "UR  - https://doi.org/10.1007/s00000-019-0001-2\nDO  - 10.1007/s00000-019-0001-2\nID  - Example2019\nER  - \n",
        paper(
            "Of bread",
            abstract="We bake.",
            authors=("Ann Example",),
            date="2019-06-12",
            doi="10.1007/s00000-019-0001-2",
        ),
    ),
    Odd(
        "RIS of IEEE",
        "TY  - CONF\nTI  - Of bread\nT2  - 2018 Conference on Bread\nSP  - 1\nEP  - 6\nAU  - A. Example\n"
        "AU  - B. C. Sample\nPY  - 2018\nKW  - bread\nDO  - 10.1109/X.2018.1\nJO  - 2018 Conference on Bread\n"
        "Y1  - 26-29 June 2018\nER  - \n",
        paper(
            "Of bread",
            authors=("A. Example", "B. C. Sample"),
            date="2018-01-01",
            doi="10.1109/x.2018.1",
        ),
    ),
    Odd(
        "RIS of ProQuest with a heading",
        'Provider: Bread\nDatabase: Theses\nContent: text/plain; charset="UTF-8"\n\nTY  - THES\n'
        "A1  - Example, Ann\nT1  - Of bread\nN2  - We bake.\nPB  - U\nY1  - 2004///\nER  - \n",
        paper("Of bread", abstract="We bake.", authors=("Ann Example",), date="2004-01-01"),
    ),
    Odd(
        "RIS whose lines are indented",
        "    TY  - JOUR\n    TI  - Of bread\n    AU  - Example, Ann\n    ER  - \n",
        paper("Of bread", authors=("Ann Example",)),
    ),
    Odd(
        "RIS with en dashes",
        "TY  – JOUR\nTI  – Of bread\nER  – \n",
        paper("Of bread"),
    ),
    Odd(
        "RIS with the authors on one line",
        "TY  - JOUR\nTI  - Of bread\nAU  - Example, Ann; Sample, Bo\nER  - \n",
        paper("Of bread", authors=("Ann Example", "Bo Sample")),
    ),
    Odd(
        "RIS with tabs",
        "TY\t-\tJOUR\nTI\t-\tOf bread\nER\t-\n",
        paper("Of bread"),
    ),
    Odd(
        "nbib of a book and an erratum",
        "PMID- 30000001\nDEP - 20190612\nBTI - Of bread\nEIN - J Bread. 2020. doi: 10.1234/erratum\n"
        "FAU - Example, Ann\nFED - Editor, Eve\nLID - NBK1 [bookaccession]\n",
        paper("Of bread", authors=("Ann Example",), date="2019-06-12"),
    ),
    Odd(
        "nbib with unknown tags and a long list",
        "PMID- 5\nTI  - Is bread good?\nXYZW- unknown\nMH  - *Bread\nMH  - Mice\nGR  - R01 X/X/X\n"
        "AU  - Example A\nAU  - Sample BC\nEDAT- 2003/01/02 10:00\nDP  - 2003 Spring\n"
        "AID - 10.1234/q [doi]\nAID - 5 [pii]\n",
        paper(
            "Is bread good?",
            authors=("A. Example", "B. C. Sample"),
            date="2003-01-01",
            doi="10.1234/q",
        ),
    ),
    Odd(
        "nbib in a mail, after a greeting",
        "Hello, here it is:\n\nPMID- 5\nTI  - Of bread.\nDP  - 2003 Jan\n",
        paper("Of bread", date="2003-01-01"),
    ),
    Odd(
        "EndNote XML that breaks off",
        "<xml><records><record><titles><title>Whole</title></titles></record><record><titles><title>Bro",
        paper("Whole"),
        unread=1,
    ),
    Odd(
        "EndNote XML with HTML in its text",
        "<xml><records><record><titles><title>Of &lt;i&gt;E. coli&lt;/i&gt; &amp;amp; p &lt; 0.05</title>"
        "</titles><dates><year>in press</year></dates></record></records></xml>",
        paper("Of E. coli & p < 0.05"),
    ),
    Odd(
        "EndNote XML with a translated title and two dates",
        "<xml><records><record><titles><secondary-title>J</secondary-title><title>Of bread</title>"
        "<translated-title>Vom Brot</translated-title></titles><dates><year>2001</year><pub-dates>"
        "<date>2001/05/03</date></pub-dates></dates><custom2>PMC1</custom2>"
        "<electronic-resource-num>https://doi.org/10.1234/EN</electronic-resource-num></record></records></xml>",
        paper("Of bread", date="2001-05-03", doi="10.1234/en"),
    ),
    Odd(
        "Web of Science with a byte order mark and no full names",
        "\ufeffFN Thomson Reuters Web of Science\nVR 1.0\nPT J\nAU Example, A\n   Sample, BC\nTI OF BREAD\n"
        "PY 1999\nCR ANON, 1998, BREAD\n   OTHER B, 1997, DOI 10.1234/cited\nER\n\nPT J\nTI SECOND\nER\n\nEF",
        paper("OF BREAD", authors=("A. Example", "B. C. Sample"), date="1999-01-01"),
        papers=2,
    ),
)
