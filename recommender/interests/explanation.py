"""Interests room: why a paper has its score, in exact figures and in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Paper
from recommender.interests.evidence import Evidence
from recommender.interests.model import InterestModel
from recommender.interests.paper_index import PaperIndex
from recommender.interests.terms import Token, pair_of, tokens_of, words_of

_MOST_WORDS = 3
_LONGEST_PHRASE = 3
_LONGEST_TITLE = 60
# Below these, what is shared is chance: an honest reason names something else.
_LEAST_SIMILARITY = 0.1
_LEAST_SHARE_OF_TOP = 0.2

# Terms that say nothing alone: what stands before a hyphen.
_PREFIXES = frozenset(
    {"anti", "bi", "co", "cross", "few", "inter", "intra", "meta", "multi", "non", "one", "post"}
    | {"pre", "pseudo", "re", "self", "semi", "sub", "super", "un", "zero"}
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one paper has its decision value.

    Attributes
    ----------
    decision : float
        ``intercept`` plus the sum of ``contributions``.
    intercept : float
    contributions : dict of str to float
        What each term of the paper adds, largest first.
    nearest : int or None
        Row in the index of the liked paper nearest to this one; None where none is liked.
    nearest_similarity : float
        Its cosine, in [0, 1]; 0 where there is none.
    phrase : str or None
        The stated interest nearest to this paper; None where none was stated.
    phrase_similarity : float
        Its cosine, in [0, 1]; 0 where there is none.
    disliked_similarity : float
        Cosine of the disliked paper nearest to this one, in [0, 1]; 0 where there is none.
    """

    decision: float
    intercept: float
    contributions: dict[str, float]
    nearest: int | None
    nearest_similarity: float
    phrase: str | None
    phrase_similarity: float
    disliked_similarity: float


def explain(index: PaperIndex, evidence: Evidence, model: InterestModel, row: int) -> Explanation:
    """Take one paper's decision value apart. See `explain_papers`."""
    return explain_papers(index, evidence, model, [row])[0]


def explain_papers(
    index: PaperIndex, evidence: Evidence, model: InterestModel, rows: Sequence[int]
) -> list[Explanation]:
    """Take the decision values of some papers apart.

    Parameters
    ----------
    index : PaperIndex
    evidence : Evidence
        What ``model`` was fitted on.
    model : InterestModel
    rows : sequence of int
        The papers' rows in the index.

    Returns
    -------
    list of Explanation
        One for each of ``rows``.
    """
    similarities = (index.rows[rows] @ evidence.rows.T).toarray()
    kinds = np.cumsum([len(evidence.liked), len(evidence.disliked)])
    to_liked, to_disliked, to_phrases = np.split(similarities, kinds, axis=1)
    explanations = []
    for at, row in enumerate(rows):
        columns, features = _row(index, row)
        values = features * model.coef_[columns]
        order = np.argsort(-values, kind="stable")
        liked, liked_similarity = _largest(to_liked[at])
        phrase, phrase_similarity = _largest(to_phrases[at])
        terms = index.space.terms_
        explanations.append(
            Explanation(
                decision=float(values.sum(dtype=np.float64) + model.intercept_),
                intercept=model.intercept_,
                contributions={
                    terms[column]: value
                    for column, value in zip(
                        columns[order].tolist(), values[order].tolist(), strict=True
                    )
                },
                nearest=None if liked is None else evidence.liked[liked],
                nearest_similarity=liked_similarity,
                phrase=None if phrase is None else evidence.phrases[phrase],
                phrase_similarity=phrase_similarity,
                disliked_similarity=_largest(to_disliked[at])[1],
            )
        )
    return explanations


