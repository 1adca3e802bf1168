"""Room 1, papers: EndNote's XML. Pure.

Expat of the standard library reads it piece by piece: no tree, no entities of the document's own,
nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from recommender.errors import DigestError
from recommender.languages.messages import Message
from recommender.papers.references.bibliography import (
    MOST_MARKUP,
    MOST_PAPERS,
    SPLIT,
    Record,
    Unread,
    first_name_first,
    most_precise,
)
from recommender.papers.text.plain_text import clean_line, text_of_html

_DEEPEST: Final = 50
_MOST_ELEMENTS: Final = 200_000
# What holds the parts of a record, by the element around it and its own.
_FIELDS: Final = {
    ("titles", "title"): "title",
    ("authors", "author"): "author",
    ("record", "abstract"): "abstract",
    ("dates", "year"): "year",
    ("pub-dates", "date"): "month",
    ("record", "electronic-resource-num"): "doi",
    ("related-urls", "url"): "url",
    ("text-urls", "url"): "url",
    ("record", "accession-num"): "number",
    ("record", "notes"): "note",
    ("record", "research-notes"): "note",
}
_STYLES: Final = {"superscript": "sup", "subscript": "sub"}


def read_endnote_xml(text: str) -> Iterator[Record | Unread]:
    """Read the records of a file, in order; of a file that breaks off, those before that.

    Parameters
    ----------
    text : str
        The decoded file.

    Raises
    ------
    DigestError
        Where it declares entities, is nested or large beyond any such file, or has more records
        than are taken at a time.
    """
    reader = _Reader()
    broken = reader.read(text)
    yield from reader.records
    if broken is not None:
        yield broken


class _Reader:
    """Gathers the fields of each record while expat goes through the document."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._path: list[str] = []
        self._fields: dict[str, list[str]] = {}
        self._field = ""
        self._depth_of_field = 0
        self._text: list[str] = []
        self._small: list[str] = []
        self._where = ""
        self._elements = self._markup = 0
        # Its own encoding is that of the file before it was decoded.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse_entity

    def read(self, text: str) -> Unread | None:
        """Go through the document; returns where it is broken."""
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            return Unread(
                f"line {error.lineno}",
                Message("broken XML, or cut off; is it complete? export it again"),
            )
        return None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._path) > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise DigestError(
                self._line(),
                Message("nested or large beyond any EndNote file; export fewer papers at a time"),
            )
        around = self._path[-1] if self._path else ""
        self._path.append(name)
        if name == "record":
            if len(self.records) >= MOST_PAPERS:
                raise DigestError(
                    "file",
                    Message("more than %(most)s records; %(mend)s", most=MOST_PAPERS, mend=SPLIT),
                )
            self._fields, self._where = {}, self._line()
        elif not self._field:
            self._field = _FIELDS.get((around, name), "")
            self._depth_of_field = len(self._path)
        if name == "style" and self._field:
            small = next(
                (tag for face, tag in _STYLES.items() if face in attributes.get("face", "")), ""
            )
            self._small.append(small)
            self._text.append(f"<{small}>" if small else "")

    def _characters(self, text: str) -> None:
        if not self._field:
            return
        self._markup += text.count("<") + text.count("&")
        if self._markup > MOST_MARKUP:
            raise DigestError(
                "file", Message("more signs < and & than papers have; export it again")
            )
        self._text.append(text)

    def _end(self, name: str) -> None:
        if name == "style" and self._small:
            small = self._small.pop()
            self._text.append(f"</{small}>" if small else "")
        if self._field and len(self._path) == self._depth_of_field:
            self._fields.setdefault(self._field, []).append(clean_line("".join(self._text)))
            self._field, self._text, self._small = "", [], []
        self._path.pop()
        if name == "record":
            self.records.append(_record(self._where, self._fields))

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise DigestError(
            self._line(),
            Message(
                "something that EndNote does not write, “%(name)s”; export it again",
                name=clean_line(name)[:40],
            ),
        )

    def _line(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"


def _record(where: str, fields: dict[str, list[str]]) -> Record:
    def first(name: str) -> str:
        return next(filter(None, fields.get(name, ())), "")

    return Record(
        where=where,
        title=text_of_html(first("title")),
        abstract=text_of_html(first("abstract")),
        authors=first_name_first(map(text_of_html, fields.get("author", ()))),
        identified_by=tuple(
            text for name in ("doi", "url", "number") for text in fields.get(name, ())
        ),
        noted=tuple(fields.get("note", ())),
        date=most_precise([first("year"), first("month")]),
        month=first("month"),
        page=first("url"),
    )
