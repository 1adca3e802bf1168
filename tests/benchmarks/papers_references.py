"""References that are bad for their parsers; tables for `papers_parsers`."""

from __future__ import annotations

from typing import Final

from linear import Maker, numbered, repeated

BIBTEX: Final[dict[str, Maker]] = {
    "braces": repeated("{", before="@a{b, title="),
    "nested braces": lambda size: (
        b"@a{b, title=" + b"{" * (size // 2 - 20) + b"}" * (size // 2 - 20) + b"}"
    ),
    "braces in an author": lambda size: (
        b"@a{b, title={t}, author={"
        + b"{" * min(size // 2 - 30, 45_000)
        + b"}" * min(size // 2 - 30, 45_000)
        + b"}}"
    ),
    "braces unended in an author": repeated("{a", before='@a{b, title={t}, author="', after='"}'),
    "entries": repeated("@a{b,title={t}}\n"),
    "entries that never end": repeated("@a{b,\n"),
    "entries of one line": repeated("@a{b,title={t}} "),
    "fields": numbered("f{}={a},", before="@a{b,", after="title={t}}"),
    "fields of one name": repeated("t={a},", before="@a{b,", after="title={t}}"),
    "quotes": repeated('"', before="@a{b, title="),
    "quotes and braces": repeated('"{', before="@a{b, title="),
    "parentheses": repeated("@a(b,\n"),
    "comments": repeated("@comment{a}\n"),
    "strings": numbered('@string{s{} = "a"}\n', after="@a{b,title=s1}"),
    "strings in strings": numbered("@string{s{} = s1 # s2}\n", after="@a{b,title=s1}"),
    "a string used often": repeated(
        "s # ", before=f'@string{{s = "{"a" * 900}"}}\n@a{{b,title=', after="s}"
    ),
    "at signs": repeated("@", before="@a{b,title={t}}\n"),
    "at signs and spaces": repeated("@a ", before="@a{b,title={t}}\n"),
    "lines": repeated("\n", before="@a{b,title={t}}\n"),
    "white lines": repeated(" \n", before="@a{b,title={t}}\n"),
    "white space before an entry": repeated(" ", before="@a{b,title={t}}\n", after="@a{b}"),
    "dollars": repeated("$ ", before="@a{b,title={", after="}}"),
    "escaped dollars": repeated("\\$", before="@a{b,title={$", after="}}"),
    "backslashes": repeated("\\", before="@a{b,title={", after="}}"),
    "macros": repeated("\\a", before="@a{b,title={", after="}}"),
    "a long macro": repeated("a", before="@a{b,title={\\", after="}}"),
    "accents": repeated("\\'{", before="@a{b,title={", after="}}"),
    "spaced accents": repeated("\\' ", before="@a{b,title={", after="}}"),
    "and": repeated("and ", before="@a{b,title={t},author={", after="}}"),
    "commas": repeated(",", before="@a{b,title={t},author={", after="}}"),
    "names": repeated("A B and ", before="@a{b,title={t},author={", after="C D}}"),
    "angle brackets": repeated("<", before="@a{b,title={", after="}}"),
    "tags": repeated("<a ", before="@a{b,title={", after="}}"),
    "identifiers": repeated("arxiv:", before="@a{b,title={t},note={", after="}}"),
    "identifiers between entries": repeated("10.1234/a,", before="@a{b,title={t}}\n"),
    "a month of words": repeated("j ", before="@a{b,title={t},year=2001,month={", after="}}"),
    "parts of a name": repeated("family=a, ", before="@a{b,title={t},author={", after="}}"),
    "names in parts": repeated(
        "family=a and ", before="@a{b,title={t},author={", after="given=b}}"
    ),
    "joined pieces": repeated('"a" # ', before="@a{b,title=", after='"a"}'),
    "joined strings": repeated(
        "s # ", before='@string{s="' + "a" * 900 + '"}@a{b,title=', after="s}"
    ),
    "pieces that never end": repeated('"{', before="@a{b,title=", after="}"),
    "entries of one collection": repeated(
        "@a{k,title={t},crossref={p}}\n", before="@a{p,title={t},crossref={p},xdata={p,p,p}}\n"
    ),
    "entries without a key": repeated("@a{b=c}\n"),
    "links": repeated("\\href{", before="@a{b,title={", after="}}"),
    "links of links": repeated("\\href{a}{", before="@a{b,title={", after="}}"),
    "footnotes": repeated("\\thanks{a} ", before="@a{b,title={", after="}}"),
    "raised text": repeated("\\textsuperscript{1}", before="@a{b,abstract={", after="}}"),
}

RIS: Final[dict[str, Maker]] = {
    "references": repeated("TY  - JOUR\nTI  - t\nER  -\n"),
    "references that never end": repeated("TY  - JOUR\n"),
    "authors": repeated("AU  - a, b\n", before="TY  - JOUR\nTI  - t\n"),
    "lines of a title": repeated("a\n", before="TY  - JOUR\nTI  - t\n"),
    "empty lines": repeated("\n", before="TY  - JOUR\nTI  - t\n"),
    "one line": repeated("a ", before="TY  - JOUR\nTI  - "),
    "unknown tags": numbered("X1  - {}\n", before="TY  - JOUR\nTI  - t\n"),
    "links": repeated("UR  - http://a;b\n", before="TY  - JOUR\nTI  - t\n"),
    "a link of many": repeated(";", before="TY  - JOUR\nTI  - t\nUR  - "),
    "white space": repeated(" ", before="TY  - JOUR\nTI  - t\n", after="x\nTY  - JOUR\n"),
    "text before": repeated("10.1234/a,", after="\nTY  - JOUR\nTI  - t\n"),
    "identifiers": repeated("DO  - doi doi doi:\n", before="TY  - JOUR\nTI  - t\n"),
    "angle brackets": repeated("<", before="TY  - JOUR\nTI  - t\nAB  - "),
    "dates": repeated("PY  - 1999/\n", before="TY  - JOUR\nTI  - t\n"),
}

TAGGED: Final[dict[str, Maker]] = {
    "citations": numbered("PMID- {}\nTI  - t\n"),
    "citations of one number": repeated("PMID- 1\nTI  - t\n\n"),
    "authors": repeated("FAU - A, B\n", before="PMID- 1\nTI  - t\n"),
    "short authors": repeated("AU  - Doe JA\n", before="PMID- 1\nTI  - t\n"),
    "lines of a title": repeated("      a\n", before="PMID- 1\nTI  - t\n"),
    "tags of nothing": repeated("AB  -\n", before="PMID- 1\nTI  - t\n"),
    "identifiers": repeated("AID - 10.1234/a [doi]\n", before="PMID- 1\nTI  - t\n"),
    "brackets": repeated("[", before="PMID- 1\nTI  - ", after="]."),
    "a date of spaces": repeated(" ", before="PMID- 1\nTI  - t\nDP  - 2001", after="x"),
    "records of Web of Science": repeated("PT J\nTI t\nER\n", before="FN Web of Science\nVR 1.0\n"),
    "people of Web of Science": repeated(
        "   Doe, JA\n", before="FN Web of Science\nVR 1.0\nPT J\nTI t\nAU A\n"
    ),
    "ends of Web of Science": repeated(
        "\nEF", before="FN Web of Science\nVR 1.0\nPT J\nTI t\nER\n"
    ),
    "notes": repeated("N1  - see 10.1234/a\n", before="TY  - JOUR\nTI  - t\n"),
    "a note of words": repeated("references ", before="TY  - JOUR\nTI  - t\nN1  - "),
    "semicolons": repeated(";", before="TY  - JOUR\nTI  - t\nAU  - "),
    "lower case": repeated("ti - a\n", before="ty - JOUR\n"),
    "quote marks": repeated("> a\n"),
}

XML_OF_REFERENCES: Final[dict[str, Maker]] = {
    "records": repeated("<record/>", before="<xml><records>", after="</records></xml>"),
    "records that never end": repeated("<record>", before="<xml><records>"),
    "nested titles": repeated("<titles><title>", before="<xml><records><record>"),
    "titles": repeated(
        "<title>t</title>", before="<xml><records><record><titles>", after="</titles></record>"
    ),
    "nested styles": repeated(
        "<style>", before="<xml><records><record><titles><title>", after="</title>"
    ),
    "styles": repeated(
        "<style face='superscript'>1</style>", before="<xml><records><record><titles><title>"
    ),
    "angle brackets": repeated("&lt;", before="<xml><records><record><abstract>"),
    "angle brackets in CDATA": repeated("<", before="<xml><records><record><abstract><![CDATA["),
    "attributes": numbered(" a{}='b'", before="<xml><records><record", after="/>"),
    "authors": repeated(
        "<author>A, B</author>", before="<xml><records><record><contributors><authors>"
    ),
    "links": repeated(
        "<url>http://x.org/10.1234/</url>", before="<xml><records><record><urls><related-urls>"
    ),
    "a link of DOIs": repeated(
        "/10.1234/", before="<xml><records><record><urls><related-urls><url>http://x.org"
    ),
    "declarations": repeated("<!ELEMENT a ANY>", before="<!DOCTYPE xml ["),
    "comments": repeated("<!-- -->", before="<xml><records>"),
    "white space": repeated(" ", before="<xml>", after="<records>"),
    "long words": repeated("a", before="<xml><records><record><notes>"),
}

LINES: Final[dict[str, Maker]] = {
    "lines": repeated("a\n"),
    "one word": repeated("a"),
    "commas": repeated(","),
    "commas and letters": repeated(",a"),
    "commas and identifiers": repeated(",10.1234/"),
    "identifiers": numbered("10.1234/{}\n"),
    "one line of identifiers": numbered("10.1234/{} "),
    "old identifiers": repeated("a-b/"),
    "resolvers": repeated("https://doi.org/"),
    "prefixes": repeated("doi:"),
    "brackets": repeated("("),
    "closing brackets": repeated(")"),
    "words of brackets": repeated("(" * 250 + ")" * 250 + " "),
    "points": repeated("."),
    "white space": repeated(" ", before="a", after="a"),
    "arxiv": repeated("arxiv: "),
    "arxiv and letters": repeated("a", before="arxiv:"),
    "percents": repeated("%41", before="https://doi.org/10.1234/"),
}
