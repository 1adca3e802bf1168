"""Newsletter room: the words by which authors say what a sentence is there for. Pure.

Abstracts of all fields move from what is known over what was done to what came of it (Swales 1990;
Dernoncourt & Lee 2017), and their authors mark the moves. Each kind of mark is a `Cue` with its
weight. The weights follow their order of importance in "we propose", "we find", "we study"; the
rest is worth less than those and tells sentences apart that have none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Cue:
    """One kind of mark.

    Attributes
    ----------
    meaning : str
    weight : float
        Above 0 where it says what the paper does.
    pattern : re.Pattern
        Takes time in proportion to the length of what it searches.
    """

    meaning: str
    weight: float
    pattern: re.Pattern[str]


def _one_of(words: str) -> str:
    """Return the pattern of any of some words; an underscore stands for a space."""
    return "(?:" + "|".join(words.split()).replace("_", r"\s") + ")"


def _forms_of(stems: str) -> str:
    """Return the pattern of verbs in the present or past tense."""
    return _one_of(stems) + "(?:e|es|ed|s|ies|ied|y)?"


_ADVERBS = (
    r"(?:"
    + _one_of(
        "will also here then thus therefore further first now next finally instead hence \\w+ly"
    )
    + r",?\s){0,2}"
)
_OFFER = (
    "(?:"
    + _forms_of(
        "propos introduc present develop describ releas devis design formulat construct establish "
        "unveil creat contribut synthesi[sz] deriv implement deploy launch offer provid build"
    )
    + "|built)"
)
_FIND = (
    "(?:"
    + _forms_of(
        "show demonstrat report prov observ discover reveal conclud uncover argu confirm detect "
        "determin estimat infer suggest indicat highlight find identif"
    )
    + "|found|shown)"
)
_STUDY = (
    "(?:"
    + _forms_of(
        "stud test extend leverag appl investigat examin explor analy[sz] evaluat measur "
        "characteri[sz] revisit address tackl aim ask compar survey review focus seek quantif "
        "model simulat assess consider collect compil curat train sequenc adapt us employ "
        "generali[sz] resolv attempt combin advocat redesign rethink replicat navigat outlin "
        "discuss"
    )
    + "|sought)"
)
_OURS = r"(?:this|our|the\spaper|present|the\spresent|the\scurrent)"
_WORK = _one_of(
    "paper work study studies article thesis survey review report research letter dissertation "
    "contribution note chapter tutorial investigation overview analysis"
)
_ARTEFACT = _one_of("code data datasets? models? weights")
_ALL_OURS = "(?:our|the|all|both|these|this)"
_AIM = _one_of("purpose aims? goals? objectives? intent intention")
_BY_US = rf"\b(?:we|the\sauthors?)\s{_ADVERBS}"

_SAYINGS: Final = (
    ("we propose", 3.0, (rf"{_BY_US}{_OFFER}\b",)),
    ("we find", 2.5, (rf"{_BY_US}{_FIND}\b",)),
    ("we study", 2.0, (rf"{_BY_US}{_STUDY}\b",)),
    (
        "this paper presents",
        3.0,
        (rf"\b{_OURS}\s(?:\w+\s)?{_WORK}\s{_ADVERBS}(?:{_OFFER}|{_FIND}|{_STUDY})\b",),
    ),
    (
        "the purpose of this paper is to",
        2.5,
        (rf"\b{_AIM}\sof\s{_OURS}\s(?:\w+\s)?{_WORK}\s(?:is|are|was|were)\b",),
    ),
    (
        "a new species is described",
        1.5,
        (
            r"\b(?:is|are|was|were|been)\s(?:\w+ly\s)?"
            + _one_of(
                "proposed introduced presented described developed reported demonstrated "
                "investigated examined evaluated reviewed recorded newly identified "
                "synthesi[sz]ed isolated discovered illustrated revealed provided assessed "
                "characteri[sz]ed analy[sz]ed compared obtained conducted carried_out undertaken "
                "(?:used|performed|applied|employed)_(?:to|for)"
            )
            + r"\b",
        ),
    ),
    (
        "in this paper",
        1.5,
        (
            rf"\b(?:in|with)\s{_OURS}\s{_WORK}\b",
            r"\bto\s(?:this|that)\send\b",
            r"\bhere\s?,\s|^here\b",
            r"\bto\s"
            + _one_of(
                "address tackle overcome bridge fill close mitigate resolve solve alleviate remedy "
                "answer meet"
            )
            + r"\s(?:this|these|the|such)\b",
        ),
    ),
    (
        "PaperBench is a benchmark",
        1.5,
        (
            r"^(?-i:(?:The\s)?[A-Z][\w.+-]{0,40}[A-Z0-9][\w.+-]{0,40}\s(?:is|are)\s(?:an?|the|our)\b)",
            r"\b" + _one_of("called named dubbed termed coined new_species") + r"\b|\bsp\.\snov\.",
        ),
    ),
    (
        "for the first time",
        0.5,
        (
            r"\b(?:an?|the\sfirst|two|three)\s(?:novel|new|first|simple)\b",
            r"\bfor\sthe\sfirst\stime\b",
        ),
    ),
    (
        "our results show",
        2.0,
        (
            r"\b"
            + _one_of(
                "results? findings? experiments? analys[ei]s evaluations? data comparisons? "
                "simulations? evidence proofs? observations? measurements"
            )
            + rf"\s(?:\w+\s){{0,6}}?{_FIND}\b",
        ),
    ),
    (
        "outperforms",
        0.8,
        (
            r"\b"
            + _forms_of(
                "achiev outperform surpass exceed attain improv reduc increas accelerat enabl "
                "yield deliver match eliminat cut boost"
            )
            + r"\b",
        ),
    ),
    (
        "by 12 %",
        0.6,
        (r"[0-9]\s?(?:%|×|x\b|percent|-?fold\b|times\b)", r"\bp\s?[<=]\s?0?\.[0-9]"),
    ),
    (
        "however",
        -1.5,
        (
            "^"
            + _one_of(
                "however despite although though while yet unfortunately nevertheless nonetheless "
                "recent recently existing current currently traditional traditionally "
                "conventional prior previous previously most many modern historically "
                "over_the_(?:past|last) in_recent with_the since typically today in_contrast often "
                "as_(?:\\w+\\s){1,4}(?:become|grow|are|continue)"
            )
            + r"\b",
        ),
    ),
    (
        "recent advances",
        -1.5,
        (
            r"\b(?:recent|rapid|significant|remarkable|impressive|great)\s"
            + _one_of(
                "advance progress success development breakthrough work stud effort interest "
                "attention"
            ),
        ),
    ),
    (
        "has attracted attention",
        -1.5,
        (
            r"\b(?:has|have)\s(?:\w+ly\s|also\s|long\s|been\s){0,2}"
            + _one_of(
                "attracted emerged become revolutioni[sz]ed achieved shown gained made seen "
                "demonstrated received led drawn enabled transformed proven advanced driven "
                "garnered sparked opened focused relied explored proposed used studied witnessed"
            )
            + r"\b",
        ),
    ),
    (
        "remains unclear",
        -1.5,
        (
            r"\b(?:remain|remains|remained|still)\s(?:\w+\s){0,2}"
            + _one_of(
                "challeng unclear limit under open poor unknown elusive difficult hard unsolved "
                "scarce larg costly bottleneck constrain unexplored"
            ),
            r"\blittle\sis\sknown\b|\b(?:poorly|not\swell)\s(?:known|understood)\b",
            r"\b(?:is|are)\s(?:lacking|needed|limited)\b",
        ),
    ),
    (
        "is essential",
        -1.0,
        (
            r"\b(?:is|are)\s(?:an?\s)?(?:\w+ly\s)?"
            + _one_of(
                "essential crucial critical vital important key fundamental challenging difficult "
                "widely often typically usually notoriously becoming increasingly central "
                "commonly ubiquitous pivotal indispensable prone known_to long-?standing promising"
            )
            + r"\b",
        ),
    ),
    (
        "suffers from",
        -0.8,
        (
            r"\b"
            + _one_of(
                "suffers? struggles? fails? lacks? hinders? hindering limiting overlooks? "
                "neglects? falls?_short hampered bottleneck leaving relies rely depends? requires? "
                "requiring"
            )
            + r"\b",
        ),
    ),
    (
        "existing methods",
        -0.6,
        (r"\b(?:existing|prior|previous|traditional|conventional|current)\s\w",),
    ),
    ("a question", -1.0, (r"\?$",)),
    (
        "the code is available",
        -4.0,
        (
            r"https?://|\bgithub\b|\bsupplementa",
            rf"\b(?:{_ARTEFACT}|project\spage|website|videos?|demo)\s(?:\w+\s){{0,6}}"
            + _one_of("available released? open-sourced? found")
            + r"\b",
            rf"\b(?:release|open-source|make)\s{_ALL_OURS}\s(?:\w+,?\s){{0,6}}{_ARTEFACT}\b",
        ),
    ),
    (
        "paves the way",
        -0.8,
        (
            r"\b(?:paves?|paving)\sthe\sway\b|\bsheds?\slight\b",
            r"\bwe\s(?:hope|believe|envision|anticipate)\b",
            r"\bfuture\s(?:research|work|directions?|studies)\b",
            r"\bextensive\s(?:experiments?|evaluations?)\b|\b(?:potential|promise|helpful)\b",
            r"\bopens?\s(?:up\s)?(?:new\s)?(?:avenue|possibilit|path|direction)",
            r"\bprovides?\s(?:valuable\s|new\s)?insights?\b",
            r"\b(?:effectiveness|superiority|efficacy|validity|advantages?)\sof\b",
        ),
    ),
    (
        "several findings, as follows",
        -1.5,
        (
            r"\b(?:several|some|two|three|four|five|key|following)\s(?:\w+\s){0,2}"
            + _one_of(
                "phenomena facts findings insights observations factors contributions challenges "
                "questions"
            )
            + r"\b",
            r"\bas\sfollows\b|:$",
        ),
    ),
    (
        "we also",
        -1.0,
        (
            r"^\(?(?:[0-9]|i{1,3}|iv|v|[a-e])\)",
            r"\b(?:also|further|additional)\b",
            r"^(?:furthermore|moreover|additionally|finally|in\saddition)\b",
        ),
    ),
    (
        "what feeds put around an abstract",
        -5.0,
        (
            r"\bdoi:|\bauthors?(?:\(s\))?:|\bhtml\sxml\spdf\b|\bcopyright\b|©",
            r"^publication\sdate|^arxiv:",
        ),
    ),
)

CUES: Final = tuple(
    Cue(meaning, weight, re.compile("|".join(patterns), re.IGNORECASE))
    for meaning, weight, patterns in _SAYINGS
)

DEPENDENT: Final = re.compile(
    "^"
    + _one_of(
        "it its they their them these those such both he she and but or so also then next second "
        "secondly third thirdly further besides thus hence therefore consequently accordingly "
        "similarly likewise instead moreover furthermore additionally specifically finally "
        "together crucially notably importantly meanwhile otherwise remarkably surprisingly "
        "interestingly in_addition in_particular as_a_result (?:by|in)_doing_so to_do_so "
        "for_(?:example|instance) taken_together the_(?:former|latter|resulting|same) "
        rf"this(?!\s(?:\w+\s)?{_WORK}\b)"
    )
    + r"\b|^\(?(?:[0-9]|i{1,3}|iv|v|[a-e])\)|^(?:not because|the answer is)\b"
    r"|^(?:[\w'-]+\s){1,4}(?:such\s(?!as\b|an?\b)|of\s(?:them|these|those)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that is only understood after another: ``It outperforms``."""

SECTION_WEIGHTS: Final = (
    (re.compile("objective|aim|purpose|goal"), 1.5),
    (re.compile("(?:key )?(?:result|finding)|conclusion|interpretation"), 1.5),
    (re.compile("method|approach|material|design|setting|participant|intervention|mea|main"), -0.5),
    (re.compile("background|introduction|context|motivation|importance"), -2.0),
    (re.compile("limitation|significance|discussion"), -1.0),
)
"""What the label of a section, in lower case, says of its sentences; the first that matches."""
