r"""LaTeX in titles and abstracts, in the characters that Unicode has for it. Pure.

What is stored stays as its source wrote it, for it is compared and exported; pages, mails and feeds
show this. A formula of which anything is not known here is shown as it came: half of one says
something else. pylatexenc writes ``x_{i+1}^2`` as ``x_i+1^2``, which does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

_DEEPEST: Final = 20
_MOST_MARKS: Final = 3

_RAISED: Final = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW*⋆∗∘′†⊤",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ***°′†ᵀ",
)
_LOWERED: Final = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
)


def _words(listed: str) -> list[str]:
    return listed.split()


def _greek(name: str) -> str:
    # Unicode has the older spelling.
    return unicodedata.lookup(f"GREEK SMALL LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")


_GREEK: Final = _words(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma"
    " tau upsilon phi chi psi omega"
)
_SIGNS_BY_NAME: Final = _words(
    r"""
    varepsilon ε vartheta ϑ varphi φ varrho ϱ varsigma ς varpi ϖ ell ℓ hbar ℏ imath ı jmath ȷ
    Re ℜ Im ℑ aleph ℵ partial ∂ nabla ∇ infty ∞ emptyset ∅ varnothing ∅ forall ∀ exists ∃ neg ¬
    lnot ¬ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖
    le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ lt < gt > ll ≪ gg ≫ ne ≠ neq ≠ equiv ≡ approx ≈
    sim ∼ simeq ≃ cong ≅ propto ∝ prec ≺ succ ≻ lesssim ≲ gtrsim ≳ ll ≪ mid | parallel ∥ perp ⊥
    pm ± mp ∓ times × div ÷ cdot · ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙
    wedge ∧ land ∧ vee ∨ lor ∨ sum ∑ prod ∏ coprod ∐ int ∫ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁
    bigotimes ⨂ to → rightarrow → longrightarrow → leftarrow ← gets ← longleftarrow ←
    leftrightarrow ↔ Rightarrow ⇒ implies ⇒ Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ mapsto ↦
    longmapsto ↦ uparrow ↑ downarrow ↓ hookrightarrow ↪ rightleftharpoons ⇌ rightsquigarrow ⇝
    langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lvert | rvert | vert | lVert ‖ rVert ‖
    Vert ‖ lbrace { rbrace } prime ′ dagger † ddagger ‡ top ⊤ bot ⊥ vdash ⊢ models ⊨ degree °
    deg ° dots … ldots … cdots ⋯ colon : backslash \ checkmark ✓ square □ Box □ triangle △
    textgreater > textless < textdegree ° textasciitilde ~ LaTeX LaTeX TeX TeX
    """
)
_SYMBOLS: Final = (
    {name: _greek(name) for name in _GREEK}
    | {name.capitalize(): _greek(name).upper() for name in _GREEK}
    | dict(zip(_SIGNS_BY_NAME[::2], _SIGNS_BY_NAME[1::2], strict=True))
)
_FUNCTIONS: Final = frozenset(
    _words(
        "arccos arcsin arctan arg argmax argmin cos cosh cot det diag dim exp gcd hom inf ker lg"
        " lim liminf limsup ln log max min mod poly polylog Pr rank sgn sign sin sinh softmax sup"
        " tan tanh tr"
    )
)
_FONTS: Final = frozenset(
    _words(
        "bm boldsymbol emph mathbf mathcal mathfrak mathit mathnormal mathrm mathscr mathsf mathtt"
        " mbox operatorname pmb rm text textbf textit textmd textnormal textrm textsc textsf"
        " textsl texttt textup underline"
    )
)
_MARKS: Final = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "vec": "\u20d7",
}
_FRACTIONS: Final = frozenset({"frac", "dfrac", "tfrac", "nicefrac", "sfrac"})
_WITHOUT_LOOK: Final = frozenset(
    _words(
        "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle limits"
        " nolimits mathopen mathclose mathrel mathbin mathord"
    )
)
_ESCAPED: Final = (
    {f"\\{sign}": sign for sign in "{}%&$#_"}
    | dict.fromkeys(("\\,", "\\;", "\\:", "\\ ", "~"), " ")
    | {"\\|": "‖", "\\!": "", "\\/": "", "'": "′"}
)
_SCRIPTS: Final = {"^": (_RAISED, "^"), "_": (_LOWERED, "_")}
_OPENING: Final = "{"
_MEANINGLESS: Final = "}&$#%"

_TOKEN: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)
_FORMULA: Final = re.compile(
    r"\$\$([^$]{1,2000})\$\$"
    r"|(?<!\\)\$(?!\s)((?:[^$\\]|\\.){1,1000})(?<!\s)\$"
    r"|\\\(((?:[^\\]|\\[^()]){1,1000})\\\)",
    re.DOTALL,
)
# Between two prices stand words, and a price begins with a digit: "from $5 to 10$", "$5 or $10".
_IN_TEXT: Final = re.compile(r"\\(?:text|mbox|textrm|operatorname)\*?\{[^{}]*\}")
_WORDS: Final = re.compile(
    r"(?:\A|\s)[A-Za-z]{3,}(?:\s|\Z)|(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}"
    r"|[0-9]\s+[A-Za-z]{2,}\s+[0-9]"
)
_STYLED: Final = re.compile(
    rf"\\(?:{'|'.join(sorted(_FONTS))})\s?\{{([^{{}}]*)\}}|\{{\\(?:em|it|bf|sc|tt)\s+([^{{}}]*)\}}"
)
_OUTSIDE: Final = re.compile(
    r"\\(?P<escaped>[%&$#_])|\\(?P<name>[A-Za-z]+)(?:\{\})?"
    r"|``(?P<quoted>[^`]{1,300}?)''|(?<![\w`])`(?P<single>[^`'\n]{1,80})'(?!\w)"
    r"|(?P<dash>(?<=\w)---(?=\w)|(?<=\s)---?(?=\s))|(?P<range>(?<=\d)--(?=\d))"
)
# With what names something else than words; two backslashes end a line.
_COMMAND: Final = re.compile(r"\\\\|\\(?:(?:begin|cite[pt]?|end|label|ref)\{[^{}]*\}|[A-Za-z]+\*?)")
# What turns the direction of all that follows it; each text is set apart by itself.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_STACKED: Final = re.compile(rf"([\u0300-\u036f]{{{_MOST_MARKS}}})[\u0300-\u036f]+")


class _UnreadableError(Exception):
    """A formula has something that is not known here."""


@lru_cache(maxsize=5_000)
def readable(text: str) -> str:
    r"""Return a text as people read it: its LaTeX in characters, and nothing that spills over.

    Marks that turn the direction of writing go, and of marks that stand on one another a few stay:
    both would change what stands around the text.

    Examples
    --------
    >>> readable(r"$\mathcal{O}(n\log n)$ for $\ell_2$: $x_{i+1}^2 \le \frac{1}{2}$, 50\% of $5")
    'O(n log n) for ℓ₂: xᵢ₊₁² ≤ 1/2, 50% of $5'
    """
    if not text.isascii():
        text = _STACKED.sub(r"\1", _TURNING.sub("", text))
    return _in_characters(text)


def without_commands(text: str) -> str:
    r"""Return a text of which each word is one to read: LaTeX in characters, no other command.

    >>> without_commands(r"\emph{Graphs} in $O(n^2)$ by \ours")
    'Graphs in O(n²) by  '
    """
    # Most texts have none, and an index of them is made of tens of thousands, once each.
    if "$" not in text and "\\" not in text:
        return text
    return _COMMAND.sub(" ", _in_characters(text))


def _has_a_sign(text: str) -> bool:
    # Written out, it takes a third of the time; a page of results asks a hundred times.
    return "$" in text or "\\" in text or "`" in text or "--" in text


def _in_characters(text: str) -> str:
    if not _has_a_sign(text):
        return text
    return "".join(part.shown for part in parts_of(text))


class Part(NamedTuple):
    """Some of a text.

    Attributes
    ----------
    shown : str
        In characters, where it is known.
    formula : str
        The LaTeX of a formula of which all is known; empty for anything else.
    """

    shown: str
    formula: str = ""


def parts_of(text: str) -> Iterator[Part]:
    """Yield what stands between formulas, and the formulas, in order."""
    end = 0
    for found in _FORMULA.finditer(text):
        yield Part(_prose(text[end : found.start()]))
        yield _formula(found)
        end = found.end()
    yield Part(_prose(text[end:]))


def spans_read_as_one(text: str) -> Iterator[tuple[int, int]]:
    """Yield where formulas, styled words and quotes begin and end, in order.

    What is cut within one of them is shown as its source wrote it.
    """
    if not _has_a_sign(text):
        return
    end = 0
    for found in _FORMULA.finditer(text):
        yield from _spans_of_prose(text, end, found.start())
        if _formula(found).formula:
            yield found.span()
        end = found.end()
    yield from _spans_of_prose(text, end, len(text))


def _spans_of_prose(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    for pattern in (_STYLED, _OUTSIDE):
        for found in pattern.finditer(text, begin, end):
            yield found.span()


def _formula(found: re.Match[str]) -> Part:
    latex = found[1] or found[2] or found[3]
    is_price = "\\" not in latex and found.string[found.end() : found.end() + 1].isdigit()
    if is_price or _WORDS.search(_IN_TEXT.sub("", latex)):
        return Part(found[0])
    try:
        return Part(_Formula(latex).read(), latex)
    except _UnreadableError:
        return Part(found[0])


def _prose(text: str) -> str:
    """Return what stands between formulas; what is unknown of it stays."""
    if not _has_a_sign(text):
        return text
    text = _STYLED.sub(lambda found: found[1] if found[1] is not None else found[2], text)
    return _OUTSIDE.sub(_outside, text)


def _outside(found: re.Match[str]) -> str:
    if found["name"]:
        return _SYMBOLS.get(found["name"], found[0])
    if found["quoted"]:
        return f"“{found['quoted']}”"
    if found["single"]:
        return f"‘{found['single']}’"
    if found["dash"]:
        return "—" if found["dash"] == "---" else "–"
    return found["escaped"] or "–"


class _Formula:
    """Reads a formula, once."""

    def __init__(self, latex: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(latex)
        self._next = 0
        self._depth = 0

    def read(self) -> str:
        text = self._until("")
        return " ".join(text.split())

    def _until(self, end: str) -> str:
        """Read up to a token, or to the end."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _UnreadableError
        text = ""
        while self._next < len(self._tokens):
            token = self._take()
            if token == end:
                self._depth -= 1
                return text
            text += self._meaning(token, before=text[-1:])
        if end:
            raise _UnreadableError
        self._depth -= 1
        return text

    def _take(self) -> str:
        if self._next == len(self._tokens):
            raise _UnreadableError
        self._next += 1
        return self._tokens[self._next - 1]

    def _following(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _argument(self) -> str:
        """Read what a command or a script applies to: a group, a command, or one character."""
        token = self._take()
        while token.isspace():
            token = self._take()
        return self._meaning(token, before="")

    def _meaning(self, token: str, *, before: str) -> str:
        plain = _ESCAPED.get(token)
        if plain is not None:
            return plain
        if token.startswith("\\"):
            return self._command(token[1:].rstrip("*"), before=before)
        if token in _SCRIPTS:
            return _script(self._argument(), *_SCRIPTS[token])
        if token in _MEANINGLESS:
            raise _UnreadableError
        return self._until("}") if token == _OPENING else " " if token.isspace() else token

    def _command(self, name: str, *, before: str) -> str:
        if name in _SYMBOLS:
            return self._symbol(_SYMBOLS[name], before=before)
        if name in _FUNCTIONS:
            stands_alone = self._following().isalnum() or self._following().startswith("\\")
            return f"{' ' if before.isalnum() else ''}{name}{' ' if stands_alone else ''}"
        if name in _WITHOUT_LOOK:
            # An invisible bracket.
            self._next += name in {"left", "right"} and self._following() == "."
            return ""
        if name in _FRACTIONS:
            return f"{_as_one(self._argument())}/{_as_one(self._argument())}"
        return self._applied(name)

    def _symbol(self, symbol: str, *, before: str) -> str:
        # What ends a command is no space; what parts an operator on both sides is shown as one.
        if before.strip() and not symbol.isalpha() and self._following().isspace():
            self._next += 1
        return symbol

    def _applied(self, name: str) -> str:
        """Return what a command makes of its argument."""
        if name == "sqrt" and self._following() == "[":
            raise _UnreadableError
        argument = self._argument()
        if name == "sqrt":
            return f"√{_as_one(argument)}"
        if name == "mathbb":
            return "".join(map(_double_struck, argument))
        if name in _FONTS:
            return argument
        if name in _MARKS and len(argument) == 1:
            return unicodedata.normalize("NFC", argument + _MARKS[name])
        raise _UnreadableError


def _script(text: str, characters: dict[int, int], sign: str) -> str:
    text = text.strip()
    if all(ord(character) in characters for character in text):
        return text.translate(characters)
    return f"{sign}{_as_one(text)}"


def _as_one(text: str) -> str:
    """Return a part of a formula in brackets, unless it is one anyway."""
    text = text.strip()
    return text if len(text) == 1 or re.fullmatch(r"[\w.′*°]+", text) else f"({text})"


def _double_struck(letter: str) -> str:
    if not (letter.isascii() and letter.isalnum()):
        return letter
    kind = "DIGIT" if letter.isdigit() else "SMALL" if letter.islower() else "CAPITAL"
    name = unicodedata.name(letter).rpartition(" ")[2]
    for whose in ("", "MATHEMATICAL "):
        try:
            return unicodedata.lookup(f"{whose}DOUBLE-STRUCK {kind} {name}")
        except KeyError:
            continue
    return letter
