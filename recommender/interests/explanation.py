"""Interests room: why a paper has its score, in exact figures and in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.domain import Paper
from recommender.formulas import readable
from recommender.interests.authors import author_reasons
from recommender.interests.collocations import NO_COLLOCATIONS, Collocations
from recommender.interests.evidence import Evidence
from recommender.interests.model import InterestModels
from recommender.interests.paper_index import PaperIndex
from recommender.interests.phrase_finding import phrases_in
from recommender.interests.phrases import Phrases, choose
from recommender.interests.terms import words_of
from recommender.languages.messages import Message

_MOST_WORDS = 3
_LONGEST_TITLE = 60
# Below these, what is shared is chance: an honest reason names something else. The first is in
# deviations of unrelated papers' likeness: one pair in fifty of them is nearer.
_LEAST_DEVIATIONS = 4.0
_MOST_NEEDED = 0.1
_LEAST_SHARE_OF_TOP = 0.2
# Terms that words are chosen from; what carried less is never shown.
_MOST_TERMS = 6
# Phrases that are given less of each of their terms are seldom shown, and cost time.
_LEAST_SHARE_OF_TERM = 0.2
# A phrase that stands in the liked paper too needs no faith.
_WORTH_OF_COMMON = 1.5


@dataclass(frozen=True, slots=True)
class Grounds:
    """What of a subscriber's evidence stands nearest to a paper, by cosine.

    Attributes
    ----------
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
    chance : float
        Standard deviation of the cosine of unrelated papers, see `heads.chance_likeness`.
    """

    nearest: int | None
    nearest_similarity: float
    phrase: str | None
    phrase_similarity: float
    disliked_similarity: float
    chance: float

    @property
    def is_near(self) -> bool:
        """Whether the liked paper is near enough to be named."""
        return self.nearest is not None and self.nearest_similarity >= self._least

    @property
    def is_stated(self) -> bool:
        """Whether the stated interest is near enough to be named, and nearer than what is liked."""
        return self.phrase is not None and self.phrase_similarity >= max(
            self._least, self.nearest_similarity
        )

    @property
    def _least(self) -> float:
        # In a small corpus of one subject, unrelated papers are alike as well.
        least = min(_LEAST_DEVIATIONS * self.chance, _MOST_NEEDED)
        return max(least, self.disliked_similarity)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one paper has its decision value.

    Attributes
    ----------
    decision : float
        ``intercept`` plus the sum of ``contributions``.
    intercept : float
        What the paper has without any of its terms.
    contributions : dict of str to float
        What each term of the paper adds, largest first.
    """

    decision: float
    intercept: float
    contributions: dict[str, float]


def explain(index: PaperIndex, models: InterestModels, head: int, row: int) -> Explanation:
    """Take one paper's decision value apart.

    Coordinates in the community are linear in the terms up to their length, which is the paper's:
    so its share is told by term as well, exactly.

    Parameters
    ----------
    index : PaperIndex
    models : InterestModels
        Fitted on papers of ``index``.
    head : int
        Which column of ``models``.
    row : int
        The paper's row in the index.
    """
    columns, features = _row(index.rows, row)
    through_community, offset = _through_community(
        index,
        models,
        columns,
        rows=np.array([row]),
        heads=np.full(len(columns), head),
        of_paper=np.zeros_like(columns),
    )
    values = features * (models.coef_[columns, head] + through_community)
    intercept = float(models.intercept_[head] - offset[0])
    order = np.argsort(-values, kind="stable")
    terms = index.space.columns_
    return Explanation(
        decision=intercept + float(values.sum(dtype=np.float64)),
        intercept=intercept,
        contributions={terms[columns[at]]: float(values[at]) for at in order.tolist()},
    )


