"""Room 1, papers: BibTeX and biblatex, read by bibtexparser from text. Pure."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from typing import Final

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares import (
    RemoveEnclosingMiddleware,
    ResolveStringReferencesMiddleware,
)
from bibtexparser.middlewares.names import (
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
)

from recommender.errors import DigestError
from recommender.papers.bibliography import (
    MOST_ABSTRACT_CHARACTERS,
    MOST_AUTHORS_CHARACTERS,
    Record,
    Unread,
)
from recommender.papers.identifiers import NamedPapers, find_identifiers
from recommender.papers.latex import plain_text, verbatim
from recommender.papers.plain_text import clean_line, text_of_html

# What cannot be read is told to who sent it; a log is no place for it.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

_ENTRY_START = re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)
_BLOCK_START = re.compile(r"@\w*[ \t]*[{(]")
# Ten for each of the papers that are taken at a time, and a hundred fields for each.
_MOST_BLOCKS: Final = 5_000
_MOST_FIELDS: Final = 50_000
# `@string` stands for a month or a journal; a long one, used often, would fill the memory.
_LONGEST_STRING: Final = 1_000
_LONGEST_REASON: Final = 120

_IDENTIFYING: Final = ("eprint", "arxivid", "doi", "url", "journal", "journaltitle", "number")
_LESS_SURE: Final = ("howpublished", "note")


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
        parsed = parse_string(text, parse_stack=[])
    except Exception as error:  # what it calls its own faults, whatever they are
        raise DigestError(
            "file", f"no BibTeX ({clean_line(str(error))[:_LONGEST_REASON]}); export it again"
        ) from error
    library = _resolved(_with_own_keys(parsed.blocks))
    for block in library.blocks:
        if isinstance(block, Entry):
            yield _record(block)
        elif isinstance(block, ParsingFailedBlock) and not isinstance(
            block, DuplicateBlockKeyBlock
        ):
            yield Unread(_line_of(block), _reason(block))
        elif isinstance(block, ImplicitComment):
            yield find_identifiers(block.comment)


def _refuse_floods(text: str) -> None:
    blocks, fields = len(_BLOCK_START.findall(text)), text.count("=")
    for number, name, most in ((blocks, "entries", _MOST_BLOCKS), (fields, "fields", _MOST_FIELDS)):
        if number > most:
            raise DigestError("file", f"{number:,} BibTeX {name}; split it into smaller parts")


def _with_own_keys(blocks: Sequence[Block]) -> Library:
    """Assign every entry a key of its own: exporters repeat them, and two papers are no duplicate.

    Of a field that an entry repeats, the first counts, and so does the first of an ``@string``.
    """
    parted: list[Block] = []
    for number, block in enumerate(blocks):
        each = block
        if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
            each = block.ignore_error_block or block
        if isinstance(each, Entry):
            each.key = str(number)
        parted.append(each)
    return Library(parted, fail_on_duplicate_key=False)


def _resolved(library: Library) -> Library:
    """Put in what ``@string`` stands for, and take the braces and quotes around values away."""
    for string in library.strings:
        if len(string.value) > _LONGEST_STRING:
            raise DigestError(
                _line_of(string),
                f"an @string longer than {_LONGEST_STRING:,} characters; write it out",
            )
    for middleware in (ResolveStringReferencesMiddleware(), RemoveEnclosingMiddleware()):
        library = middleware.transform(library)
    return library


def _record(entry: Entry) -> Record | Unread:
    fields: dict[str, str] = {}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), str(field.value))
    for name, most in (("abstract", MOST_ABSTRACT_CHARACTERS), ("author", MOST_AUTHORS_CHARACTERS)):
        # Taken apart, they would cost their length many times over.
        if len(fields.get(name, "")) > 2 * most:
            return Unread(_line_of(entry), f"its {name} is longer than {most:,} characters")
    identifying = [verbatim(fields[name]) for name in _IDENTIFYING if name in fields]
    return Record(
        where=_line_of(entry),
        title=text_of_html(plain_text(fields.get("title", ""))),
        abstract=text_of_html(plain_text(fields.get("abstract", ""))),
        authors=_authors(fields.get("author", "")),
        identified_by=(*identifying, *(verbatim(fields.get(name, "")) for name in _LESS_SURE)),
        date=fields.get("date") or fields.get("year", ""),
        month=fields.get("month", ""),
    )


def _authors(field: str) -> tuple[str, ...]:
    names = split_multiple_persons_names(field)
    parts = (parse_single_name_into_parts(name, strict=False) for name in names)
    plain = (plain_text(each.merge_first_name_first) for each in parts)
    return tuple(name for name in plain if name and name != "others")


def _line_of(block: Block) -> str:
    return f"line {(block.start_line or 0) + 1}"


def _reason(block: ParsingFailedBlock) -> str:
    reason = clean_line(str(getattr(block.error, "abort_reason", block.error))).rstrip(". ")
    return (
        f"no whole BibTeX entry ({reason[:_LONGEST_REASON]}); see that its braces and quotes close"
    )
