"""Answers of services that are bad for their parsers; tables for `papers_parsers`."""

from __future__ import annotations

import gzip
from typing import Final

from linear import Maker, numbered, repeated

JSON_LISTS: Final[dict[str, Maker]] = {
    "nested lists": repeated("["),
    "nested objects": repeated('{"a":', before="["),
    "lists": repeated("[],", before="[", after="[]]"),
    "objects": repeated("{},", before="[", after="{}]"),
    "entries": numbered(
        '{"paper":{"id":"2401.12345","title":"t{}"}},', before="[", after='{"paper":0}]'
    ),
    "digits": repeated("1", before='[{"paper":{"upvotes":', after="}}]"),
    "numbers": repeated("1,", before="[", after="1]"),
    "backslashes": repeated("\\\\", before='["', after='"]'),
    "a string that never ends": repeated("a", before='["'),
    "surrogates": repeated("\\ud800", before='["', after='"]'),
    "white space": repeated(" ", before="[", after="]"),
    "keys": numbered(
        '"{}":0,', before='[{"paper":{"id":"2401.12345","title":"t",', after='"a":0}}]'
    ),
    "a title of accents": repeated(
        "\u0315\u0300", before='[{"paper":{"id":"2401.12345","title":"a', after='"}}]'
    ),
    "authors": repeated(
        '{"name":"a"},',
        before='[{"paper":{"id":"2401.12345","title":"t","authors":[',
        after='{"name":"a"}]}}]',
    ),
    "an identifier": repeated("arxiv:", before='[{"paper":{"title":"t","id":"', after='"}}]'),
    "commas": repeated(",", before="["),
    "works": numbered('{"DOI":"10.1234/{}","title":["t"]},', before='{"items":[', after="{}]}"),
    "places of words": repeated(
        "1,",
        before='{"meta":0,"results":[{"title":"t","abstract_inverted_index":{"a":[',
        after="1]}}]}",
    ),
    "authors of a work": repeated(
        '{"family":"a b"},', before='{"DOI":"10.1/a","title":["t"],"author":[', after="{}]}"
    ),
}

JSON_LINES: Final[dict[str, Maker]] = {
    "papers": numbered('{"id":"{}","title":"t{}"}\n'),
    "papers of one title": numbered('{"id":"10.1234/{}","title":"t"}\n'),
    "empty lines": repeated("\n", before='{"id":"1","title":"t"}\n'),
    "nested lists": repeated("[", before='{"id":"1","title":"t"}\n'),
    "lists in lines": repeated(f'{{"id":"1","title":"t","a":[{"[]," * 300_000}[]]}}\n'),
    "one long line": repeated("a", before='{"id":"1","title":"', after='"}\n'),
    "accents": repeated("\u0315\u0300", before='{"id":"1","title":"', after='"}\n'),
    "an identifier": repeated("arxiv:", before='{"title":"t","id":"', after='"}\n'),
}

SERVICES: Final[dict[str, Maker]] = {
    "updates of a work": repeated(
        '{"type":"retraction","DOI":"10.1234/a"},',
        before='{"DOI":"10.1234/b","title":["t"],"updated-by":[',
        after='{"type":"x"}]}',
    ),
    "titles of notices": repeated(
        "Retraction of ", before='{"DOI":"10.1234/b","title":["', after='"]}'
    ),
    "works that were taken back": numbered(
        '{"title":"RETRACTED: t{}","authorships":[],"is_retracted":true},',
        before='{"meta":{},"results":[',
        after='{"title":"t"}]}',
    ),
    "words of an abstract": numbered(
        '"w{}":[1],',
        before='{"authorships":[],"title":"t","abstract_inverted_index":{',
        after='"w":[2]}}',
    ),
    "kinds of a publication": repeated(
        '"Journal Article",',
        before='{"resultList":{"result":[{"title":"t","pubTypeList":{"pubType":[',
        after='"x"]}}]}}',
    ),
    "keywords": numbered(
        '"k{}",', before='[{"paper":{"id":"2603.00001","title":"t","ai_keywords":[', after='"k"]}}]'
    ),
    "a link of code": repeated(
        "a", before='[{"paper":{"id":"2603.00001","title":"t","githubRepo":"https://', after='"}}]'
    ),
    "a comment": repeated(
        "withdrawn ", before='{"id":"2603.00001","title":"t","comment":"', after='"}'
    ),
    "brackets of a title": repeated(
        "(retracted article ", before='{"id":"2603.00001","title":"', after='"}'
    ),
}

PACKED: Final[dict[str, Maker]] = {
    "members": lambda size: gzip.compress(b"") * (size // 20),
    "members of a letter": lambda size: gzip.compress(b"a") * (size // 21),
    "garbage behind": lambda size: gzip.compress(b"a title\n\nAn abstract.") + b"\0" * (size - 100),
    "a bomb": lambda size: gzip.compress(b"a" * size * 20),
    "a long name": lambda size: b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a" * (size - 10),
}