def find_grounds(
    evidence: Evidence, cosines: NDArray[np.floating], *, chance: float
) -> list[Grounds]:
    """Find what of the evidence stands nearest to each of some papers.

    Parameters
    ----------
    evidence : Evidence
    cosines : ndarray of shape (n_papers, n_evidence)
    chance : float
        See `Grounds`.

    Returns
    -------
    list of Grounds
        One for each paper.
    """
    n_liked, n_phrases = len(evidence.liked), len(evidence.phrases)
    disliked = slice(n_liked, n_liked + len(evidence.disliked))
    liked_at, liked = _largest(cosines[:, :n_liked])
    phrase_at, phrase = _largest(cosines[:, cosines.shape[1] - n_phrases :])
    _, to_disliked = _largest(cosines[:, disliked])
    return [
        Grounds(
            nearest=evidence.liked[liked_at[at]] if n_liked else None,
            nearest_similarity=liked[at],
            phrase=evidence.phrases[phrase_at[at]] if n_phrases else None,
            phrase_similarity=phrase[at],
            disliked_similarity=to_disliked[at],
            chance=chance,
        )
        for at in range(len(cosines))
    ]


@dataclass(frozen=True, slots=True)
class Placed:
    """A paper that a head of somebody's interest placed, on these grounds.

    ``liked`` are the rows of all that they like.
    """

    row: int
    head: int
    grounds: Grounds
    liked: tuple[int, ...] = ()


def reasons_in_words(
    index: PaperIndex, models: InterestModels, placed: Sequence[Placed]
) -> list[str | None]:
    """Return in words why papers fit their subscribers.

    Parameters
    ----------
    index : PaperIndex
        Holds the texts of the papers that were placed.
    models : InterestModels
    placed : sequence of Placed
        Of any number of subscribers.

    Returns
    -------
    list of str or None
        ``like “Title you liked”: graph, pruning`` or ``you said you like: protein folding``, and
        ``by Jane Doe, an author you liked twice``. None where nothing that they liked or stated
        explains it, or something disliked is nearer.
    """
    reasons: list[str | None] = [None] * len(placed)
    near: list[int] = []
    for at, each in enumerate(placed):
        if each.grounds.is_stated and _is_about(index.papers[each.row], str(each.grounds.phrase)):
            reasons[at] = Message("you said you like: %(phrase)s", phrase=each.grounds.phrase)
        elif each.grounds.is_near:
            near.append(at)
    for at, carried in zip(near, _carried(index, models, [placed[at] for at in near]), strict=True):
        liked = index.papers[placed[at].grounds.nearest or 0]
        words = shown_words(
            index.papers[placed[at].row], carried, liked=liked, collocations=index.collocations
        )
        if words:
            reasons[at] = Message(
                "like “%(title)s”: %(words)s",
                title=_shortened(liked.title),
                words=", ".join(words),
            )
    of_authors = author_reasons(
        index,
        models,
        np.array([each.row for each in placed], dtype=np.intp),
        np.array([each.head for each in placed], dtype=np.intp),
        [each.liked for each in placed],
    )
    return [
        Message("%(reason)s; %(further)s", reason=reason, further=of_author)
        if reason and of_author
        else reason or of_author
        for reason, of_author in zip(reasons, of_authors, strict=True)
    ]


def _carried(
    index: PaperIndex, models: InterestModels, placed: Sequence[Placed]
) -> list[dict[str, float]]:
    """Return the terms that each paper shares with the nearest liked one and that speak for it."""
    if not placed:
        return []
    rows = np.array([each.row for each in placed], dtype=np.intp)
    heads = np.array([each.head for each in placed], dtype=np.intp)
    nearest = index.rows[[each.grounds.nearest for each in placed]]
    shared = index.rows[rows].multiply(nearest.sign()).tocsr()
    of_paper = np.repeat(np.arange(len(placed)), np.diff(shared.indptr))
    through_community, _ = _through_community(
        index, models, shared.indices, rows=rows, heads=heads[of_paper], of_paper=of_paper
    )
    values = shared.data * (models.coef_[shared.indices, heads[of_paper]] + through_community)
    # Sorted by paper, then the strongest first.
    order = np.lexsort((-values, of_paper))
    rank = np.arange(len(order)) - shared.indptr[of_paper]
    is_term = shared.indices[order] < index.space.n_terms_
    order = order[(values[order] > 0) & (rank < _MOST_TERMS) & is_term]
    terms = index.space.columns_
    carried: list[dict[str, float]] = [{} for _ in placed]
    for paper, column, value in zip(
        of_paper[order].tolist(),
        shared.indices[order].tolist(),
        values[order].tolist(),
        strict=True,
    ):
        carried[paper][terms[column]] = value
    return carried


