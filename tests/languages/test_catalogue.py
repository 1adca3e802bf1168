"""The catalogue: complete in each language, and nothing in it that nobody says."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from configparser import ConfigParser
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from recommender.languages.catalogue import FOLDER, language
from recommender.languages.messages import Message, counted_message
from recommender.languages.negotiation import ENGLISH, LANGUAGES, preferred_language

ROOT = Path(__file__).parents[2]
WEDNESDAY = date(2026, 3, 11)
OTHERS = [tag for tag in LANGUAGES if tag != ENGLISH]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|</?\w+[^>]*>|\{\w*\}")
# What `docs/languages.md` says to hand to `pybabel extract`.
KEYWORDS = {**DEFAULT_KEYWORDS, "Message": None, "counted_message": (1, 2)}


@pytest.fixture(scope="module")
def said() -> set[str | tuple[str, str]]:
    """Return all that templates and code say."""
    settings = ConfigParser(default_section="")
    settings.read(ROOT / "config" / "babel.cfg")
    methods, options = [], {}
    for section in settings.sections():
        method, _, pattern = section.partition(": ")
        methods.append((pattern, method))
        options[pattern] = dict(settings[section])
    return {
        message
        for file, _, message, _, _ in extract_from_dir(
            ROOT, methods, options, KEYWORDS, directory_filter=_is_ours
        )
        if file.startswith(("recommender/", "templates/"))
    }


def _is_ours(folder: str | Path) -> bool:
    path = Path(folder)
    return path == ROOT or path.relative_to(ROOT).parts[0] in {"recommender", "templates"}


def catalogue_of(tag: str) -> Catalog:
    with (FOLDER / f"{tag}.po").open("rb") as stream:
        return read_po(stream, locale=tag)


def translated(catalogue: Catalog) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for each in catalogue:
        if each.id:
            ids = each.id if isinstance(each.id, tuple) else (each.id,)
            words = each.string if isinstance(each.string, tuple) else (each.string,)
            yield ids, words


def test_there_is_german() -> None:
    assert "de" in OTHERS


@pytest.mark.parametrize("tag", OTHERS)
def test_a_catalogue_has_all_that_is_said_and_nothing_else(
    tag: str, said: set[str | tuple[str, str]]
) -> None:
    there = {ids if len(ids) > 1 else ids[0] for ids, _ in translated(catalogue_of(tag))}
    missing, unused = said - there, there - said
    assert not missing, f"add these to {tag}.po: {missing}"
    assert not unused, f"take these out of {tag}.po, nobody says them any more: {unused}"


@pytest.mark.parametrize("tag", OTHERS)
def test_everything_is_translated_and_nothing_is_a_guess(tag: str) -> None:
    catalogue = catalogue_of(tag)
    assert [each.id for each in catalogue if each.fuzzy] == []
    assert [ids for ids, words in translated(catalogue) if not all(words)] == []
    plurals = [len(words) for ids, words in translated(catalogue) if len(ids) > 1]
    assert set(plurals) == {catalogue.num_plurals}


@pytest.mark.parametrize("tag", OTHERS)
def test_placeholders_and_markup_are_those_of_the_english_sentence(tag: str) -> None:
    wrong = [
        (ids, words)
        for ids, words in translated(catalogue_of(tag))
        for one in words
        # A form for one may leave out its number.
        if sorted(set(PLACEHOLDER.findall(one)))
        not in [sorted(set(PLACEHOLDER.findall(each))) for each in ids]
    ]
    assert wrong == []


@pytest.mark.parametrize("tag", OTHERS)
def test_german_says_sie(tag: str) -> None:
    """One form of address, whoever writes a sentence next."""
    informal = re.compile(r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*)\b")
    assert [
        words for _, words in translated(catalogue_of(tag)) if informal.search(" ".join(words))
    ] == []


# --- messages -------------------------------------------------------------------------------------


def test_a_message_is_its_english_sentence() -> None:
    message = Message("trending: in the digest of %(day)s", day=WEDNESDAY)
    assert message == "trending: in the digest of Mar 11"
    assert language(ENGLISH).told(message) == message
    assert language("de").told(message) == "im Trend: im Digest vom 11. März"


def test_values_are_told_as_the_language_has_them() -> None:
    inner = Message("trending: in %(digests)s digests", digests=12345)
    message = Message("%(reason)s; %(further)s", reason=inner, further="eigene Worte")
    assert message == "trending: in 12,345 digests; eigene Worte"
    assert language("de").told(message) == "im Trend: in 12.345 Digests; eigene Worte"


@pytest.mark.parametrize(("number", "words"), [(1, "1 Tag"), (2, "2 Tage"), (1000, "1.000 Tage")])
def test_a_counted_message_takes_the_form_of_its_number(number: int, words: str) -> None:
    message = counted_message(
        "pause the newsletter for %(num)s day", "pause the newsletter for %(num)s days", number
    )
    assert message == f"pause the newsletter for {number:,} day{'' if number == 1 else 's'}"
    assert language("de").told(message) == f"den Newsletter {words} lang pausieren"


def test_text_that_is_no_message_and_a_message_that_nobody_knows_stay() -> None:
    german = language("de")
    assert german.told("Unsubscribe") == "Unsubscribe"
    assert german.told(Message("of an older version: %(title)s", title="T")) == (
        "of an older version: T"
    )


def test_a_message_crosses_processes_and_is_stored_as_it_is() -> None:
    message = Message(
        "%(problem)s; it is tried again by itself", problem=Message("Zotero is too slow")
    )
    told = "Zotero ist zu langsam; es wird von selbst noch einmal versucht"
    for again in (pickle.loads(pickle.dumps(message)), Message.from_json(message.as_json())):  # noqa: S301 - our own
        assert again == message
        assert language("de").told(again) == told


# --- dates, numbers, lists ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "long", "short", "month", "number"),
    [
        ("en", "Wednesday, 11 March 2026", "Mar 11", "March 2026", "12,345"),
        ("de", "Mittwoch, 11. März 2026", "11. März", "März 2026", "12.345"),
    ],
)
def test_dates_and_numbers_are_those_of_the_language(
    tag: str, long: str, short: str, month: str, number: str
) -> None:
    spoken = language(tag)
    assert spoken.long_date(WEDNESDAY) == long
    assert spoken.short_date(WEDNESDAY) == short
    assert spoken.month_and_year(WEDNESDAY) == month
    assert spoken.number(12345) == number
    assert [spoken.number(each) for each in (7, 999)] == ["7", "999"]


@pytest.mark.parametrize(
    ("words", "english", "german"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a und b"),
        (["a", "b", "c"], "a, b and c", "a, b und c"),
    ],
)
def test_lists_are_joined_as_sentences_do(words: list[str], english: str, german: str) -> None:
    assert language("en").listed(words) == english
    assert language("de").listed(words) == german


@pytest.mark.parametrize(
    ("names", "english", "german"),
    [
        ("", "", ""),
        ("A", "A", "A"),
        ("ABC", "A, B, C", "A, B, C"),
        ("ABCD", "A, B, C and 1 other", "A, B, C und 1 weitere Person"),
        ("ABCDEFGH", "A, B, C and 5 others", "A, B, C und 5 weitere"),
    ],
)
def test_authors_are_the_first_three_and_how_many_others(
    names: str, english: str, german: str
) -> None:
    assert language("en").authors(tuple(names)) == english
    assert language("de").authors(tuple(names)) == german


# --- which language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("DE_de", None),
        ("en-GB, de;q=0.9", "en"),
        ("de;q=0.3, en;q=0.7", "en"),
        ("fi, de;q=0.1", "de"),
        ("fi, *;q=0.5", None),
        ("de;q=0, en;q=0", None),
        ("de;q=nonsense, en;q=0.1", "en"),
        ("de;q=1.5", None),
        ("", None),
        ("\x00\xff", None),
        ("de," * 400, None),
        (", ,;,de", "de"),
    ],
)
def test_the_language_is_what_a_program_asks_for_most(header: str, expected: str | None) -> None:
    assert preferred_language(header) == expected
