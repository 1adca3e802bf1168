# ruff: noqa: E501 - documents as they come
r"""Odd entries of bibliographies, invented after what exporters and people write.

Each is read by itself; `expected` names the fields that must hold, all others must be empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Odd:
    """An entry and what it says.

    Attributes
    ----------
    expected : dict
        ``title``, ``abstract``, ``authors``, ``date`` (ISO), ``arxiv_id``, ``doi`` of its one paper.
        None where the document is refused.
    papers : int
        How many there are; `expected` is of the first.
    unread : int
        Places that are named as no paper.
    """

    name: str
    content: str
    expected: dict[str, Any] | None
    papers: int = 1
    unread: int = 0


def paper(title: str, **fields: Any) -> dict[str, Any]:
    return {"title": title, **fields}


BIBTEX: Final = (
    Odd(
        "biblatex's name parts",
        "@article{a, title={T one}, author={family=Gogh, given=Vincent, prefix=van, useprefix=true "
        "and given=Ann, family=Example, suffix=Jr.}, date={2019-05-02}}",
        paper("T one", authors=("Vincent van Gogh", "Ann Example Jr."), date="2019-05-02"),
    ),
    Odd(
        "a suffix behind the given name, and before it",
        "@article{a, title={T}, author={de la Cruz, Juan, Jr. and Example, Sr., Ann "
        "and Doe, Bob, III}}",
        paper("T", authors=("Juan de la Cruz Jr.", "Ann Example Sr.", "Bob Doe III")),
    ),
    Odd(
        "name parts in braces and with initials",
        "@article{a, title={T}, author={given={Jean Paul}, given-i={JP}, family={de la Rue}}}",
        paper("T", authors=("Jean Paul de la Rue",)),
    ),
    Odd(
        "a corporate author in double braces, with and",
        "@report{who, title={Report}, author={{{World Health and Safety Organisation}}}, year=2001}",
        paper("Report", authors=("World Health and Safety Organisation",), date="2001-01-01"),
    ),
    Odd(
        "and others",
        "@misc{x, title={T}, author={Example, Ann and others}}",
        paper("T", authors=("Ann Example",)),
    ),
    Odd(
        "others in capitals, et al. and a stray and",
        "@misc{x, title={T}, author={Example, Ann and et al. and }}",
        paper("T", authors=("Ann Example",)),
    ),
    Odd(
        "AND between names",
        "@misc{x, title={T}, author={Example, Ann AND Sample, Bo}}",
        paper("T", authors=("Ann Example", "Bo Sample")),
    ),
    Odd(
        "particles and suffix",
        "@misc{x, title={T}, author={de la Cruz, Jr., Juan and von Stein, Eva}}",
        paper("T", authors=("Juan de la Cruz Jr.", "Eva von Stein")),
    ),
    Odd(
        "a title and a subtitle",
        "@book{x, title={Bread}, subtitle={A History}, titleaddon={Reprint}, date={1999/2001}}",
        paper("Bread: A History", date="1999-01-01"),
    ),
    Odd(
        "a title that ends in a question mark, and its subtitle",
        "@book{x, title={Why Bread?}, subtitle={A History}}",
        paper("Why Bread? A History"),
    ),
    Odd(
        "strings put together",
        '@string{jan1 = "January"} @string{pre = {On }}\n'
        '@article{x, title = pre # "Bread" # { and Salt}, month = jan1, year = 2003}',
        paper("On Bread and Salt", date="2003-01-01"),
    ),
    Odd(
        "crossref to a collection",
        "@inproceedings{c, title={Rising}, author={Example, Ann}, crossref={p}}\n"
        "@proceedings{p, title={Proceedings of Bread}, year={2011}, editor={Sample, Bo}}",
        paper("Rising", authors=("Ann Example",), date="2011-01-01"),
        papers=2,
    ),
    Odd(
        "xdata",
        "@xdata{base, year={2012}, publisher={P}}\n@article{c, title={Rising}, xdata={base}}",
        paper("Rising", date="2012-01-01"),
    ),
    Odd(
        "a comment and a preamble with entries' signs",
        '@comment{ @article{no, title={Not read}} }\n@preamble{ "\\newcommand{\\x}{y}" }\n'
        "@article{x, title={Read}}",
        paper("Read"),
    ),
    Odd(
        "an entry that never closes, then a good one",
        "@article{bad, title={Never {closed}, year=2001\n\n@article{good, title={Good}}",
        paper("Good"),
        unread=1,
    ),
    Odd(
        "a brace too many, then a good one",
        "@article{bad, title={Too many}}, year=2001}\n\n@article{good, title={Good one}}",
        paper("Too many"),
        papers=2,
    ),
    Odd(
        "a key with odd characters",
        "@article{smith:2001/a+b.c'd, title={Keys}}",
        paper("Keys"),
    ),
    Odd(
        "a key with spaces and accents",
        "@article{Müller & Söhne 2001, title={Keys}}",
        paper("Keys"),
    ),
    Odd(
        "no key at all",
        "@article{title={Keyless}, year={2001}}",
        paper("Keyless", date="2001-01-01"),
    ),
    Odd(
        "round brackets",
        '@article(x, title = "Round", year = 1999)',
        paper("Round", date="1999-01-01"),
    ),
    Odd(
        "accents of every kind",
        r"@article{x, title={{\'E}tude \`a la fa\c{c}on d'\AA{}ngstr\"om, Erd\H{o}s, \v{S}koda \ss},"
        r" author={Ho{\~n}o, Jos{\'\i} and {\L}ukasz, {\O}ystein}}",
        paper(
            "Étude à la façon d'Ångström, Erdős, Škoda ß", authors=("Josí Hoño", "Øystein Łukasz")
        ),
    ),
    Odd(
        "maths",
        r"@article{x, title={On $\alpha$-helices in $\mathbb{R}^3$ and H$_2$O}}",
        paper(r"On $\alpha$-helices in $\mathbb{R}^3$ and H$_2$O"),
    ),
    Odd(
        "a link in a title and a footnote",
        r"@article{x, title={Bread \href{https://example.org/x}{online}\thanks{We thank.}}}",
        paper("Bread online"),
    ),
    Odd(
        "HTML in a title",
        "@article{x, title={CO<sub>2</sub> in <i>Escherichia coli</i> &amp; yeast}}",
        paper("CO₂ in Escherichia coli & yeast"),
    ),
    Odd(
        "an arXiv id in eprint with archive",
        "@misc{x, title={T}, archivePrefix={arXiv}, eprint={hep-th/9711200v3}, primaryClass={hep-th}}",
        paper("T", arxiv_id="hep-th/9711200"),
    ),
    Odd(
        "an eprint that is none of arXiv's",
        "@misc{x, title={T}, eprinttype={jstor}, eprint={2412.12345}}",
        paper("T"),
    ),
    Odd(
        "a DOI as address in the doi field",
        r"@misc{x, title={T}, doi={https://doi.org/10.1234/ab\_c.(5)}}",
        paper("T", doi="10.1234/ab_c.(5)"),
    ),
    Odd(
        "a DOI in a note among words",
        "@misc{x, title={T}, note={Preprint, doi: 10.1234/xyz. Accepted.}}",
        paper("T", doi="10.1234/xyz"),
    ),
    Odd(
        "a DOI in howpublished",
        r"@misc{x, title={T}, howpublished={\url{https://doi.org/10.1234/qq}}}",
        paper("T", doi="10.1234/qq"),
    ),
    Odd(
        "dates of biblatex",
        "@article{x, title={T}, date={2014-05-07/2014-05-09}, origdate={1899}}",
        paper("T", date="2014-05-07"),
    ),
    Odd(
        "a date with ~ and ?",
        "@article{x, title={T}, date={2014-05~}}",
        paper("T", date="2014-05-01"),
    ),
    Odd(
        "a month as string and number",
        '@article{x, title={T}, year={2014}, month = "5~" # may}',
        paper("T", date="2014-05-05"),
    ),
    Odd(
        "a year in words",
        "@article{x, title={T}, year={in press}, month=mar}",
        paper("T"),
    ),
    Odd(
        "a circa year",
        "@article{x, title={T}, year={(1998)}}",
        paper("T", date="1998-01-01"),
    ),
    Odd(
        "upper case everywhere",
        "@ARTICLE{X, TITLE = {Loud}, AUTHOR = {EXAMPLE, ANN}, YEAR = 2001, DOI = {10.1234/LOUD}}",
        paper("Loud", authors=("Ann Example",), date="2001-01-01", doi="10.1234/loud"),
    ),
    Odd(
        "no comma between two fields",
        "@article{bad, title={One} year={2001}}\n@article{b, title={Two}}",
        paper("Two"),
        unread=1,
    ),
    Odd(
        "a quote in quotes",
        '@article{x, title = "A {"}quoted{"} word"}',
        paper('A "quoted" word'),
    ),
    Odd(
        "an abstract of several paragraphs with percent signs",
        "@article{x, title={T}, abstract={Half (50\\%) rise.\n\nThe other 50 % do not.}}",
        paper("T", abstract="Half (50%) rise. The other 50 % do not."),
    ),
)
RIS: Final = (
    Odd(
        "one space, lower case, no end",
        "ty - JOUR\nti - Of bread\nau - Example, Ann\npy - 2004\n",
        paper("Of bread", authors=("Ann Example",), date="2004-01-01"),
    ),
    Odd(
        "no spaces before the dash",
        "TY- JOUR\nTI- Of bread\nER-\n",
        paper("Of bread"),
    ),
    Odd(
        "byte order mark, CRLF, ends glued",
        "\ufeffTY  - JOUR\r\nTI  - Of bread\r\nDO  - 10.1234/B\r\nER  -\r\n",
        paper("Of bread", doi="10.1234/b"),
    ),
    Odd(
        "old Macintosh line ends",
        "TY  - JOUR\rTI  - Of bread\rER  - \r",
        paper("Of bread"),
    ),
    Odd(
        "a title over two lines, an abstract over three",
        "TY  - JOUR\nTI  - Of bread\n and salt\nAB  - We bake.\nIt rises.\n      We eat.\nER  - \n",
        paper("Of bread and salt", abstract="We bake. It rises. We eat."),
    ),
    Odd(
        "CT for a title",
        "TY  - CHAP\nCT  - Of bread\nBT  - A book\nER  - \n",
        paper("Of bread"),
    ),
    Odd(
        "a DOI in L3",
        "TY  - JOUR\nT1  - Of bread\nL3  - 10.1234/l3\nER  - \n",
        paper("Of bread", doi="10.1234/l3"),
    ),
    Odd(
        "a DOI in M3 with its name",
        "TY  - JOUR\nT1  - Of bread\nM3  - doi:10.1234/m3\nER  - \n",
        paper("Of bread", doi="10.1234/m3"),
    ),
    Odd(
        "a DOI in a link",
        "TY  - JOUR\nT1  - Of bread\nUR  - https://doi.org/10.1234%2Fur\nER  - \n",
        paper("Of bread", doi="10.1234/ur"),
    ),
    Odd(
        "a DOI in a publisher's link",
        "TY  - JOUR\nT1  - Of bread\nUR  - https://pubs.example.org/doi/full/10.1234/pub.5\nER  - \n",
        paper("Of bread", doi="10.1234/pub.5"),
    ),
    Odd(
        "references that it cites",
        "TY  - JOUR\nTI  - Of bread\nN1  - References: Example, A., Yeast, (2001) J. Yeast, 3, "
        "doi: 10.1234/cited1; Sample, B., Salt, arXiv:1706.03762, (2017);\n"
        "Other, C., Water (2002), 10.1234/cited2\nDB  - Scopus\nER  - \n",
        paper("Of bread"),
    ),
    Odd(
        "its own DOI beside what it cites",
        "TY  - JOUR\nTI  - Of bread\nN1  - References: Yeast 10.1234/cited\nDO  - 10.1234/own\nER  - \n",
        paper("Of bread", doi="10.1234/own"),
    ),
    Odd(
        "an arXiv preprint of Zotero",
        "TY  - GEN\nTI  - Of bread\nDO  - 10.48550/arXiv.2103.00001\nUR  - http://arxiv.org/abs/2103.00001\n"
        "N1  - arXiv:2103.00001 [cs]\nDA  - 2021/03/01/\nPY  - 2021\nER  - \n",
        paper("Of bread", arxiv_id="2103.00001", date="2021-03-01"),
    ),
    Odd(
        "authors of both kinds, editors apart",
        "TY  - JOUR\nTI  - T\nA1  - Example, Ann\nAU  - Sample, Bo\nED  - Editor, Eve\nER  - \n",
        paper("T", authors=("Ann Example", "Bo Sample")),
    ),
    Odd(
        "a corporate author and one without a comma",
        "TY  - JOUR\nTI  - T\nAU  - Bread Consortium\nAU  - Example,Ann,Jr.\nER  - \n",
        paper("T", authors=("Bread Consortium", "Ann Example Jr.")),
    ),
    Odd(
        "abstract in N2 and none in AB",
        "TY  - JOUR\nTI  - T\nAB  - NA\nN2  - We bake.\nER  - \n",
        paper("T", abstract="We bake."),
    ),
    Odd(
        "two records without an end, with blank lines",
        "TY  - JOUR\n\nTI  - One\n\n\nTY  - JOUR\nTI  - One\n",
        paper("One"),
    ),
    Odd(
        "a line that looks like a tag within an abstract",
        "TY  - JOUR\nTI  - T\nAB  - We compare\nA - the first, and\nB - the second.\nER  - \n",
        paper("T", abstract="We compare A - the first, and B - the second."),
    ),
    Odd(
        "a title with HTML",
        "TY  - JOUR\nTI  - CO<sub>2</sub> &amp; bread\nER  - \n",
        paper("CO₂ & bread"),
    ),
    Odd(
        "dates of Y1, with a season",
        "TY  - JOUR\nTI  - T\nY1  - 2007///Spring\nER  - \n",
        paper("T", date="2007-01-01"),
    ),
)
NBIB: Final = (
    Odd(
        "a record of PubMed",
        "\nPMID- 12345678\nOWN - NLM\nDP  - 2019 Jun 12\nTI  - Of bread and salt in the diet of\n"
        "      mice.\nLID - 10.1234/nb.1 [doi]\nLID - S1234-5678(19)30001-2 [pii]\n"
        "AB  - BACKGROUND: We bake. METHODS:\n      We eat.\nFAU - Example, Ann B\nAU  - Example AB\n"
        "FAU - van der Berg, Bo\nAU  - van der Berg B\nAID - 10.1234/nb.1 [doi]\nPT  - Journal Article\n"
        "PMC - PMC1234567\nSO  - J Bread. 2019 Jun 12;3(4):1-2.\n",
        paper(
            "Of bread and salt in the diet of mice",
            abstract="BACKGROUND: We bake. METHODS: We eat.",
            authors=("Ann B. Example", "Bo van der Berg"),
            date="2019-06-12",
            doi="10.1234/nb.1",
        ),
    ),
    Odd(
        "a generation and a degree",
        "PMID- 1\nTI  - Of bread.\nFAU - Moe, Max Jr\nFAU - Roe, Ann 3rd\nFAU - Poe, Jo MD\nDP  - 2001\n",
        paper("Of bread", authors=("Max Moe Jr.", "Ann Roe III", "Jo Poe"), date="2001-01-01"),
    ),
    Odd(
        "initials only, a consortium, a book title",
        "PMID- 1\nTI  - [Of bread].\nTT  - Vom Brot.\nAU  - Example AB\nCN  - Bread Group\nDP  - 2001\n",
        paper("Of bread", authors=("A. B. Example", "Bread Group"), date="2001-01-01"),
    ),
    Odd(
        "a range of months, no blank between records",
        "PMID- 1\nTI  - One.\nDP  - 2001 Nov-Dec\nAU  - \nPMID- 2\nDP  - 2001\n",
        paper("One", date="2001-11-01"),
        unread=1,
    ),
    Odd(
        "what it comments on is not the paper",
        "PMID- 1\nTI  - One.\nCON - J Bread. 2000;1:2. doi: 10.1234/other. PMID: 7\n"
        "CIN - J Salt. 2002 Jan. doi: 10.1234/reply\nAID - 10.1234/own.2 [doi]\n",
        paper("One", doi="10.1234/own.2"),
    ),
    Odd(
        "CRLF and a preprint at arXiv",
        "PMID- 9\r\nTI  - One.\r\nAID - arXiv:2103.00001v2 [pii]\r\nPT  - Preprint\r\nDP  - 2021 Mar 1\r\n",
        paper("One", arxiv_id="2103.00001", date="2021-03-01"),
    ),
    Odd(
        "no title",
        "PMID- 9\nDP  - 2021\nAU  - Example A\n",
        None,
        papers=0,
        unread=1,
    ),
)
STYLE: Final = '<style face="normal" font="default" size="100%">'
ENDNOTE: Final = (
    Odd(
        "styles in parts",
        f"<xml><records><record><titles><title>{STYLE}Of </style><style face='italic'>E. coli</style>"
        f"{STYLE} in bread</style></title></titles><contributors><authors><author>{STYLE}Example, Ann"
        "</style></author><author>Bread Group,</author></authors></contributors>"
        "<dates><year>2012</year><pub-dates><date>Mar 4</date></pub-dates></dates>"
        "<electronic-resource-num>doi:10.1234/en.1</electronic-resource-num>"
        "<abstract>We bake.\r\rIt rises.</abstract></record></records></xml>",
        paper(
            "Of E. coli in bread",
            abstract="We bake. It rises.",
            authors=("Ann Example", "Bread Group"),
            date="2012-03-04",
            doi="10.1234/en.1",
        ),
    ),
    Odd(
        "a superscript style, a DOI among links",
        f"<records><record><titles><title>{STYLE}10</style><style face='superscript'>5</style>{STYLE}"
        " loaves</style></title></titles><urls><related-urls><url>https://doi.org/10.1234/en.2</url>"
        "</related-urls></urls></record></records>",
        paper("10⁵ loaves", doi="10.1234/en.2"),
    ),
    Odd(
        "no title in one, a good one behind it",
        "<xml><records><record><rec-number>1</rec-number></record><record><titles><title>Good</title>"
        "</titles></record></records></xml>",
        paper("Good"),
        unread=1,
    ),
    Odd(
        "entities of its own",
        '<!DOCTYPE xml [<!ENTITY a "bread">]><xml><records><record><titles><title>Of &a; &amp; salt'
        "</title></titles></record></records></xml>",
        None,
    ),
    Odd(
        "another encoding is declared",
        '<?xml version="1.0" encoding="UTF-8"?><xml><records><record><titles><title>Über Brot</title>'
        "</titles><notes>arXiv:2103.00001</notes></record></records></xml>",
        paper("Über Brot", arxiv_id="2103.00001"),
    ),
)
WOS: Final = (
    Odd(
        "plain text of Web of Science",
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Example, AB\n   Sample, C\n"
        "AF Example, Ann B.\n   Sample, Cleo\nTI Of bread and\n   salt\nAB We bake. It\n   rises.\n"
        "DI 10.1234/wos.1\nPY 2015\nPD MAR 3\nCR Other D, 2001, J YEAST, V3, P1, DOI 10.1234/cited\nER\n\nEF\n",
        paper(
            "Of bread and salt",
            abstract="We bake. It rises.",
            authors=("Ann B. Example", "Cleo Sample"),
            date="2015-03-03",
            doi="10.1234/wos.1",
        ),
    ),
)

ODD: Final = (*BIBTEX, *RIS, *NBIB, *ENDNOTE, *WOS)
