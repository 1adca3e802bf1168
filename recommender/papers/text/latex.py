r"""Room 1, papers: the LaTeX of bibliographies to plain text. Pure; knows no format.

Accents and symbols become characters, macros give way to their argument, braces go. Formulas
between dollars stay as they are, as they do in the abstracts of digests. pylatexenc would cost
seconds for a long file, and takes what follows a bare % for a comment.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from recommender.papers.text.plain_text import clean_line

_ACCENTS: Final = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_SYMBOLS: Final = dict(
    line.split()
    for line in r"""
        ss ß
        ae æ
        AE Æ
        oe œ
        OE Œ
        aa å
        AA Å
        o ø
        O Ø
        l ł
        L Ł
        i ı
        j ȷ
        dh ð
        DH Ð
        th þ
        TH Þ
        dj đ
        DJ Đ
        ng ŋ
        NG Ŋ
        textendash –
        textemdash —
        dots …
        ldots …
        textellipsis …
        textquoteleft ‘
        textquoteright ’
        textquotedblleft “
        textquotedblright ”
        textbackslash \
        textasciitilde ~
        textasciicircum ^
        textunderscore _
        textbar |
        textless <
        textgreater >
        textdegree °
        textbraceleft {
        textbraceright }
        textdollar $
        textasteriskcentered *
        textperiodcentered ·
        textquotesingle '
        texteuro €
        euro €
        guillemotleft «
        guillemotright »
        textexclamdown ¡
        textquestiondown ¿
        textordfeminine ª
        textordmasculine º
        textsection §
        textmu µ
        textregistered ®
        texttrademark ™
        copyright ©
        pounds £
        S §
        P ¶
    """.strip().splitlines()
)
# Say how something looks and nothing more; other macros without argument stand for their name.
_SWITCHES: Final = (
    "it|bf|em|sc|rm|tt|sf|sl|itshape|bfseries|scshape|upshape|ttfamily|sffamily|rmfamily|normalfont"
    "|relax|protect|noopsort|small|large|tiny|boldmath|unboldmath"
)
_LETTERS: Final = (
    *("ss", "ae", "AE", "oe", "OE", "aa", "AA", "o", "O", "l", "L", "i", "j", "dh", "DH", "th"),
    *("TH", "dj", "DJ", "ng", "NG"),
)
_LIGATURES: Final = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " ", "{": "", "}": ""}

_TOKEN: Final = re.compile(
    rf"""
      (?P<formula> \$(?:[^$\\]|\\.)*\$ )
    | \\(?: (?P<accent> [`'^"~=.] | [bcdHkruv](?=[\s{{]) ) \s*
          (?: \{{\s*\\?(?P<braced>[^\W\d_])\s*\}} | \\(?P<dotless>[ij])(?![A-Za-z])
            | (?P<letter>[^\W\d_]) )
        | (?P<symbol> {"|".join(_SYMBOLS)} )(?![A-Za-z])(?:\{{\}}|\s+)?
        | (?:{_SWITCHES})(?![A-Za-z])\s*
        | [A-Za-z]+\*?\s*(?=\{{(?!\}}))
        | (?P<name> [A-Za-z]+ )(?:\{{\}})?
        | (?P<escaped> . )(?:\{{\}})?
      )
    | (?P<ligature> ---? | `` | '' | [~{{}}] )
    """,
    re.VERBOSE | re.DOTALL,
)
# Accents and letters of names, with the braces that hold nothing else; formulas stay whole.
_ACCENTED: Final = re.compile(
    rf"""
      (?P<formula> \$[^$]{{0,1000}}\$ )
    | (?P<contraction> (?<=[^\W\d_])\\'(?=(?:s|t|m|d|re|ve|ll)\b) )
    | (?P<open> \{{ )? \\(?: (?P<accent> [`'^"~=.] | [bcdHkruv](?=[\s{{]) ) \s?
          (?: \{{\s?\\?(?P<braced>[^\W\d_])\s?\}} | \\(?P<dotless>[ij])(?![A-Za-z])
            | (?P<letter>[^\W\d_]) )
        | (?P<symbol> {"|".join(_LETTERS)} )(?![A-Za-z])(?:\{{\}}|\s)?
      ) (?(open) \}} )
    """,
    re.VERBOSE,
)
# The address behind a link, footnotes and marks: what stands there is no part of a line of text.
_UNSEEN: Final = re.compile(
    r"\\href\s*\{[^{}]*\}(?=\s*\{)"
    r"|\\(?:thanks|footnote|footnotemark|footnotetext|label|cite[a-z]{0,6}|index)\s*"
    r"(?:\[[^\[\]{}]*\])?\{[^{}]*\}"
)
_ESCAPES: Final = re.compile(r"\\(?:url|path|href|doi)(?![A-Za-z])|\\([_%&#$~{}])|[{}]")


def plain_text(latex: str) -> str:
    r"""Write LaTeX as a reader sees it, on one line.

    Examples
    --------
    >>> plain_text(r"{\"U}ber {GAN}s --- a~\emph{short} survey of $\beta$-VAE")
    'Über GANs — a short survey of $\beta$-VAE'
    """
    return clean_line(_TOKEN.sub(_character, _UNSEEN.sub("", clean_line(latex))))


def with_accents(text: str) -> str:
    r"""Write LaTeX's accents and letters as characters, and leave all else of a text as it is.

    Examples
    --------
    >>> with_accents(r"Schr\"odinger, Erd{\H{o}}s, \o{}rsted on $\'x$ and \alpha")
    "Schrödinger, Erdős, ørsted on $\\'x$ and \\alpha"
    """
    return _ACCENTED.sub(_accented, text) if "\\" in text else text


def _accented(found: re.Match[str]) -> str:
    if found["contraction"]:
        return "'"
    if found["symbol"]:
        return _SYMBOLS[found["symbol"]]
    if found["accent"]:
        letter = found["braced"] or found["dotless"] or found["letter"]
        composed = unicodedata.normalize("NFC", letter + _ACCENTS[found["accent"]])
        # No language has the others, so that they are something else: "\\=x" in a program.
        return composed if len(composed) == 1 else found[0]
    return found[0]


def verbatim(latex: str) -> str:
    """Return an address or identifier without braces and the backslashes that escape for LaTeX."""
    return clean_line(_ESCAPES.sub(lambda found: found[1] or "", latex))


def _character(found: re.Match[str]) -> str:
    if found["formula"]:
        return found["formula"]
    if found["accent"]:
        letter = found["braced"] or found["dotless"] or found["letter"]
        return unicodedata.normalize("NFC", letter + _ACCENTS[found["accent"]])
    if found["symbol"]:
        return _SYMBOLS[found["symbol"]]
    if found["escaped"]:
        return _escaped(found["escaped"])
    return found["name"] or _LIGATURES.get(found["ligature"] or "", "")


def _escaped(character: str) -> str:
    if character in " ,;:\\":
        return " "
    # A break that may be made within a word is none.
    return "" if character in "-/!@()[]" else character
