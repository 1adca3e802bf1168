"""Room 1, papers: what is said of a paper in a few words: votes, fields, venues, journals. Pure."""

from __future__ import annotations

import re
from typing import Final

_SIGN: Final = r"[⬆↑▲👍👏⭐★☆🌟✨🔥❤♥💬💖🏆📈🤗]\ufe0f?"
_COUNT: Final = r"\d{1,3}(?:[,.]?\d{1,3})?\s?[kK]?"
_WORD: Final = r"(?:(?:up)?votes?|stars?|likes?|points?|citations?|comments?|score)"
_SIGNED: Final = rf"(?:{_SIGN}){{1,5}}\s?(?:{_WORD}\s?[:：]?\s?)?(?:{_COUNT}(?:\s?{_WORD})?)?"
_NAMED: Final = rf"(?:{_COUNT}\s?(?:{_SIGN}|{_WORD})|{_WORD}\s?[:：]\s?{_COUNT})"
_SCORE: Final = rf"(?:{_SIGNED}|{_NAMED})(?:\s?[,·|/]?\s?(?:{_SIGNED}|{_NAMED})){{0,4}}"
_ALONE: Final = re.compile(rf"[(\[]?\s?{_SCORE}\s?[)\]]?", re.IGNORECASE)
_AT_END: Final = re.compile(
    rf"\s{{1,3}}(?:[|·]\s?)?(?:{_SIGNED}(?:\s?[,·|/]?\s?{_SIGNED}){{0,4}}|[(\[]\s?{_SCORE}\s?[)\]])\Z",
    re.IGNORECASE,
)
_LONGEST_SCORE: Final = 60
_CATEGORY: Final = re.compile(
    r"(?:(?:cs|stat|math|eess|q-bio|q-fin|econ|physics|astro-ph|cond-mat|nlin)"
    r"\.[A-Za-z]{2,3}(?:-[a-z]{2,5})?|hep-(?:th|ph|ex|lat)|quant-ph|gr-qc|nucl-(?:th|ex)|math-ph)"
)
_CATEGORIES: Final = re.compile(
    rf"(?:{_CATEGORY.pattern}(?:\s\((?:primary|secondary)\))?[,;/ ]{{0,3}}){{1,8}}"
)
_VENUE: Final = re.compile(
    r"(?:(?:[Aa]ccepted|[Tt]o appear|[Pp]ublished|[Pp]resented)\s(?:at|by|in|to)\s)?"
    r"[A-Z][\w’'.&/-]{1,20}(?:\s(?:[A-Z][\w.&/-]{0,20}|of|on|the|and|in|for|&)){0,6}"
    r"(?:\s|’|'|(?<=[A-Z]))(?:(?:19|20)\d\d|(?<=[’'])\d\d)"
    r"(?:,?\s(?:[Oo]ral|[Ss]potlight|[Pp]oster|[Hh]ighlight|[Ww]orkshop|[Bb]est [Pp]aper))?"
)
# "Nature Physics" and "Cell Reports" read like somebody's name.
_PERIODICAL: Final = re.compile(
    r"\b(?:Nature|Science|Cell|Lancet|Physics|Medicine|Biology|Chemistry|Journal|Proceedings|Proc\.?"
    r"|Transactions|Letters|Reports|Physical Review|Annals|Advances|Communications|Conference"
    r"|Workshop|Symposium|IEEE|ACM|PNAS|PLOS|arXiv|bioRxiv|medRxiv)(?![\w-])",
)
# Words of journals and fields, of which nobody is called so.
_FIELD: Final = re.compile(
    r"\b(?:Nature|Science|Sciences|Cell|Lancet|Physics|Physical|Medicine|Medical|Biology|Chemistry"
    r"|Chemical|Journal|Letters|Reports|Annals|Advances|Communications|Learning|Intelligence"
    r"|Computing|Computation|Computational|Computer|Vision|Networks?|Systems?|Engineering|Reviews?"
    r"|Ecology|Evolution|Genetics|Genomics|Genome|Neuroscience|Neurology|Economics|Economic"
    r"|Psychology|Psychiatry|Statistics|Mathematics|Robotics|Research|Quarterly|Bulletin|Magazine"
    r"|Oncology|Immunology|Immunity|Astronomy|Astrophysics|Linguistics|Geoscience|Geology|Energy"
    r"|Climate|Environment(?:al)?|Health|Education|Theory|Methods|Materials|Language|Processing"
    r"|Society|Social|Biotechnology|Microbiology|Virology|Chaos|Soil|Water|Plants?|Brain|Cancer"
    r"|Digest|Today|Studies|Technology|Bioinformatics|Epidemiology|Ophthalmology|Surgery|Security"
    r"|Data|Software|Acta|International|American|European|British|Applied|Clinical|Molecular)\b"
)


def is_score(text: str) -> bool:
    """Whether a text only says how many like a paper."""
    return len(text) <= _LONGEST_SCORE and _ALONE.fullmatch(text) is not None


def is_category(text: str) -> bool:
    """Whether a text is names of arXiv's fields, such as ``cs.LG, stat.ML``."""
    return len(text) <= _LONGEST_SCORE and _CATEGORIES.fullmatch(text) is not None


def is_venue(text: str) -> bool:
    """Whether a text is a venue and its year: ``ICLR 2026``, ``NeurIPS'25``."""
    return len(text) <= _LONGEST_SCORE and _VENUE.fullmatch(text) is not None


def without_score(title: str) -> str:
    """Return a title without ``(⬆️ 25)`` behind it; a number or a word alone may be its own."""
    found = _AT_END.search(title, max(0, len(title) - _LONGEST_SCORE))
    return title[: found.start()] if found is not None else title


def names_periodical(text: str) -> bool:
    """Whether a text has a word of journals and conferences, which is in nobody's name."""
    return _PERIODICAL.search(text) is not None


def names_a_field(text: str) -> bool:
    """Whether a text has a word of journals and fields, of which nobody is called so."""
    return _FIELD.search(text) is not None
