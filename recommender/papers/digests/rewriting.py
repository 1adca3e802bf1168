"""Room 1, papers: what notebooks, Org and GitHub write around texts, as plain Markdown lines. Pure.

Folded parts, callouts, drawers, wiki links and links whose addresses stand elsewhere say nothing
about papers that Markdown could not say; the rest of the reader knows only that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.bylines import with_parted_bylines
from recommender.papers.digests.details import parted_details
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.labels import label_in

NumberedLine = tuple[int, str]

_COMMENT: Final = re.compile(r"[ \t]{0,40}<!--(?:[^-]|-(?!->)){0,2000}-->[ \t]*")
_FOLD: Final = re.compile(r"</?details(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_SUMMARY: Final = re.compile(
    r"<summary(?:\s[^<>]{0,200})?>(?P<text>[^\n]{0,300}?)</summary>", re.IGNORECASE
)
_TAG: Final = re.compile(
    r"</?(?:b|i|em|strong|h[1-6]|u|span|code)(?:\s[^<>]{0,200})?>", re.IGNORECASE
)
_ABSTRACT: Final = re.compile(
    r"\W{0,6}(?:abstract|full abstract|摘要|résumé|zusammenfassung)\W{0,3}", re.IGNORECASE
)
_UNFOLD: Final = re.compile(
    r"\W{0,6}(?:(?:show|hide|read|see|view|click|expand|toggle|open|more|details?|here|to|the|for"
    r"|abstract|summary|me|full|详情|展开)\W{0,4}){1,8}",
    re.IGNORECASE,
)
_CALLOUT: Final = re.compile(
    r"(?P<quote>[ \t]{0,40}>\s?)\[!(?P<kind>[\w-]{1,30})\][+-]?(?P<title>.{0,300})"
)
_WIKI_TITLE: Final = re.compile(
    r"(?P<before>\s{0,40}(?:#{1,6}|[-*+]|\d{1,4}[.)])\s+)\[\[(?P<text>[^\[\]|]{1,400})\]\]\s*"
)
# To the notes of other days: "[[2026-03-10]] | [[2026-03-12|tomorrow]]".
_NAVIGATION: Final = re.compile(
    r"(?:[\s|·•←→<>«»◀▶⬅➡\ufe0f-]{0,10}\[\[[^\[\]|]{0,80}\d{4}-\d\d-\d\d(?:\|[^\[\]]{1,40})?\]\]){1,5}"
    r"[\s|·•←→<>«»◀▶⬅➡\ufe0f-]{0,10}"
)
_ORG_LINK: Final = re.compile(
    r"\[\[(?P<url>https?://[^\[\]\s]{1,1000})\](?:\[(?P<text>[^\[\]]{1,600})\])?\]"
)
_ORG_HEADING: Final = re.compile(
    r"(\*{1,6}\s+)(?:TODO|DONE|NEXT|READ|WAITING)\s+(?:\[#[A-C]\]\s+)?(?=\S)"
)
# Logseq's headings are bullets as all of its lines.
_BULLETED_HEADING: Final = re.compile(r"[ \t]{0,8}[-*+][ \t](?P<heading>#{1,6}[ \t]\S.{0,600})")
_DRAWER: Final = re.compile(r"\s{0,40}:(?:PROPERTIES|LOGBOOK|END):\s{0,40}", re.IGNORECASE)
_FIELD: Final = re.compile(r"\s{0,40}:(?P<name>[A-Za-z][\w -]{0,28}):\s+(?P<value>\S.*)")
_ORG_KEYWORD: Final = re.compile(r"\s{0,10}#\+[A-Za-z_]{2,30}:?(?:\s.{0,500})?")
_ORG_DATE: Final = re.compile(
    r"\s{0,10}#\+DATE:\s*[<\[]?(?P<day>[^<>\[\]]{1,60})[>\]]?\s*", re.IGNORECASE
)
_DEFINITION: Final = re.compile(
    r"\s{0,3}\[(?P<name>[^\[\]^]{1,80})\](?P<colon>:?)\s+<?(?P<url>https?://[^\s<>]{1,1000})>?"
    r"(?:\s+[\"'(][^\"'()]{0,200}[\"')])?\s*"
)
_REFERENCE: Final = re.compile(
    r"\[(?P<text>[^\[\]]{1,600})\](?:\s?\[(?P<name>[^\[\]^]{0,80})\])?(?![\[(:])"
)
_NOTE: Final = re.compile(r"(?<=\S)\s?\[(?P<name>\d{1,4})\][ \t]{0,4}\Z")
# Of arXiv's pages, where it stands above each title; a rule ends the paper above it.
_LISTED: Final = re.compile(
    r"\[\d{1,4}\]\s{1,3}(?P<id>arXiv:\S{6,30})(?:\s\([^()]{1,80}\))?\s{1,3}\[[\w ,]{1,80}\]\s*"
)
_MOST_REFERENCES: Final = 20_000
_LONGEST_NOTED: Final = 600
_LONGEST_WORD: Final = 30
_FEWEST_LABELLED: Final = 2
_HEAD_ABOVE: Final = 2
_LISTS_HEAD: Final = re.compile(
    r"\s{0,3}(?:#{1,6}\s+|\*\*)?(?:links?|references?|sources?|urls?|quellen|liens|链接)\s?:?(?:\*\*)?\s*",
    re.IGNORECASE,
)


def rewritten(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Return the lines as Markdown says them, each with its number in the file.

    Raises
    ------
    DigestError
        Where addresses that stand elsewhere belong to nothing, or to several texts.
    """
    plain = [(number, text) for number, raw in lines for text in _unfolded(raw)]
    plain = _with_labels_of_paragraphs(plain)
    if _is_org(plain):
        plain = _without_drawers(plain)
    plain = [(number, text) for number, raw in plain for text in parted_details(raw)]
    return _with_addresses(with_parted_bylines(plain))


