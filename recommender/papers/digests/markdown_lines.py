"""Room 1, papers: a line as Markdown and its like mark it: headings, lists, bold, links. Pure.

What a line means in a digest, `line_roles` decides; here is only how it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from recommender.papers.digests.endings import is_ended
from recommender.papers.identity.identifiers import identifiers_of
from recommender.papers.text.calendar_dates import is_day
from recommender.papers.text.labels import label_in

_ADDRESS: Final = (
    r"https?://[^\s<>()\[\]|]{1,1000}(?:\([^\s<>()]{0,200}\)[^\s<>()\[\]|]{0,500}){0,3}"
)
LABELLED_LINK: Final = re.compile(
    rf"!?\[(?P<text>(?:[^\[\]]|\[[^\[\]]{{0,300}}\]){{0,600}})\]"
    rf"\(\s{{0,3}}<?(?P<url>{_ADDRESS})>?(?:\s{{1,3}}[\"'][^\"']{{0,200}}[\"'])?\s{{0,3}}\)"
    rf"|<(?P<slack>{_ADDRESS})\|(?P<name>[^<>|]{{1,600}})>"
)
_BARE: Final = re.compile(rf"<?(?P<url>{_ADDRESS})>?")
_NAMED_ID: Final = re.compile(
    r"arxiv\s?(?:id)?\s?[:：]\s?\S{6,40}(?:\s\[[\w.-]{2,20}\])?|doi\s?[:：]\s?10\.\S{1,300}"
    r"|(?<![\w./])\d{4}\.\d{4,5}(?:v\d{1,2})?(?![\w/]|\.\d)|(?<![\w./])10\.\d{4,9}/\S{1,300}",
    re.IGNORECASE,
)
# What stands around addresses on a line of links, and what link texts say that name no paper.
_LINK_WORD: Final = re.compile(
    r"\W*(?:(?:pdf|arxiv|paper|papers|code|link|links|url|html|hugging ?face|hf|read|more|on|or|and"
    r"|here|abs|abstract|project|page|github|git|website|web|site|doi|full|text|article|the|it|at"
    r"|source|view|open|see|available|preprint|webpage|demo|model|models|data|dataset|datasets|bib"
    r"|slides|video|blog|alphaxiv|scholar|semantic|summary|discussion|comments|original|download"
    r"|weiterlesen|zum|artikel|lien|lire|la|suite|enlace|leer|más|链接|论文|原文|代码|リンク|論文"
    r"|liên|kết|\d{1,4}\s?kb|id|cs|stat|math|eess|[a-z-]{2,8}\.[a-z]{2}|v\d)(?![^\W_])\W*)*",
    re.IGNORECASE,
)
_LONGEST_LINK_WORDS: Final = 120
_MOST_LINK_WORDS: Final = 40
_LONGEST_RULE: Final = 300
_HINT: Final = re.compile(r"://|\d{4}\.\d{4}|10\.\d{4}|arxiv\s?[:：]|/\d{7}", re.IGNORECASE)
_ANNOUNCED: Final = re.compile(r"^(arxiv|doi)\s?(?:id)?\s?[:：]\s?", re.IGNORECASE)

_QUOTE: Final = re.compile(r"(?:>[ \t]?){1,20}[ \t]*(?=[^\s>])")
_HEADING: Final = re.compile(r"(?P<mark>#{1,6}|={2,5}|\*{2,4})[ \t]+(?=\S)")
BULLETS: Final = "-*+•‣◦▪■●○–—·→►▶➤➢✦★☆∙⁃□◆◇❖"
_BULLET: Final = re.compile(r"(?P<mark>[-*+•‣◦▪■●○–—·→►▶➤➢✦★☆∙⁃□◆◇❖])[ \t]+(?:\[[ xX]\]\s)?(?=\S)")
_NUMBER: Final = re.compile(
    r"(?:(?P<point>\d{1,4})\.|(?P<paren>\d{1,4})\)|\[(?P<square>(?!(?:19|20)\d\d\])\d{1,4})\]|\((?P<round>\d{1,4})\)"
    r"|#(?P<hash>\d{1,4})[.:)]?|(?:No\.?|Nr\.?|№)\s?(?P<no>\d{1,4})[.:)]?"
    r"|(?:Paper|Article|Papier|Artikel|论文)\s(?P<word>\d{1,4})\s?[.:：—–-])[ \t]+(?=\S)"
    r"|【(?P<lens>\d{1,4})】[ \t]*(?=\S)"
)
_KEYCAPS: Final = re.compile(r"(?P<digits>(?:\d\ufe0f?\u20e3){1,4}(?!\d\ufe0f?\u20e3)|🔟)\s*(?=\S)")
_EMOJI: Final = re.compile(
    r"(?P<mark>[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
    r"(?:[\ufe0f\u200d\U0001f3fb-\U0001f3ff\u2640\u2642]"
    r"|(?<=\u200d)[\u2600-\u27bf\U0001f000-\U0001faff])*)\s*(?=\S)"
)
_STRONG: Final = re.compile(
    r"(?P<mark>\*\*\*|\*\*|__)(?=\S)(?P<text>.{1,1200}?)(?<=\S)(?P=mark)(?!\w)(?P<rest>.*)",
    re.DOTALL,
)
_SLANTED: Final = re.compile(r"(?P<mark>[*_])(?=[^\s*_])(?P<text>.{1,100000})(?<=\S)(?P=mark)")
_EMPHASIS_WITHIN: Final = re.compile(r"\s[*_](?=\w)|(?<=\w)[*_](?=[\s,.;:])")
_SENTENCE_END: Final = tuple(".?!…。！？\"”’'»)]")
_READ_ON: Final = re.compile(
    r"(?<![\w/-])[(\[]?\s?"
    r"(?:(?:read|more|on|or|and|see|full|text|paper|link|available)\b[ :]{0,3}){1,6}\Z",
    re.IGNORECASE,
)
_RULE: Final = re.compile(
    r"(?:[-=_*~•·─━═—–#]\s?){3,}|(?:%{2,3}-{2,3}){3,}%{0,3}|\\\\|(?:[⸻❦❧☙✻✽]\s?){1,5}"
    r"|-{2,}\s?[8<>✂✁]+\s?-{2,}"
)
_UNDERLINE: Final = re.compile(r"(?:={3,}|-{3,}|~{3,}|\^{3,})")
_DELIMITER: Final = re.compile(r"[ \t\u3000]*")


@dataclass(frozen=True, slots=True)
class Link:
    """An address on a line, and the text that stands for it, if any."""

    url: str
    text: str = ""


@dataclass(frozen=True)
class Line:
    """A line that is not blank.

    Attributes
    ----------
    number : int
        In the file, from 1.
    indent : int
        White space before it.
    marks : tuple of str
        From the outside in: ``#2``, ``-``, ``1.``, an emoji, ``**``, ``[]`` for a link.
    texts : tuple of str
        What stands behind each mark: one more than there are marks, the first is the whole line.
    rest : str
        What follows the bold text or link that the line begins with.
    links : tuple of Link
        Of the marks and around them; not those within the text.
    ordinals : tuple of int
        The numbers in ``marks``, in their order.
    may_be_label : bool
        Whether ``Date: …`` announces anything.
    quote : str
        The ``>`` taken from its beginning.
    said : tuple of str, optional
        A role and its text that only the whole file tells, in place of a label's.
    """

    number: int
    indent: int
    marks: tuple[str, ...]
    texts: tuple[str, ...]
    rest: str = ""
    links: tuple[Link, ...] = ()
    ordinals: tuple[int, ...] = ()
    may_be_label: bool = True
    quote: str = ""
    said: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        """The text without any mark."""
        return self.texts[-1]

    @property
    def whole(self) -> str:
        """The line as it stands, without white space around it."""
        return self.texts[0]

    @cached_property
    def is_links(self) -> bool:
        """Whether it is addresses or identifiers and nothing else."""
        return is_all_links(self.whole) or (len(self.texts) > 1 and is_all_links(self.text))

    @cached_property
    def is_rule(self) -> bool:
        """Whether it is drawn and says nothing."""
        return is_rule(self.whole)

    @property
    def numbered_text(self) -> str:
        """The text without any mark, but with a number before it: "11. marts 2025"."""
        return self.texts[-2] if self.marks and self.marks[-1][0] == "1" else self.text

    @cached_property
    def day_text(self) -> str:
        """What of it is a day and nothing else; nothing where it is none."""
        texts = dict.fromkeys((self.text, self.numbered_text, self.whole))
        return next(filter(is_day, texts), "")

    @property
    def is_day(self) -> bool:
        """Whether it is a day and nothing else."""
        return bool(self.day_text)

    @cached_property
    def label(self) -> tuple[str, str] | None:
        """Which role it announces, and what it says behind the label."""
        if self.said is not None:
            return self.said
        return label_in(self.marks, self.texts) if self.may_be_label else None


def read_line(number: int, raw: str) -> Line:
    """Take the marks from a line that is not blank, from the outside in."""
    indent = len(_DELIMITER.match(raw)[0].expandtabs(4))  # type: ignore[index]
    text = raw.strip().lstrip("\ufe0f\u200d \t")
    quoted = _QUOTE.match(text)
    text = text[quoted.end() :] if quoted is not None else text
    marks: list[str] = []
    texts = [text]
    links: list[Link] = []
    ordinals: list[int] = []
    rest = ""
    for _ in range(6):
        mark, text, behind, link, ordinal = _outermost(texts[-1])
        # What is bold may be a link as a whole, whatever follows it.
        if not mark or (rest and (behind or mark not in {"[]", "_", "**"})):
            break
        rest = rest or behind
        marks.append(mark)
        texts.append(text.strip())
        links += [link] if link else []
        ordinals += [ordinal] if ordinal is not None else []
    if rest and is_all_links(rest):
        links += links_in(rest)
        rest = ""
    return Line(
        number,
        indent,
        tuple(marks),
        tuple(texts),
        rest,
        tuple(links),
        tuple(ordinals),
        quote=raw.strip().removesuffix(texts[0]),
    )


def _outermost(  # noqa: PLR0911 - one per mark
    text: str,
) -> tuple[str, str, str, Link | None, int | None]:
    """Return mark, text within, rest behind it, link and number of the outermost mark."""
    found = _HEADING.match(text)
    if found is not None:
        within = text[found.end() :]
        closed = within.rstrip("#").rstrip() if found["mark"][0] == "#" else within.rstrip("= ")
        return f"{found['mark'][0]}{len(found['mark'])}", closed or within, "", None, None
    found = _BULLET.match(text)
    if found is not None:
        return found["mark"], text[found.end() :], "", None, None
    found = _NUMBER.match(text)
    if found is not None:
        kind, digits = next((kind, value) for kind, value in found.groupdict().items() if value)
        return f"1{kind}", text[found.end() :], "", None, int(digits)
    found = _KEYCAPS.match(text)
    if found is not None:
        digits = "".join(filter(str.isdigit, found["digits"])) or "10"
        return "1keycap", text[found.end() :], "", None, int(digits)
    found = _EMOJI.match(text)
    if found is not None:
        return found["mark"], text[found.end() :], "", None, None
    found = _STRONG.match(text)
    if found is not None:
        return "**", found["text"], found["rest"].strip(), None, None
    found = _SLANTED.fullmatch(text)
    if found is not None and not _EMPHASIS_WITHIN.search(found["text"]):
        return "_", found["text"], "", None, None
    found = LABELLED_LINK.match(text)
    if found is not None and not text.startswith("!"):
        link = Link(found["url"] or found["slack"], (found["text"] or found["name"] or "").strip())
        if link.text and not is_link_words(link.text):
            return "[]", link.text, text[found.end() :].strip(), link, None
    return "", text, "", None, None


def is_rule(text: str) -> bool:
    """Whether a line is drawn and says nothing."""
    return len(text) <= _LONGEST_RULE and _RULE.fullmatch(text) is not None


def underline_of(text: str) -> str:
    """Return the character with which a line underlines the one above it, or nothing."""
    return text[0] if _UNDERLINE.fullmatch(text) else ""


def links_in(text: str) -> list[Link]:
    """Find the addresses and identifiers in a text, in its order of kinds."""
    found: list[Link] = []
    if "://" in text:
        if "](" in text or "|" in text:
            found += [
                Link(each["url"] or each["slack"], (each["text"] or each["name"] or "").strip())
                for each in LABELLED_LINK.finditer(text)
                if not each[0].startswith("!")
            ]
            text = LABELLED_LINK.sub(" ", text)
        found += [Link(each["url"].rstrip(".,;:!?\"'*_")) for each in _BARE.finditer(text)]
        text = _BARE.sub(" ", text)
    for each in _NAMED_ID.finditer(text):
        words = _ANNOUNCED.sub(r"\1:", each[0]).split()
        word = words[0].rstrip(".,;)]")
        if any(identifiers_of(word)):
            found.append(Link(word))
    return found


def is_all_links(text: str) -> bool:
    """Whether a text is addresses or identifiers, and words that only say so."""
    if text.count(" ") > _MOST_LINK_WORDS or not _HINT.search(text):
        return False
    found = links_in(text)
    if not found or not all(link.text == "" or is_link_words(link.text) for link in found):
        return False
    rest = _NAMED_ID.sub(" ", _BARE.sub(" ", LABELLED_LINK.sub(" ", text)))
    return is_link_words(rest)


def is_link_words(text: str) -> bool:
    """Whether a text says no more than "read the paper here"."""
    return len(text) <= _LONGEST_LINK_WORDS and (
        _LINK_WORD.fullmatch(text) is not None
        or bool(_NAMED_ID.search(text) and _LINK_WORD.fullmatch(_NAMED_ID.sub(" ", text)))
        or bool(re.fullmatch(r"[\w.-]{1,60}\.(?:org|com|io|net|edu|co)", text))
    )


def _is_whole(text: str) -> bool:
    return text.endswith(_SENTENCE_END) or is_ended(text)


def without_trailing_links(text: str) -> tuple[str, list[Link]]:
    """Take ``([arXiv](…) | [PDF](…))`` from the end of a text: links that name no paper."""
    taken: list[Link] = []
    tail_from = max(0, len(text) - 3_000)
    chained = False
    while True:
        found = None
        for each in LABELLED_LINK.finditer(text, tail_from):
            found = each
        if found is None or not is_link_words((found["text"] or found["name"] or "").strip()):
            break
        if text[found.end() :].strip(" .)]|,·•*"):
            break
        bare = text[: found.start()].rstrip()
        ahead = _READ_ON.sub("", bare).rstrip(" ([|·•,")
        bracketed = bare.endswith(("(", "["))
        is_paper = any(identifiers_of(found["url"] or found["slack"]))
        if not (bracketed or chained or is_paper or not ahead or _is_whole(ahead)):
            break
        taken.insert(0, Link(found["url"] or found["slack"]))
        chained = bare.endswith(("|", "·", "•", ",", "/", " or", " and"))
        text = ahead if not bracketed else bare[:-1].rstrip(" ([") if not chained else bare
        text = text.rstrip(" |·•,")
        tail_from = min(tail_from, len(text))
    return text.rstrip(), taken
