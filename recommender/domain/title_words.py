"""Domain: the words by which titles are read: LaTeX's commands, and what periodicals print."""

from __future__ import annotations

from typing import Final

_GREEK: Final = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma
    tau upsilon phi chi psi omega
"""
GREEK: Final = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK.split(), strict=True))

_LATEX_DROPPED: Final = """
    b c d h k r u v t
    text textbf textit texttt textsc textrm textsf textsl textup textnormal textmd emph em bf it rm
    sc sf tt sl mathrm mathbf mathit mathcal mathbb mathsf mathtt mathfrak mathscr mathnormal
    boldsymbol bm pmb operatorname mbox hbox fbox ensuremath left right big bigl bigr bigg small
    large scriptsize tiny normalsize underline overline bar hat tilde vec dot ddot widehat
    widetilde check acute grave breve mathring protect relax noopsort displaystyle textstyle limits
    nolimits quad qquad hspace vspace newline linebreak textsuperscript textsubscript uppercase
    lowercase itshape bfseries scshape upshape ttfamily sffamily rmfamily xspace
    to rightarrow leftarrow leftrightarrow longrightarrow uparrow downarrow mapsto implies iff circ
    cdot cdots ldots dots textellipsis bullet star ast dagger ddagger pm mp neq ne approx sim simeq
    cong equiv propto in notin subset subseteq supset cup cap setminus emptyset oplus otimes odot
    wedge vee neg forall exists langle rangle lfloor rfloor lceil rceil lvert rvert vert mid
    parallel perp ll gg prime sum prod int oint colon div
    textregistered texttrademark copyright textendash textemdash textquoteleft textquoteright
    textquotedblleft textquotedblright textasciitilde textbar textless textgreater textdegree
    textunderscore textbackslash degree frac dfrac tfrac binom title section paragraph
"""
LATEX_DROPPED: Final = frozenset(_LATEX_DROPPED.split())
"""Say how something looks, or are a sign that is no letter in Unicode either."""

_FRONT_MATTER: Final = """
    abstract abstracts acknowledgement acknowledgements acknowledgment acknowledgments addendum
    afterword announcement announcements annual appendix author authors back board book books
    calendar call chair chairs column comment commentary comments committee conclusion conclusions
    conference contents contributors corrections correction correspondence corrigenda corrigendum
    cover day deadlines discussion editor editors editorial editorials epilogue errata erratum
    events expression concern foreword forthcoming from front matter guest highlights inside index
    information instructions interview introduction introductory invitation issue issues journal
    keynote letter letters masthead media meeting meetings memoriam message month news note notes
    notice number obituaries obituary online opinion page pages perspective perspectives
    postscript preface preamble president presidential proceedings prologue publisher published
    referees remarks remembering reply response retracted retraction retractions review reviewer
    reviewers reviews section short special statement subject summary supplement symposium table
    thanks toc update vol volume week welcome withdrawal withdrawn workshop year
    berichtigung buchbesprechung buchbesprechungen einleitung geleitwort inhalt
    inhaltsverzeichnis korrektur mitteilungen nachruf rezension rezensionen vorwort
    avantpropos compte comptes rendu rendus necrologie prologo resena resenas presentacion
    introduccion introduzione recensione recensioni prefazione prefacio apresentacao
    предисловие рецензия исправление опечатки некролог редакции колонка
    前言 编者按 编者的话 勘误 更正 书评 目录 巻頭言 正誤 正誤表 訂正 書評 目次 서문 정오표
"""
FRONT_MATTER: Final = frozenset(_FRONT_MATTER.split())
"""What periodicals print in every issue, and the words that stand around it, without accents."""

_SMALL_WORDS: Final = """
    a al an and as at by for in into is it its of on or our that the this to us we
    with et der die das und des du la le les de el los las y en e o per zu zum zur im
    i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx part
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep oct nov dec spring summer autumn fall winter
"""
SMALL_WORDS: Final = frozenset(_SMALL_WORDS.split())
"""Articles, prepositions, Roman numerals, months: they tell no work from another."""