def _with_labels_of_paragraphs(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Write ``Title: …`` for a paragraph whose first line says "Title", if all papers have both."""
    places: dict[int, str] = {}
    for at, (_, raw) in enumerate(lines[:-1]):
        word = raw.strip()
        starts = word and (at == 0 or not lines[at - 1][1].strip()) and lines[at + 1][1].strip()
        label = label_in((), (f"{word}:",)) if starts and len(word) <= _LONGEST_WORD else None
        if label is not None and label[1] == "":
            places[at] = label[0]
    roles = list(places.values())
    if roles.count("title") != roles.count("abstract") or roles.count("title") < _FEWEST_LABELLED:
        return list(lines)
    return [
        (number, "" if at in places else f"{lines[at - 1][1].strip()}: {raw.strip()}")
        if at in places or at - 1 in places
        else (number, raw)
        for at, (number, raw) in enumerate(lines)
    ]


def _unfolded(raw: str) -> list[str]:
    """Return what a line says without folds, comments, callouts and wiki links."""
    if raw.lstrip().startswith("<!--") and _COMMENT.fullmatch(raw):
        return [""]
    if "<details" in raw or "<summary" in raw or "</details" in raw:
        return _folded_parts(raw)
    callout = _CALLOUT.fullmatch(raw) if "[!" in raw else None
    if callout is not None:
        return _called_out(callout)
    if _is_labelled_field(raw):
        return [_without_colon(raw)]
    return _without_wiki_links(raw) if "[[" in raw else _unlisted(raw)


def _without_wiki_links(raw: str) -> list[str]:
    if _NAVIGATION.fullmatch(raw):
        return [""]
    wiki = _WIKI_TITLE.fullmatch(raw)
    return [f"{wiki['before']}{wiki['text']}" if wiki else _ORG_LINK.sub(_org_link, raw)]


def _unlisted(raw: str) -> list[str]:
    """Return a line without the bullet of a heading, and arXiv's line above a title as its id."""
    heading = _BULLETED_HEADING.fullmatch(raw)
    if heading is not None:
        return ["", heading["heading"], ""]
    listed = _LISTED.fullmatch(raw) if raw.startswith("[") else None
    return [raw] if listed is None else ["", "---", listed["id"]]


def _called_out(callout: re.Match[str]) -> list[str]:
    title = callout["title"].strip()
    is_abstract = callout["kind"].casefold() in {"abstract", "summary"}
    if is_abstract and (not title or _ABSTRACT.fullmatch(title)):
        return ["", f"{callout['quote']}**Abstract:**"]
    return [f"{callout['quote']}**{title}**" if title else ""]


def _org_link(found: re.Match[str]) -> str:
    return f"[{found['text']}]({found['url']})" if found["text"] else found["url"]


def _folded_parts(raw: str) -> list[str]:
    text = _FOLD.sub(" ", raw)
    found = _SUMMARY.search(text) if "</summary>" in text else None
    if found is None:
        return [text if text.strip() else ""]
    said = _TAG.sub("", found["text"]).strip()
    before, behind = text[: found.start()], text[found.end() :]
    if _ABSTRACT.fullmatch(said):
        summary = "**Abstract:**"
    elif _UNFOLD.fullmatch(said):
        summary = ""
    else:
        summary = said
    return [part if part.strip() else "" for part in (before, summary, behind)]


def _is_org(lines: Sequence[NumberedLine]) -> bool:
    return any(
        raw.startswith(("#+", ":PROPERTIES:")) or _DRAWER.fullmatch(raw) is not None
        for _, raw in lines
        if raw.lstrip()[:1] in {"#", ":"}
    )


def _without_drawers(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    plain: list[NumberedLine] = []
    for number, raw in lines:
        day = _ORG_DATE.fullmatch(raw)
        if day is not None:
            plain.append((number, day["day"]))
        elif _DRAWER.fullmatch(raw) or _ORG_KEYWORD.fullmatch(raw):
            plain.append((number, ""))
        else:
            plain.append((number, _ORG_HEADING.sub(r"\1", _without_colon(raw), count=1)))
    return plain


def _without_colon(raw: str) -> str:
    """Take the first colon off ``:Authors: …``, as reStructuredText and Org write fields."""
    field = _FIELD.fullmatch(raw)
    return raw if field is None else f"{field['name']}: {field['value']}"


def _is_labelled_field(raw: str) -> bool:
    """Whether a field says what a digest says of papers; ``:fire: A title`` is an emoji's name."""
    return raw.lstrip()[:1] == ":" and label_in((), (_without_colon(raw),)) is not None


def _with_addresses(lines: list[NumberedLine]) -> list[NumberedLine]:
    """Put the addresses that stand below the texts, ``[1]: https://…``, where they belong."""
    addresses, places, has_colons = _definitions(lines)
    if not addresses:
        return lines
    texts = [(n, "" if i in places else raw) for i, (n, raw) in enumerate(lines)]
    used = Counter(
        _name(found["name"] or found["text"])
        for _, raw in texts
        if "[" in raw
        for found in _REFERENCE.finditer(raw)
    )
    if sum(used[name] for name in addresses) > _MOST_REFERENCES:
        raise DigestError("file", f"more than {_MOST_REFERENCES:,} links; split it by days")
    linked = [
        (n, _REFERENCE.sub(lambda found: _linked(found, addresses), raw) if "[" in raw else raw)
        for n, raw in texts
    ]
    rest = {name: url for name, url in addresses.items() if not used[name] or name.isdecimal()}
    notes = [_note(linked, index, rest) for index in range(len(linked))]
    counts = Counter(note["name"] for note in notes if note is not None)
    lost = [name for name in rest if counts[name] != 1 and not used[name]]
    for name in lost:
        if not has_colons:
            # Numbers in brackets may be anything; then the addresses stay where they are.
            return lines
        if any(identifiers_of(addresses[name])):
            stated = next(lines[i][0] for i in sorted(places) if addresses[name] in lines[i][1])
            raise DigestError(
                f"line {stated}",
                f"an address of no paper: not one title has [{name[:40]}]; write it behind the "
                "title that it belongs to",
            )
    noted = [
        (n, raw)
        if note is None or counts[note["name"]] != 1
        else (n, f"{raw[: note.start()]} ([link]({rest[note['name']]}))")
        for (n, raw), note in zip(linked, notes, strict=True)
    ]
    first = min(places)
    return [
        (n, "" if 0 <= first - i <= _HEAD_ABOVE and _LISTS_HEAD.fullmatch(raw) else raw)
        for i, (n, raw) in enumerate(noted)
    ]


def _definitions(lines: Sequence[NumberedLine]) -> tuple[dict[str, str], set[int], bool]:
    """Return the addresses by name, in which lines they stand, and whether colons mark them."""
    addresses: dict[str, str] = {}
    places: set[int] = set()
    has_colons = False
    for index, (number, raw) in enumerate(lines):
        found = _DEFINITION.fullmatch(raw) if raw.lstrip()[:1] == "[" else None
        name = _name(found["name"]) if found is not None else ""
        if found is None or not (found["colon"] or name.isdecimal()):
            continue
        if addresses.setdefault(name, found["url"]) != found["url"]:
            raise DigestError(
                f"line {number}",
                f"a second address for [{found['name'][:40]}]; number the addresses anew, or take "
                "one out",
            )
        has_colons |= bool(found["colon"])
        places.add(index)
    return addresses, places, has_colons


def _name(name: str) -> str:
    return " ".join(name.casefold().split())


def _linked(found: re.Match[str], addresses: dict[str, str]) -> str:
    name = _name(found["name"] or found["text"])
    if name not in addresses or (found["name"] is None and name.isdecimal()):
        return found[0]
    return f"[{found['text']}]({addresses[name]})"


def _note(
    lines: Sequence[NumberedLine], index: int, addresses: dict[str, str]
) -> re.Match[str] | None:
    """Find ``[1]`` behind a title: at the end of a line that is marked, or that a blank follows."""
    raw = lines[index][1]
    if "[" not in raw or len(raw) > _LONGEST_NOTED:
        return None
    found = _NOTE.search(raw)
    if found is None or found["name"] not in addresses:
        return None
    is_marked = raw.lstrip().startswith(("#", "-", "*", "+", "•")) or raw.lstrip()[:1].isdigit()
    below = lines[index + 1][1] if index + 1 < len(lines) else ""
    return found if is_marked or not below.strip() else None
