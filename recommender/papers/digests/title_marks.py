"""Room 1, papers: titles without what a digest writes around them: numbers, fields, authors. Pure.

What stands in the same place in the titles of a file is a mark of the file. A title that is alone
with such words keeps them, except what no title has: arXiv's fields, a venue with its year in
brackets, tags.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from recommender.errors import DigestError
from recommender.papers.digests.markdown_lines import is_link_words
from recommender.papers.digests.title_asides import is_year
from recommender.papers.digests.title_lines import are_authors, share_said_again
from recommender.papers.digests.topic_labels import without_topics
from recommender.papers.text.author_lists import names_alone
from recommender.papers.text.calendar_dates import is_day
from recommender.papers.text.paper_details import is_category, is_score, is_venue, names_periodical

_TAGS: Final = re.compile(r"\s{1,5}:[a-z_@#%][\w@#%+-]{0,30}(?::[\w@#%+-]{1,30}){0,8}:\Z")
_GROUP: Final = (
    r"(?:\[(?P<square>[^\[\]]{1,40})\]|【(?P<lens>[^【】]{1,40})】|`(?P<code>[^`]{1,40})`)"
)
_BEFORE: Final = re.compile(rf"{_GROUP}\s{{0,3}}(?=\S)")
_BEHIND: Final = re.compile(rf"(?<=\S)\s{{0,3}}(?:{_GROUP}|\((?P<round>[^()]{{1,40}})\))\Z")
_BAR: Final = re.compile(r"\s{1,3}[|｜·•]\s{1,3}")
_NUMBER: Final = re.compile(
    r"(?:【(?P<lens>\d{1,4})】|(?P<of>\d{1,4})/(?:\d{1,4})?(?=\s)|(?P<circled>[①-⑳])"
    r"|(?:Rank|Top|Platz)\s?#?(?P<rank>\d{1,4})\s?[.:)–—-]|第(?P<word>\d{1,4})[篇位名]\s?[:：、]?)\s{0,3}(?=\S)"
)
_ENUMERATED: Final = re.compile(
    r"(?P<before>\W{0,2}(?:[^\W\d]{1,8}(?:[\s°º.]{1,3}|(?=\d)))?\W{0,2}?)"
    r"(?P<number>[IVXLC]{1,7}|[ivxlc]{1,7}|[A-Za-z]|(?:\d{1,3}\.){0,3}\d{1,3})"
    r"(?P<behind>(?:st|nd|rd|th)?(?:\sof\s\d{1,4})?\s?[.:)\]–—|-]{0,2})\s{1,3}(?=\S)"
)
_NUMERALS: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_TRAILING_DIGITS: Final = re.compile(r"\d+\Z")
_STOP: Final = re.compile(r"(?<!\bet al)(?<=[^\W\d_]{3})\.\Z")
_NEWS: Final = re.compile(
    r"\W{0,3}(?:NEW|HOT|TRENDING|UPDATED?|BREAKING|MUST[ -]READ)\W{0,3}"
    r"(?:!|\]|:|\)|\s[|–—-])\s{0,3}(?=\S)",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(
    r"\d{1,4}\s?(?:pages?|pp\.?|figures?|words|min(?:utes?)?(?:\sread)?)", re.IGNORECASE
)
_QUOTED: Final = re.compile(r"\"[^\"]+\"|“[^“”]+”|„[^„“”]+[“”]|«[^«»]+»|「[^「」]+」|《[^《》]+》")
_BEGUN: Final = re.compile(r"(?P<begun>[^:：–—|]{2,60}?)\s?(?:[:：|]|\s[-–—])\s")
_BY: Final = re.compile(r"\s(?:by|von|par|por)\s(?=[^\W\d_])")
_DASH: Final = re.compile(r"\s[-–—]\s")
_COMMA_YEAR: Final = re.compile(r",?\s{0,2}\(?(?:19|20)\d\d\)?\Z")
_BRACKETS: Final = re.compile(r"\s[(\[](?P<inner>[^()\[\]]{3,3000})[)\]]\Z")
_STARS: Final = re.compile(r"(?:[⭐★☆🌟✨🔥]\ufe0f?){1,6}\s{1,3}(?=\S)")
_STRUCK: Final = re.compile(r"~~[^~]{1,400}~~")
_FAMILY_NAME: Final = r"[A-ZÀ-Þ][\w'’-]{0,20}[a-zß-ÿ][\w'’-]{0,20}"
_FAMILY_NAMES: Final = re.compile(
    rf"{_FAMILY_NAME}(?:,\s{_FAMILY_NAME}){{0,4}},?\s(?:and|und|et|&)\s{_FAMILY_NAME}"
)
_FEW: Final = 2
_SEVERAL: Final = 3
_MOST_OF: Final = 0.5
_MOST_MARKS: Final = 4
_FIRST_CIRCLED: Final = ord("①") - 1
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class TitleLine:
    """What a digest has in the place of a title.

    Attributes
    ----------
    number : int
        Its line.
    text : str
    abstract : str
        That of the paper.
    authors : str
        Who is named with the title.
    """

    number: int
    text: str
    abstract: str
    authors: str = ""


def without_marks(titles: Sequence[TitleLine], *, may_name: bool) -> list[TitleLine]:
    """Return the titles of a digest without what is written around them.

    Parameters
    ----------
    titles : sequence of TitleLine
        All of the digest, in its order.
    may_name : bool
        Whether authors may stand with the titles: nowhere else.

    Raises
    ------
    DigestError
        Where titles have parts of which it cannot be told whether they are theirs.
    """
    _require_nothing_struck(titles)
    _require_nothing_beside(titles)
    bare = _without_marks_of_all(list(titles))
    untopical = without_topics([each.text for each in bare], [each.number for each in bare])
    bare = [replace(each, text=text) for each, text in zip(bare, untopical, strict=True)]
    if may_name:
        bare = _without_marks_of_all(_without_authors(bare))
    _require_no_bars(bare)
    return _where_most(_where_most(bare, _without_quotes), _without_stop)


def _without_marks_of_all(bare: list[TitleLine]) -> list[TitleLine]:
    for _ in range(_MOST_MARKS):
        before = bare
        bare = [_each(title, _without_known) for title in bare]
        for change in (
            _without_news,
            _without_group_before,
            _without_group_behind,
            _without_details,
        ):
            bare = _where_most(bare, change)
        bare = _without_enumeration(_without_numbers(_without_shared_groups(bare)))
        if bare == before:
            break
    return bare


def _each(title: TitleLine, change: Callable[[str], str]) -> TitleLine:
    text = change(title.text)
    return title if text == title.text or not text else replace(title, text=text)


def _where_most(titles: list[TitleLine], change: Callable[[str], str]) -> list[TitleLine]:
    """Change titles where at least half of them, and two, are changed."""
    changed = [_each(title, change) for title in titles]
    number = sum(new is not old for new, old in zip(changed, titles, strict=True))
    return changed if number >= max(_FEW, _MOST_OF * len(titles)) else titles


def _without_known(text: str) -> str:
    """Take what stands in no title: stars, fields, a venue and its year in brackets, tags."""
    stars = _STARS.match(text)
    if stars is not None:
        return text[stars.end() :]
    tags = _TAGS.search(text[-300:])
    if tags is not None:
        return text[: len(text) - len(tags[0])]
    before, behind = _BEFORE.match(text), _BEHIND.search(text[-60:])
    if before is not None and is_category(_inner(before)):
        return text[before.end() :]
    if behind is not None and (is_category(_inner(behind)) or is_venue(_inner(behind))):
        return text[: len(text) - len(behind[0])]
    return _alone(text, _is_surely_detail)


def _inner(group: re.Match[str]) -> str:
    return next(text for text in group.groups() if text)


def _without_details(text: str) -> str:
    return _alone(text, _is_detail)


def _alone(text: str, is_detail: Callable[[str], bool]) -> str:
    """Return the one part between bars that is no detail, the text where there are several."""
    kept = [part for part in _BAR.split(text) if not is_detail(part)]
    return kept[0] if len(kept) == 1 else text


def _is_surely_detail(part: str) -> bool:
    return is_category(part) or is_score(part) or is_venue(part)


def _is_detail(part: str) -> bool:
    is_size = _SIZE.fullmatch(part) is not None
    return is_size or _is_surely_detail(part) or is_year(part) or is_link_words(part)


def _without_news(text: str) -> str:
    found = _NEWS.match(text)
    return text[found.end() :] if found is not None else text


def _without_group_before(text: str) -> str:
    found = _BEFORE.match(text)
    return text[found.end() :] if found is not None and _is_detail(_inner(found)) else text


def _without_group_behind(text: str) -> str:
    for _ in range(_MOST_MARKS):
        found = _BEHIND.search(text[-60:])
        if found is None or not _is_detail(_inner(found)):
            break
        text = text[: len(text) - len(found[0])]
    return text


def _without_quotes(text: str) -> str:
    found = _QUOTED.fullmatch(text)
    return text[1:-1] if found is not None else text


def _without_stop(text: str) -> str:
    """Take the full stop off a title; "…" and "U.S." keep theirs."""
    return text[:-1] if _STOP.search(text[-8:]) else text


def _without_shared_groups(titles: list[TitleLine]) -> list[TitleLine]:
    """Take ``[Survey]`` from titles that all have such a group; "[Re] …" replicates a paper."""
    if len(titles) < _SEVERAL:
        return titles
    found = [_BEFORE.match(title.text) for title in titles]
    if not all(found):
        return titles
    inner = [_inner(each) for each in found if each is not None]
    if any(each.casefold() == "re" or each.isdecimal() for each in inner):
        return titles
    return [
        replace(title, text=title.text[each.end() :])
        for title, each in zip(titles, found, strict=True)
        if each is not None
    ]


def _without_numbers(titles: list[TitleLine]) -> list[TitleLine]:
    """Take numbers from titles that all have one, each the next; "2/3 of all" has none."""
    found = [_NUMBER.match(title.text) for title in titles]
    if len(titles) < _FEW or not all(found):
        return titles
    numbers = [_number(each) for each in found if each is not None]
    for title, one, other in zip(titles[1:], numbers, numbers[1:], strict=False):
        if other not in {one + 1, 1}:
            if len(titles) < _SEVERAL:
                return titles
            raise DigestError(
                f"line {title.number}",
                f"number {other} after number {one}; put in what is missing between them, or "
                "number the papers anew",
            )
    return [
        replace(title, text=title.text[each.end() :])
        for title, each in zip(titles, found, strict=True)
        if each is not None
    ]


def _without_enumeration(titles: list[TitleLine]) -> list[TitleLine]:
    """Take ``II.``, ``b)``, ``1.2`` or ``Item 3.`` from titles of which each has the next one."""
    found = [_ENUMERATED.match(title.text) for title in titles]
    if len(titles) < _FEW or not all(found):
        return titles
    for read in (_roman, _letter, _last_digits):
        numbers = [read(each["number"]) for each in found if each is not None]
        around = {(each["before"], each["behind"].strip()) for each in found if each is not None}
        follow = all(one and other == one + 1 for one, other in pairwise(numbers))
        # A letter or a number alone may be a word: "A survey", "3 days".
        told = all(map(_is_told, found))
        if len(around) == 1 and follow and told:
            return [
                replace(title, text=title.text[each.end() :])
                for title, each in zip(titles, found, strict=True)
                if each is not None
            ]
    return titles


def _is_told(found: re.Match[str] | None) -> bool:
    number = found["number"] if found is not None else ""
    behind = found["behind"].strip() if found is not None else ""
    return bool(behind) or number.startswith("0") or "." in number


def _roman(text: str) -> int:
    """Return the number that Roman numerals say, 0 where they are none."""
    values = [_NUMERALS.get(each, 0) for each in text.upper()]
    if not all(values):
        return 0
    return sum(
        -one if one < other else one for one, other in zip(values, [*values[1:], 0], strict=True)
    )


def _letter(text: str) -> int:
    return ord(text.lower()) - ord("a") + 1 if len(text) == 1 and text.isalpha() else 0


def _last_digits(text: str) -> int:
    digits = _TRAILING_DIGITS.search(text)
    return int(digits[0]) if digits is not None else 0


def _number(found: re.Match[str]) -> int:
    circled = found["circled"]
    return ord(circled) - _FIRST_CIRCLED if circled else int(found[found.lastgroup or 0])


def _without_authors(titles: list[TitleLine]) -> list[TitleLine]:
    """Part titles from the authors behind "by", a dash, a bar or in brackets, if all have them."""
    for part in (_behind_by, _behind_dash, _in_brackets, _behind_bar):
        parted = [part(title.text) for title in titles]
        _require_no_place(titles, parted)
        named = [
            two is not None and are_authors(two[1], title.abstract)
            for title, two in zip(titles, parted, strict=True)
        ]
        perhaps = [
            two is not None and _are_family_names(two[1], title.abstract)
            for title, two in zip(titles, parted, strict=True)
        ]
        tails = [two[1] for two, is_one in zip(parted, named, strict=True) if two and is_one]
        if any(tail.endswith("et al.") or len(names_alone(tail)) > 1 for tail in tails):
            named = [one or other for one, other in zip(named, perhaps, strict=True)]
        elif sum(perhaps) >= max(_MOST_OF * len(titles), _FEW):
            at = perhaps.index(True)
            raise _may_be_authors(titles[at], (parted[at] or ("", ""))[1])
        [first, *others] = titles
        alone = not others and parted[0] is not None and _are_surely(parted[0][1], first.abstract)
        if not alone and sum(named) < max(_MOST_OF * len(titles), _FEW):
            continue
        authors = []
        for title, two, is_named in zip(titles, parted, named, strict=True):
            if two is not None and not is_named:
                raise _may_be_authors(title, two[1])
            authors.append(title if two is None else replace(title, text=two[0], authors=two[1]))
        return authors
    return titles


def _require_no_place(titles: list[TitleLine], parted: Sequence[tuple[str, str] | None]) -> None:
    """Notice journals, conferences and the like where authors may stand."""
    tails = [(title, two[1]) for title, two in zip(titles, parted, strict=True) if two is not None]
    # One institution may stand behind all titles, one author seldom does.
    is_same = len(tails) >= max(_SEVERAL, len(titles)) and len({tail for _, tail in tails}) == 1
    odd = [
        (title, tail)
        for title, tail in tails
        if len(tail) <= _LONGEST_SHOWN
        and (names_periodical(tail) or (is_same and len(names_alone(tail)) == 1))
    ]
    if len(odd) >= max(_FEW, _MOST_OF * len(titles)):
        raise _may_be_authors(*odd[0])


def _behind_by(text: str) -> tuple[str, str] | None:
    return _behind_last(_BY, text)


def _behind_dash(text: str) -> tuple[str, str] | None:
    return _behind_last(_DASH, text)


def _behind_bar(text: str) -> tuple[str, str] | None:
    return _behind_last(_BAR, text)


def _behind_last(pattern: re.Pattern[str], text: str) -> tuple[str, str] | None:
    found = next(iter(deque(pattern.finditer(text), maxlen=1)), None)
    if found is None or not text[: found.start()].strip():
        return None
    return text[: found.start()].rstrip(" ,;"), _COMMA_YEAR.sub("", text[found.end() :]).strip()


def _in_brackets(text: str) -> tuple[str, str] | None:
    found = _BRACKETS.search(text)
    if found is None:
        return None
    return text[: found.start()].rstrip(), _COMMA_YEAR.sub("", found["inner"])


def _are_surely(text: str, abstract: str) -> bool:
    """Whether a text of one title alone is names: several, and nothing of it in the abstract."""
    return len(names_alone(text)) > 1 and not share_said_again(text, abstract)


def _are_family_names(text: str, abstract: str) -> bool:
    """Whether a text may be family names alone, or words of a title: "Okoye and Lindgren"."""
    return _FAMILY_NAMES.fullmatch(text) is not None and not share_said_again(text, abstract)


def _may_be_authors(title: TitleLine, text: str) -> DigestError:
    return DigestError(
        f"line {title.number}",
        f"'{text[:_LONGEST_SHOWN]}' may be authors, a journal or the end of the title; write what "
        "is not the title on a line of its own, with 'Authors:' or 'Venue:' before it",
    )


def _require_nothing_struck(titles: Sequence[TitleLine]) -> None:
    """Notice a title that somebody struck out: whether the paper counts nobody knows."""
    for title in titles:
        if _STRUCK.search(title.text):
            raise DigestError(
                f"line {title.number}",
                f"'{title.text[:_LONGEST_SHOWN]}' is struck out; take the paper out, or the '~~'",
            )


def _require_nothing_beside(titles: Sequence[TitleLine]) -> None:
    """Notice days, and journals and authors before titles, which are said of their papers."""
    odd = []
    for title in titles:
        begun, before, behind = (
            _BEGUN.match(title.text),
            _BEFORE.match(title.text),
            _BEHIND.search(title.text[-60:]),
        )
        said = [begun["begun"] if begun is not None else ""]
        said += [_inner(each) for each in (before, behind) if each is not None]
        parts = _BAR.split(title.text)
        found = [text for text in (*said, *parts) if is_day(text)]
        is_journal = names_periodical(said[0]) and said[0].count(" ") < _SEVERAL
        is_other = is_journal or _are_surely(said[0], title.abstract)
        found += [said[0]] if is_other else []
        odd += [(title, found[0])] if found else []
    if len(odd) >= max(_FEW, _MOST_OF * len(titles)):
        title, text = odd[0]
        raise DigestError(
            f"line {title.number}",
            f"'{text[:_LONGEST_SHOWN]}' beside the title; write it on a line of its own, with "
            "'Date:', 'Venue:' or 'Authors:' before it",
        )


def _require_no_bars(titles: list[TitleLine]) -> None:
    """Notice a part behind a bar in most titles, of which nobody knows what it is."""
    barred = [title for title in titles if "|" in title.text and _BAR.search(title.text)]
    if len(barred) >= max(_FEW, _MOST_OF * len(titles)):
        raise DigestError(
            f"line {barred[0].number}",
            f"'{barred[0].text[:_LONGEST_SHOWN]}' has a bar within; write the title alone, and "
            "what else is said of the paper on lines of their own",
        )
