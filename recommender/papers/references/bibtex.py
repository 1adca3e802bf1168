"""Room 1, papers: BibTeX and biblatex, read by bibtexparser from text. Pure.

bibtexparser parts a file into entries and fields; values and names are `bibtex_values`'.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)

from recommender.errors import DigestError
from recommender.languages.messages import Message
from recommender.papers.identity.identifiers import NamedPapers, find_identifiers
from recommender.papers.references.bibliography import (
    MOST_ABSTRACT_CHARACTERS,
    MOST_AUTHORS_CHARACTERS,
    Record,
    Unread,
    published_at,
)
from recommender.papers.references.bibtex_values import Strings, people_of
from recommender.papers.references.repeated_fields import settled
from recommender.papers.text.latex import plain_text, verbatim
from recommender.papers.text.plain_text import text_of_html

# What cannot be read is told to who sent it; a log is no place for it.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

_ENTRY_START: Final = re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)
_BLOCK_START: Final = re.compile(r"@\w*[ \t]*[{(]")
# "@article{title = …": an entry without a key.
# A line of text, or of another form, between entries; "% …" is a comment.
_TEXT_LINE: Final = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+\w|[A-Z]{2}[A-Z0-9]?[A-Z]?[ \t]{0,3}-(?:[ \t]|\Z)|(?:PT [A-Z]|FN [A-Z])"
    r"|[^%\s]\S*(?:\s+\S+){2}\s+[^\W\d_])"
)
_TAGGED_LINE: Final = re.compile(
    r"^[ \t]*(?:TY[ \t]{0,3}-[ \t]|PMID ?- ?\d|FN \w|PT [A-Z]\b)", re.MULTILINE
)
_KEYLESS: Final = re.compile(
    r"(@(?!string\b|comment\b|preamble\b)[a-z]+[ \t]*[{(])(?=\s*[a-z]{1,30}\s*=)", re.IGNORECASE
)
# Ten for each of the papers that are taken at a time, and a hundred fields for each.
_MOST_BLOCKS: Final = 5_000
_MOST_FIELDS: Final = 50_000
_BROKEN: Final = Message("no whole BibTeX entry; see that its braces and quotes close")

_IDENTIFYING: Final = ("eprint", "arxivid", "doi", "url", "journal", "journaltitle", "number")
_NOTES: Final = ("howpublished", "note")
_DATED: Final = ("date", "year", "month", "day")
_READ: Final = frozenset(
    {
        *("title", "subtitle", "abstract", "author", "eprinttype", "archiveprefix", "crossref"),
        *("xdata", "volume", *_IDENTIFYING, *_NOTES, *_DATED),
    }
)
# Of a collection, its parts have the date and nothing else that is read here.
_INHERITED: Final = frozenset(_DATED)
_MOST_ANCESTORS: Final = 3
_NO_PAPERS: Final = frozenset({"xdata", "set"})
_SMALL: Final = re.compile(r"\\text(super|sub)script\{([^{}]{1,40})\}")


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of an entry that are read here, their values resolved.

    Attributes
    ----------
    glued : str
        A field behind whose value something else stands; empty where there is none.
    contradicting, ignored : str
        See `Settled`.
    """

    where: str
    kind: str
    values: Mapping[str, str]
    glued: str
    contradicting: str
    ignored: str


def is_bibtex(text: str) -> bool:
    """Whether an entry begins somewhere."""
    return _ENTRY_START.search(text) is not None


def read_bibtex(text: str) -> Iterator[Record | Unread | NamedPapers]:
    """Read the entries of a BibTeX or biblatex file, in order.

    Parameters
    ----------
    text : str
        The decoded file, its lines ended by a line feed.

    Yields
    ------
    Record or Unread or NamedPapers
        The last are in text between the entries, which BibTeX does not read.

    Raises
    ------
    DigestError
        Where it has more entries or fields, or longer strings, than any reference manager writes.
    """
    _refuse_floods(text)
    try:
        parsed = parse_string(_KEYLESS.sub(r"\1nameless,", text), parse_stack=[])
    except Exception as error:  # what it calls its own faults, whatever they are
        raise DigestError(
            "file",
            Message("not whole BibTeX: it breaks off, or something is mixed in; export it again"),
        ) from error
    strings = Strings()
    library: dict[str, _Fields] = {}
    found: list[_Fields | Unread | NamedPapers] = []
    for block in map(_first_of_its_name, parsed.blocks):
        if isinstance(block, String):
            strings.define(block.key, str(block.value), _line_of(block))
        elif isinstance(block, Entry):
            fields = _fields(block, strings)
            library.setdefault(block.key.lower(), fields)
            found.append(fields)
        elif isinstance(block, ParsingFailedBlock):
            found.append(Unread(_line_of(block), _BROKEN))
        elif isinstance(block, ImplicitComment):
            found.extend(_said_between(block, is_head=not library))
    for each in found:
        if isinstance(each, _Fields):
            yield from _read(each, library)
        else:
            yield each


def _refuse_floods(text: str) -> None:
    blocks, fields = len(_BLOCK_START.findall(text)), text.count("=")
    for number, name, most in ((blocks, "entries", _MOST_BLOCKS), (fields, "fields", _MOST_FIELDS)):
        if number > most:
            raise DigestError(
                "file",
                Message(
                    "%(num)s BibTeX %(name)s; split it into smaller parts", num=number, name=name
                ),
            )


def _first_of_its_name(block: Block) -> Block:
    """Take an entry whose key another one has, too: exporters repeat keys of two papers.

    What counts of a field that an entry repeats, `repeated_fields` decides.
    """
    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        return block.ignore_error_block or block
    return block