def reason_in_words(index: PaperIndex, explanation: Explanation, row: int) -> str | None:
    """Say in words why a paper fits a subscriber.

    Returns
    -------
    str or None
        ``like “Title you liked”: graph, pruning`` or ``you said you like: protein folding``. None
        where nothing that they liked or stated explains it, or something disliked is nearer.
    """
    least = max(_LEAST_SIMILARITY, explanation.disliked_similarity)
    if (
        explanation.phrase is not None
        and explanation.phrase_similarity >= max(least, explanation.nearest_similarity)
        and _is_about(explanation, explanation.phrase)
    ):
        return f"you said you like: {explanation.phrase}"
    if explanation.nearest is None or explanation.nearest_similarity < least:
        return None
    columns, _ = _row(index, explanation.nearest)
    shared = {index.space.terms_[column] for column in columns.tolist()}
    carried = {
        term: value
        for term, value in explanation.contributions.items()
        if value > 0 and term in shared
    }
    words = shown_words(index.papers[row], carried)
    title = _shortened(index.papers[explanation.nearest].title)
    return f"like “{title}”: {', '.join(words)}" if words else None


def shown_words(paper: Paper, contributions: Mapping[str, float]) -> list[str]:
    """Choose the words of a paper that carried most, as its own text has them.

    Neighbours in the title that carried together are shown together: "graph neural networks".

    Parameters
    ----------
    paper : Paper
    contributions : mapping of str to float
        Terms that may be shown, all > 0.

    Returns
    -------
    list of str
        At most three, largest first, no word in two of them.
    """
    title, abstract = _tokens(paper.title, paper.abstract)
    found = [*_title_spans(title, contributions), *_words(abstract, contributions)]
    spans = sorted(
        (span for span in found if not span.terms <= _PREFIXES), key=lambda span: -span.credit
    )
    shown: list[str] = []
    used: set[str] = set()
    for span in spans:
        if len(shown) == _MOST_WORDS or span.credit < _LEAST_SHARE_OF_TOP * spans[0].credit:
            break
        if used.isdisjoint(span.terms):
            shown.append(span.surface)
            used |= span.terms
    return shown


def _is_about(explanation: Explanation, phrase: str) -> bool:
    """Tell whether a paper has most words of a phrase: "folding" is not "protein folding"."""
    words = words_of(phrase)
    return 2 * sum(word in explanation.contributions for word in words) > len(words)


@dataclass(frozen=True, slots=True)
class _Span:
    surface: str
    terms: frozenset[str]
    credit: float


def _title_spans(tokens: tuple[Token, ...], contributions: Mapping[str, float]) -> Iterator[_Span]:
    """Yield the words of a title that carried, neighbours that carried together as one."""
    run: list[Token] = []
    surface, credit = "", 0.0
    for token in tokens:
        own = contributions.get(token.term, 0.0)
        pair = contributions.get(pair_of(run[-1], token), 0.0) if run and token.joint else 0.0
        if run and not (own and pair and len(run) < _LONGEST_PHRASE):
            yield _Span(surface, frozenset(word.term for word in run), credit)
            run = []
        if own:
            surface = f"{surface}{token.joint}{token.surface}" if run else token.surface
            credit = credit + own + pair if run else own
            run.append(token)
    if run:
        yield _Span(surface, frozenset(word.term for word in run), credit)


def _words(tokens: tuple[Token, ...], contributions: Mapping[str, float]) -> Iterator[_Span]:
    for token in tokens:
        if token.term in contributions:
            yield _Span(token.surface, frozenset({token.term}), contributions[token.term])


@lru_cache(maxsize=10_000)
def _tokens(title: str, abstract: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Tokens of a title and of an abstract, each term once: the same papers reach many people."""
    once = {token.term: token for token in reversed(tokens_of(abstract))}
    return tuple(tokens_of(title)), tuple(once.values())


def _row(index: PaperIndex, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the columns and values of one row, without the cost of a matrix around it."""
    start, end = index.rows.indptr[row : row + 2]
    return index.rows.indices[start:end], index.rows.data[start:end]


def _largest(values: NDArray[np.float32]) -> tuple[int | None, float]:
    if not len(values):
        return None, 0.0
    at = int(np.argmax(values))
    return at, float(values[at])


def _shortened(title: str) -> str:
    title = " ".join(title.split())
    if len(title) <= _LONGEST_TITLE:
        return title
    return title[:_LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,:;–-") + "…"