def _through_community(
    index: PaperIndex,
    models: InterestModels,
    columns: NDArray[np.integer],
    *,
    rows: NDArray[np.intp],
    heads: NDArray[np.intp],
    of_paper: NDArray[np.integer],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what a unit of each term adds by way of the community, and what all terms start from.

    Parameters
    ----------
    columns : ndarray of int, shape (n_terms_asked,)
        The terms.
    rows : ndarray of int, shape (n_papers,)
        Papers that they stand in.
    heads, of_paper : ndarray of int, shape (n_terms_asked,)
        For each term: the column of the models, and its paper's index in ``rows``.

    Returns
    -------
    by_term : ndarray of shape (n_terms_asked,)
    offset : ndarray of shape (n_papers,)
        To be taken from the intercept, for the head of the paper's first term.
    """
    community, of_paper = index.community, of_paper.astype(np.intp)
    if not len(community.offset_) or not len(columns):
        return np.zeros(len(columns), np.float32), np.zeros(len(rows), np.float32)
    lengths = community.lengths(index.rows[rows])
    directions = models.community_coef_.T[heads] / lengths[of_paper, None]
    by_term = np.einsum("ij,ij->i", community.components_[columns], directions)
    offset = np.zeros(len(rows), dtype=np.float32)
    offset[of_paper[::-1]] = (directions @ community.offset_)[::-1]
    return by_term, offset


def shown_words(
    paper: Paper,
    contributions: Mapping[str, float],
    *,
    liked: Paper | None = None,
    collocations: Collocations = NO_COLLOCATIONS,
) -> list[str]:
    """Choose the words of a paper that carried most, as its own text has them.

    Parameters
    ----------
    paper : Paper
    contributions : mapping of str to float
        Terms that may be shown, all > 0.
    liked : Paper, optional
        The one that it is like; phrases of both go first.
    collocations : Collocations
        Of the corpus.

    Returns
    -------
    list of str
        At most three, largest first, no main word in two of them.
    """
    phrases = _phrases(paper.title, paper.abstract, collocations)
    common = _phrases(liked.title, liked.abstract, collocations).keys if liked else frozenset()
    weighed = [
        (_WORTH_OF_COMMON * credit if phrase.key in common else credit, phrase)
        for credit, phrase in phrases.weigh(contributions)
    ]
    least = _LEAST_SHARE_OF_TOP * max((credit for credit, _ in weighed), default=0)
    told = choose([of for of in weighed if of[0] >= least], contributions)
    words = [phrase.surface for phrase in islice(told, _MOST_WORDS)]
    # What carried stands only in parts of words and in phrases that carried little.
    return (
        words or [phrases.surfaces[term] for term in contributions if term in phrases.surfaces][:1]
    )


@lru_cache(maxsize=2_000)
def _phrases(title: str, abstract: str, collocations: Collocations) -> Phrases:
    """Return what of a paper can be shown, kept as the same papers reach many people."""
    return phrases_in([title], [abstract], collocations, least_share=_LEAST_SHARE_OF_TERM)


def _is_about(paper: Paper, phrase: str) -> bool:
    """Return whether a paper has most words of a phrase: "folding" is not "protein folding"."""
    own = _words_of_paper(paper.title, paper.abstract)
    words = words_of(phrase)
    return 2 * sum(word in own for word in words) > len(words)


@lru_cache(maxsize=2_000)
def _words_of_paper(title: str, abstract: str) -> frozenset[str]:
    return frozenset((*words_of(title), *words_of(abstract)))


def _row(rows: sparse.csr_matrix, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the columns and values of one row, without the cost of a matrix around it."""
    start, end = rows.indptr[row : row + 2]
    return rows.indices[start:end], rows.data[start:end]


def _largest(values: NDArray[np.floating]) -> tuple[list[int], list[float]]:
    """Return where the largest value of each row is, and the value; 0 where there is none."""
    if not values.shape[1]:
        return [0] * len(values), [0.0] * len(values)
    at = values.argmax(axis=1)
    return at.tolist(), values[np.arange(len(values)), at].tolist()


@lru_cache(maxsize=2_000)
def _shortened(title: str) -> str:
    title = " ".join(readable(title).split())
    if len(title) <= _LONGEST_TITLE:
        return title
    return title[:_LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,:;–-") + "…"
