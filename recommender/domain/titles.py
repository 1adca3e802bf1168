r"""Domain: what the spellings of one title share, and how much a title says of which paper it is.

Pure. Digests number titles, link them and append what they are called at arXiv; sources write a
formula in LaTeX, in HTML or in Unicode. All of this is undone before letters are compared, and
each step takes time in proportion to the title's length.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache
from html import unescape
from typing import Final

from recommender.domain.title_words import FRONT_MATTER, GREEK, LATEX_DROPPED, SMALL_WORDS

_LONGEST_RUN_OF_MARKS: Final = 30

# Letters that Unicode does not decompose, and signs that LaTeX has a name for.
_PLAIN: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "ng"}
    | {"×": "x", "∆": "delta", "∞": "infinity", "∇": "nabla", "∂": "partial", "√": "sqrt"}
    | dict.fromkeys("$^{}`")
)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});")
_TAG: Final = re.compile(
    r"</?(?:a|abbr|b|bold|br|cite|code|del|div|em|font|h[1-6]|i|ins|italic|kbd|li|mark|math|mi|mn"
    r"|mo|mrow|msub|msup|msubsup|mtext|mover|munder|mfrac|msqrt|p|q|s|sc|scp|small|span|strike"
    r"|strong|sub|sup|title|tt|u|var|inline-formula|tex-math|(?:mml|jats):[a-z-]{1,20})"
    r"(?:\s[^<>]*)?/?>|<!\[cdata\[|\]\]>"
)

# What is longer is a Greek word.
_GREEK_SYMBOLS: Final = re.compile("(?<![α-ω])[α-ω]{1,3}(?![α-ω])")
_COMMAND: Final = re.compile(r"\\(?:(?P<name>[a-z]+)\*?|(?P<mark>.))", re.DOTALL)
_LATEX_LETTERS: Final = {
    **{name: name for name in ("o", "l", "i", "j", "ss", "ae", "oe", "th", "ng")},
    "aa": "a",
    "dh": "d",
    "dj": "d",
    "times": "x",
    "infty": "infinity",
    "ell": "l",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "lt": "<",
    "gt": ">",
    "sharp": "#",
}
# hyperref has a formula's words beside it.
_FOR_BOOKMARKS: Final = re.compile(r"\\texorpdfstring\s?\{[^{}]{0,200}\}")
# The letters, wherever they stand: what loses its punctuation has "plugandplay".
_AND: Final = "and"
_LONGEST: Final = 4_000
_LONGEST_CACHED: Final = 1_000
_PLAIN_WORDS: Final = re.compile(r"[a-z][a-z0-9 ,:;'?!./-]*")
_NOT_PLAIN: Final = ("arxiv", "http", "www.")
_LABELS: Final = ("title", "no", "nr", "paper")

_ARXIV_ID: Final = r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]{2,12}(?:\.[a-z]{2})?/[0-9]{7})(?:v[0-9]{1,2})?"
_CATEGORY: Final = r"[a-z-]{2,9}\.[a-z-]{2,9}"
_BEFORE: Final = re.compile(
    rf"""
      \#{{1,6}}\s+
    | (?:[^\w\[(#【]|_)+
    | (?:\# | no\. \s? | nr\. \s?) [0-9]{{1,3}} \s?[:.)\]–—-]* (?:\s+|(?=[*_\[]))
    | (?:no|nr|paper) \s?\#?[0-9]{{1,3}} \s?[:.)–—]+ \s*
    | [(\[【] \s?[0-9]{{1,3}}\s? [)\]】] [.:)–—-]? \s*
    | [0-9]{{1,3}} (?: \s?[.):]{{1,2}} (?:\s+|(?=[*_\[])) | \s?[–—|/]\s+ | \s-\s+ | 、\s*
        | \ufe0f?\u20e3\s* )
    | [0-9]{{1,2}} \. (?=[^\W\d_])
    | [a-z]\)\s+
    | (?:\[\s?)? (?:arxiv\s?:?\s?)? {_ARXIV_ID} (?:\] | \s?[:|–—-])? \s+
    | [(\[] (?:{_CATEGORY}|pdf|html|book|citation|asap|preprint|new|updated|[a-z]) [)\]] \s+
    | https?://\S+\s+
    | (?:title|paper) [*_]{{0,3}} \s?: \s*
    """,
    re.VERBOSE,
)
_MOST_AROUND: Final = 6
_LINK_TARGET: Final = re.compile(
    r"\]\s?\((?:https?:|/|\#|www\.|<|mailto:)?[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})*"
    r"(?:\s\"[^\"]{0,200}\")?\)"
)
_ARXIV_BEHIND: Final = re.compile(
    rf"arxiv(?:\.org)?(?:\s?(?:id|preprint))?[\s:/\#]{{0,4}}(?:abs/|pdf/)?(?P<id>{_ARXIV_ID})?"
    r"(?:\s?[\[(][a-z-]{2,12}(?:\.[a-z-]{2,12})?[\])])?(?:\s?(?:updated|cross listed))?"
    r"[\s)\].]{0,4}(?:updated|cross listed)?\s?"
)
# Where papers are given: what is in brackets behind a title and ends with a year is one of these.
_CONFERENCES: Final = (
    "3dv|aaai|aamas|accv|acl|acm mm|acml|aistats|asplos|bmvc|ccs|chi|cikm|coling|colm|colt|conll"
    "|corl|cscw|cvpr|eacl|eccv|ecir|ecml|emnlp|eurosys|facct|focs|fse|hpca|icassp|iccv|icde|iclr"
    "|icml|icra|icse|ijcai|interspeech|iros|isca|ismir|itcs|kdd|l4dc|lrec|miccai|midl|mlsys|naacl"
    "|ndss|neurips|nips|nsdi|oopsla|osdi|pldi|pods|popl|recsys|rss|sigcomm|siggraph(?: asia)?|sigir"
    "|sigmod|soda|sosp|stoc|tacl|thewebconf|tmlr|uai|uist|usenix security|vldb|wacv|wsdm|www"
)
_VENUE: Final = (
    r"(?:(?:accepted|presented|published|to\sappear|appeared)\s(?:at|by|in|to)\s)?"
    rf"(?:findings\sof\s)?(?:{_CONFERENCES.replace(' ', chr(92) + 's')})"
    r"\s?[’'‘]?(?:20)?[0-9]{2}(?:,?\s(?:main|findings|oral|spotlight|poster|highlight|workshop"
    r"|best\spaper))?"
)
_ASIDE: Final = re.compile(
    rf"{_VENUE}|(?:v|version\s)[0-9]{{1,2}}|{_ARXIV_ID}(?:\s\S{{1,12}})?"
    r"|(?:doi|https?|www|arxiv)\b.{0,300}"
    r"|(?:pdf|html|code|github|video|slides|link|paper|abs|project(?:\spage)?|demo|poster|oral"
    r"|spotlight|preprint|(?:short|long|full|demo|regular|workshop)\spaper"
    r"|(?:extended|student|poster)\sabstract|(?:extended|full|long|short)\sversion|new|updated"
    rf"|cross\slisted|{_CATEGORY}(?:,\s?{_ARXIV_ID})?"
    r"|[0-9]{1,5}\s(?:up)?(?:votes?|points?|likes?|stars?|comments?))(?:,\s?[0-9.]{1,5}\s?[kmg]b)?"
)
_AROUND: Final = " \t\r\n.,;:|*_\"'-–—•~/\\"
_LONGEST_ASIDE: Final = 320

_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS_BESIDE_FRONT_MATTER: Final = 8
_LETTERS_THAT_TELL: Final = 16
_WORDS_THAT_TELL: Final = 3
# A Chinese, Japanese or Korean character says as much as a syllable or two.
_DENSE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTERS_OF_A_DENSE_ONE: Final = 3


class Telling(IntEnum):
    """How much a title says of which paper it is.

    ``LITTLE``: nothing is left without the words of front matter, small words and numbers, or
    fewer than 8 letters beside words of front matter. ``SHORT``: fewer than 16 letters are left,
    or fewer than 3 words. ``ENOUGH``: more.
    """

    LITTLE = 0
    SHORT = 1
    ENOUGH = 2


def title_key(title: str) -> str:
    r"""Reduce a title to what its spellings share: letters and digits, without case.

    Numbers and marks before it, Markdown, links, arXiv's id behind it, HTML, LaTeX, accents,
    punctuation, white space and "and" do not count. A title without any letter or digit is its
    own key, so that only an empty title has an empty one.

    Examples
    --------
    >>> title_key(r"3. **[$\alpha$-Nets &amp; {\"O}sets](https://example.org)** (arXiv:2401.01234)")
    'alphanetsosets'
    """
    return _cached_key(title) if len(title) <= _LONGEST_CACHED else _key(title)


def _key(title: str) -> str:
    folded = _folded(title)[:_LONGEST]
    spelled = folded if _is_plain(folded) else _bare(folded)
    key = without_and("".join(filter(str.isalnum, spelled)))
    return (
        key
        or "".join(filter(str.isalnum, folded))
        or "".join(folded.split())
        # Of accents alone nothing is left above.
        or "".join(unicodedata.normalize("NFKD", stream_safe(title[:_LONGEST])).split())
    )


# Each title is asked for some four times on its way.
_cached_key = lru_cache(maxsize=8_192)(_key)


@lru_cache(maxsize=2_000)
def telling(title: str) -> Telling:
    """Judge how much a title says, by the letters that are left without what many titles have."""
    words = _WORD.findall(_bare(_folded(title)[:_LONGEST]))
    own = [
        word
        for word in words
        if word not in FRONT_MATTER and word not in SMALL_WORDS and not word.isdecimal()
    ]
    letters = sum(map(_weight, own))
    beside = any(word in FRONT_MATTER for word in words)
    if not own or (beside and letters < _LETTERS_BESIDE_FRONT_MATTER):
        return Telling.LITTLE
    is_dense = _DENSE.search(title) is not None
    if letters < _LETTERS_THAT_TELL or (len(own) < _WORDS_THAT_TELL and not is_dense):
        return Telling.SHORT
    return Telling.ENOUGH


def letters_of(text: str) -> str:
    """Reduce a text of any length to its letters and digits, without case and accents."""
    return "".join(filter(str.isalnum, _folded(text)))


def spelled_letters_of(text: str) -> str:
    """Reduce a text like `letters_of`, with what HTML, LaTeX and Greek letters stand for."""
    return "".join(filter(str.isalnum, _spelled_out(_folded(text))))


def spelled_out(title: str) -> str:
    """Write a title in lower case and plain letters, its HTML and LaTeX undone."""
    return _spelled_out(_folded(title)[:_LONGEST])


def without_tags(text: str) -> str:
    """Take HTML's tags out of a title in lower case; other angle brackets stay."""
    return _TAG.sub(" ", text) if "<" in text else text


def is_column(title: str) -> bool:
    """Whether a title is short and has words of front matter, as what periodicals print again.

    Examples
    --------
    >>> is_column("Research highlights"), is_column("Research on highlights of images in print")
    (True, False)
    """
    words = _WORD.findall(_bare(_folded(title)[:_LONGEST]))
    return telling(title) is not Telling.ENOUGH and not FRONT_MATTER.isdisjoint(words)


def without_and(letters: str) -> str:
    """Drop "and" from letters, as keys do."""
    while _AND in letters:
        letters = letters.replace(_AND, "")
    return letters


def _weight(word: str) -> int:
    return len(word) + (_LETTERS_OF_A_DENSE_ONE - 1) * len(_DENSE.findall(word))


def _bare(folded: str) -> str:
    return without_surroundings(_spelled_out(folded))


def _is_plain(folded: str) -> bool:
    """Whether a title is words between which nothing stands around or for something."""
    return (
        _PLAIN_WORDS.fullmatch(folded) is not None
        and not folded.startswith(_LABELS)
        and not any(each in folded for each in _NOT_PLAIN)
    )


def _folded(text: str) -> str:
    """Write a text in lower case, without accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", stream_safe(text))
    # Folding can bring back composed or capital forms; the second round settles them.
    for _ in range(2):
        folded = unicodedata.normalize("NFKD", folded.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def stream_safe(text: str) -> str:
    """Keep of each run of combining marks 30: to order them takes the square of their number.

    No language writes more: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format.
    """
    if text.isascii() or not any(map(unicodedata.combining, text)):
        return text
    kept = []
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run <= _LONGEST_RUN_OF_MARKS:
            kept.append(letter)
    return "".join(kept)


def _spelled_out(text: str) -> str:
    """Write HTML, LaTeX and Greek letters as plain letters."""
    # Some sources escape twice.
    for _ in range(2):
        if "&" in text:
            text = _folded(_ENTITY.sub(lambda found: unescape(found[0]), text))
    text = without_tags(text)
    if "\\" in text:
        text = _FOR_BOOKMARKS.sub(" ", text)
        text = _COMMAND.sub(_command, text)
    return _GREEK_SYMBOLS.sub(_greek, text.translate(_PLAIN))


def _command(found: re.Match[str]) -> str:
    name = found["name"]
    if name is None:
        # Markdown escapes with a backslash too.
        return found["mark"] if found["mark"] in "*#+&%_<>()[]." else ""
    if name in LATEX_DROPPED:
        return ""
    return _LATEX_LETTERS.get(name, name.removeprefix("var") or name)


def _greek(found: re.Match[str]) -> str:
    return "".join(map(GREEK.__getitem__, found[0].replace("ς", "σ")))


def without_surroundings(text: str) -> str:
    """Take from a title its number, marks and label, link targets and what stands behind it."""
    if "](" in text or "] (" in text:
        text = _LINK_TARGET.sub("] ", text)
    start = 0
    for _ in range(_MOST_AROUND):
        found = _BEFORE.match(text, start)
        if found is None:
            break
        start = found.end()
    text = text[start:] if start < len(text) else text
    for _ in range(_MOST_AROUND):
        shorter = _without_last(text.rstrip(_AROUND))
        if shorter == text:
            break
        text = shorter
    return text


def _without_last(text: str) -> str:
    """Take from the end of a title one thing that is not of it."""
    before, space, last = text.rpartition(" ")
    if space and last.lstrip("(<[").startswith(("http://", "https://", "www.")):
        return before
    at = text.rfind("arxiv")
    if at > 0:
        found = _ARXIV_BEHIND.fullmatch(text, at)
        before = text[:at].rstrip()
        if found is not None and (found["id"] or before.endswith(("(", "[", "|", "-", "–", "—"))):
            return before.rstrip(_AROUND + "([{")
    if text.endswith((")", "]")):
        opened = max(text.rfind("("), text.rfind("["))
        inner = text[opened + 1 : -1]
        if opened > 0 and len(inner) <= _LONGEST_ASIDE and _ASIDE.fullmatch(inner.strip(" []()")):
            return text[:opened]
    return text