def _said_between(block: ImplicitComment, *, is_head: bool) -> Iterator[NamedPapers | Unread]:
    """Yield the papers that text between entries names, and that text where somebody meant it.

    Programs write before the first entry what they are.
    """
    yield find_identifiers(block.comment)
    if is_head and not _TAGGED_LINE.search(block.comment):
        return
    for at, line in enumerate(block.comment.split("\n")):
        if _TEXT_LINE.match(line) and not find_identifiers(line).arxiv_ids:
            yield Unread(
                f"line {(block.start_line or 0) + 1 + at}",
                Message(
                    "text that is no BibTeX entry; send what is in another form by itself, and"
                    " write %(sign)s before comments",
                    sign="%",
                ),
            )
            return


def _fields(entry: Entry, strings: Strings) -> _Fields:
    stated: dict[str, list[str]] = {}
    glued = ""
    for field in entry.fields:
        name = field.key.lower()
        if name not in _READ:
            continue
        value = strings.value(str(field.value))
        if value is not None:
            stated.setdefault(name, []).append(value)
        elif name not in stated:
            glued = glued or name
    read = settled(stated)
    kind, where = entry.entry_type.lower(), _line_of(entry)
    return _Fields(where, kind, read.values, glued, read.contradicting, read.ignored)


def _read(entry: _Fields, library: Mapping[str, _Fields]) -> Iterator[Record | Unread]:
    if entry.kind in _NO_PAPERS:
        return
    yield _record(entry, _with_inherited(entry, library))
    if entry.ignored and not entry.contradicting:
        yield Unread(entry.where, _only_first(entry.ignored))


def _only_first(field: str) -> Message:
    return Message(
        "of its fields %(field)s, which differ, only the first counts; take the others out",
        field=field,
    )


def _with_inherited(entry: _Fields, library: Mapping[str, _Fields]) -> Mapping[str, str]:
    """Return the fields of an entry with those of its ``xdata`` and its collection."""
    values = dict(entry.values)
    for _ in range(_MOST_ANCESTORS):
        named = [key.strip().lower() for key in values.pop("xdata", "").split(",") if key.strip()]
        for key in named[:_MOST_ANCESTORS]:
            if key in library:
                values = {**library[key].values, **values}
        collection = library.get(values.pop("crossref", "").strip().lower())
        if collection is not None:
            above = collection.values
            kept = {name: above[name] for name in _INHERITED if name in above}
            values = {**kept, **values, "crossref": above.get("crossref", "")}
    return values


def _record(entry: _Fields, fields: Mapping[str, str]) -> Record | Unread:
    if entry.glued:
        return Unread(
            entry.where,
            Message(
                "behind the value of its %(field)s something stands that no comma parts from it;"
                " put a comma there",
                field=entry.glued,
            ),
        )
    if entry.contradicting:
        return Unread(
            entry.where,
            Message(
                "its fields %(field)s are of two papers; take one out, or begin an entry above the"
                " second",
                field=entry.contradicting,
            ),
        )
    for name, most in (("abstract", MOST_ABSTRACT_CHARACTERS), ("author", MOST_AUTHORS_CHARACTERS)):
        # Taken apart, they would cost their length many times over.
        if len(fields.get(name, "")) > 2 * most:
            return Unread(
                entry.where,
                Message("its %(field)s is longer than %(most)s characters", field=name, most=most),
            )
    archive = (fields.get("eprinttype") or fields.get("archiveprefix") or "arxiv").strip().lower()
    identifying = tuple(
        fields[name]
        for name in _IDENTIFYING
        if name in fields and (name != "eprint" or archive == "arxiv")
    )
    # So DBLP names arXiv's: "journal = {CoRR}, volume = {abs/2103.00001}".
    volume = verbatim(fields.get("volume", ""))
    if volume.startswith("abs/"):
        identifying = (*identifying, volume.removeprefix("abs/"))
    notes = tuple(verbatim(fields.get(name, "")) for name in _NOTES)
    dates = (fields.get("date", ""), fields.get("year", ""))
    return Record(
        where=entry.where,
        title=_title(_text(fields.get("title", "")), _text(fields.get("subtitle", ""))),
        abstract=_text(fields.get("abstract", "")),
        authors=people_of(fields.get("author", "")),
        identified_by=(*map(verbatim, identifying), *(note for note in notes if " " not in note)),
        noted=notes,
        date=next((date for date in dates if published_at(date)), ""),
        month=_with_day(fields.get("month", "").strip(), fields.get("day", "").strip()),
        page=verbatim(fields.get("url", "")),
    )


def _text(latex: str) -> str:
    """Return what a reader sees, of LaTeX and of the HTML that some exporters leave."""
    small = _SMALL.sub(lambda found: f"<{found[1][:3]}>{found[2]}</{found[1][:3]}>", latex)
    return text_of_html(plain_text(small))


def _with_day(month: str, day: str) -> str:
    """Return a month with the day of the entry, if it says none itself: ``nov 5``, ``11 5``."""
    is_month_alone = month.isalpha() or month.isdecimal()
    return f"{month} {day}" if is_month_alone and day.isdecimal() else month


def _title(title: str, subtitle: str) -> str:
    if not (title and subtitle):
        return title or subtitle
    return f"{title} {subtitle}" if title.endswith(("?", "!", ":", ".")) else f"{title}: {subtitle}"


def _line_of(block: Block) -> str:
    return f"line {(block.start_line or 0) + 1}"
