"""Newsletter room: the next issues of some subscribers, planned together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from recommender.domain import IssueEntry
from recommender.interests.batch import Interest, Interests, fit_interests, fitting_slices
from recommender.interests.evidence import Evidence
from recommender.interests.explanation import Placed, find_grounds, reasons_in_words
from recommender.interests.heads import chance_likeness
from recommender.interests.model import InterestModels
from recommender.newsletter.blend import (
    blend,
    interest_outweighs,
    interest_weight,
    trend_probability,
)
from recommender.newsletter.corpus import Corpus
from recommender.newsletter.exploration import (
    Explored,
    explore,
    explored_positions,
    places_explored,
)
from recommender.newsletter.introduction import informative
from recommender.newsletter.ranking import Place, rank_papers
from recommender.newsletter.reader import RankingParameters, Reader, evidence_of, names_of_liked
from recommender.newsletter.reasons import (
    EXPLORED_REASON,
    Reason,
    followed_reason,
    reason_in_words,
)
from recommender.newsletter.unmet_interests import unmet_interests
from recommender.newsletter.wishes import Verdict, followed_lift, judge
from recommender.papers.identity.canonical_ids import TitleSearch, reading_url

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_NOTHING: IntArray = np.zeros(0, dtype=np.intp)
_UNSURE_AMONG = 64
"""The best papers, whose uncertainty is looked at; the others are explored at random alone."""


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """An issue before it has a number and is frozen; the fields are those of `domain.Issue`."""

    curator: str
    likes: int
    dislikes: int
    saves: int
    entries: tuple[IssueEntry, ...]
    poor_signal: bool = False
    unmet_interests: tuple[str, ...] = ()


def plan_issues(
    corpus: Corpus, readers: Sequence[Reader], parameters: RankingParameters
) -> list[IssuePlan | None]:
    """Plan the next issues of some subscribers; the same input gives the same issues.

    Returns
    -------
    list of IssuePlan or None
        One for each reader; None where nothing is new to them. No paper that they were sent or
        have rated comes again, none that is in their library, and none that they block.
    """
    evidences = [evidence_of(corpus.index, reader, parameters) for reader in readers]
    plans: list[IssuePlan | None] = []
    for some in fitting_slices(evidences):
        plans += _plan_batch(corpus, readers[some], evidences[some], parameters)
    return plans


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """One issue under way.

    Attributes
    ----------
    scores : ndarray of shape (n_heads, n_candidates)
        The `interest_score` of each head; no heads without evidence.
    term_weights : ndarray of shape (n_terms, n_heads)
        What each head makes of each term.
    weight : float
        Of the interest in the blend.
    blend : ndarray of shape (n_candidates,)
        Of the head that likes each most, damped by what is ranked; −inf for papers that are not
        offered.
    ranked : list of Place
        What the ranking picked.
    unsure_among : ndarray of int
        Candidates whose uncertainty is looked at for the explored places; may be empty.
    """

    reader: Reader
    evidence: Evidence
    interest: Interest
    scores: FloatArray
    term_weights: NDArray[np.float32]
    weight: float
    verdict: Verdict
    blend: FloatArray
    ranked: list[Place]
    unsure_among: IntArray


def _plan_batch(
    corpus: Corpus,
    readers: Sequence[Reader],
    evidences: Sequence[Evidence],
    parameters: RankingParameters,
) -> list[IssuePlan | None]:
    """Plan issues of readers who are fitted together."""
    interests = fit_interests(
        corpus.index, evidences, parameters.interest, rated_rows=corpus.rated_rows
    )
    models = interests.models
    scores = np.ascontiguousarray(models.interest_score(models.decision_function(corpus.rows)).T)
    drafts = [
        _draft(
            corpus,
            reader,
            evidence,
            interest,
            scores=scores,
            term_weights=models.coef_,
            parameters=parameters,
        )
        for reader, evidence, interest in zip(readers, evidences, interests.of, strict=True)
    ]
    near = _Nearness(corpus, interests, drafts)
    explored = [_explore(draft, near, parameters.exploration) for draft in drafts]
    reasons = iter(_reasons(corpus, models, drafts, near))
    return [
        _plan(corpus, draft, drawn, [next(reasons) for _ in draft.ranked], parameters.title_search)
        for draft, drawn in zip(drafts, explored, strict=True)
    ]


def _draft(
    corpus: Corpus,
    reader: Reader,
    evidence: Evidence,
    interest: Interest,
    *,
    scores: FloatArray,
    term_weights: NDArray[np.float32],
    parameters: RankingParameters,
) -> _Draft:
    """Blend and rank; leave the explored places open."""
    own = scores[interest.heads.start : interest.heads.stop]
    weight = interest_weight(
        evidence.amount, parameters.half_evidence, poor_signal=bool(reader.poor_signal)
    )
    # A copy, for all issues share the trend.
    trend = np.array([corpus.trend_scores])
    blends = blend(trend, own, weight) if len(own) else trend_probability(trend)
    verdict = judge(corpus.wishes, followed=reader.followed, blocked=reader.blocked)
    if verdict.followed:
        followed = list(verdict.followed)
        blends[:, followed] = followed_lift(blends[:, followed])
    blends = np.where(_is_offered(corpus, reader, verdict), blends, -np.inf)

    best = blends.max(axis=0)
    offered = int(np.count_nonzero(best > -np.inf))
    places = min(reader.papers, offered)
    if reader.is_new:
        ranked = _introduced(corpus, own, best, places)
    else:
        places -= places_explored(places, parameters.exploration)
        ranked = rank_papers(
            blends, corpus.crowds, shares=interest.shares if len(own) else [1.0], places=places
        )
        # What says the same as a ranked paper promises as little in an explored place.
        left = blends.max(axis=0)
        best = np.where(left > -np.inf, left, best)
    open_places = min(reader.papers, offered) - len(ranked)
    among = min(_UNSURE_AMONG, offered) if open_places and len(own) else 0
    return _Draft(
        reader=reader,
        evidence=evidence,
        interest=interest,
        scores=own,
        term_weights=term_weights[:, interest.heads.start : interest.heads.stop],
        weight=weight,
        verdict=verdict,
        blend=best,
        ranked=ranked,
        unsure_among=np.argpartition(-best, among - 1)[:among] if among else _NOTHING,
    )


def _is_offered(corpus: Corpus, reader: Reader, verdict: Verdict) -> NDArray[np.bool_]:
    """Return which candidates a subscriber neither was sent nor has rated, keeps or blocks."""
    rated = [rating.paper_id for rating in reader.ratings if rating.value or rating.saved]
    rated += [each.paper_id for each in reader.library]
    row_of = corpus.index.row_of
    is_new = np.ones(len(corpus.index.papers), dtype=bool)
    is_new[[row_of[known] for known in (*rated, *reader.sent) if known in row_of]] = False
    is_offered = is_new[corpus.candidates]
    is_offered[list(verdict.blocked)] = False
    return is_offered


def _introduced(corpus: Corpus, scores: FloatArray, best: FloatArray, places: int) -> list[Place]:
    """Pick the papers of a first issue: those whose ratings tell most."""
    picked = informative(
        corpus.rows,
        trend_probability(corpus.trend_scores),
        scores.max(axis=0) if len(scores) else None,
        offered=np.flatnonzero(best > -np.inf),
        places=places,
    )
    return [
        Place(
            candidate,
            int(scores[:, candidate].argmax()) if len(scores) else 0,
            0.0,
            float(best[candidate]),
        )
        for candidate in picked
    ]


class _Nearness:
    """What candidates that matter have in common with what the readers of a batch rated.

    Parameters
    ----------
    drafts : sequence of _Draft
        Their ranked candidates, and those among which the model may be unsure.
    """

    def __init__(self, corpus: Corpus, interests: Interests, drafts: Sequence[_Draft]) -> None:
        wanted = [np.array([place.candidate for place in draft.ranked]) for draft in drafts]
        wanted += [draft.unsure_among for draft in drafts]
        candidates = np.unique(np.concatenate([_NOTHING, *wanted]).astype(np.intp))
        self._place = np.zeros(len(corpus.candidates), dtype=np.intp)
        self._place[candidates] = np.arange(len(candidates))
        self._models = interests.models
        self._cosines = interests.cosines_of(corpus.index, corpus.candidates[candidates])
        if any(len(draft.unsure_among) for draft in drafts):
            rows = corpus.rows[candidates]
            self._covariance = self._models.covariance(rows, self._cosines)
            self._variance = self._models.prior_variance(rows)

    def cosines(self, draft: _Draft) -> NDArray[np.float32]:
        """Return those of the ranked papers and the pieces of evidence."""
        places = self._place[[place.candidate for place in draft.ranked]]
        cosines: NDArray[np.float32] = self._cosines[places[:, None], draft.interest.pieces]
        return cosines

    def deviations(self, draft: _Draft) -> FloatArray | None:
        """Return how unsure the first head is of each candidate; None without evidence.

        0 for those that are not looked at.
        """
        if not len(draft.unsure_among):
            return None
        places = self._place[draft.unsure_among]
        deviations = np.zeros(len(draft.blend))
        deviations[draft.unsure_among] = self._models.deviation(
            self._covariance[places[:, None], draft.interest.pieces],
            self._variance[places],
            draft.interest.heads.start,
        )
        return deviations


def _explore(draft: _Draft, near: _Nearness, exploration: int) -> Explored:
    """Draw the papers of the places that the ranking left open."""
    offered = np.flatnonzero(draft.blend > -np.inf)
    places = min(draft.reader.papers, len(offered)) - len(draft.ranked)
    if places <= 0 or not exploration:
        return Explored(_NOTHING, np.zeros(0))
    deviations = near.deviations(draft)
    drawn = explore(
        draft.blend[offered],
        None if deviations is None else deviations[offered],
        np.searchsorted(offered, [place.candidate for place in draft.ranked]),
        places=places,
        # Reproducible, not secret; seeding numpy's generator would take longer than drawing.
        rng=Random(draft.reader.seed),  # noqa: S311 - see above
    )
    return Explored(offered[drawn.candidates], drawn.propensities)


def _plan(
    corpus: Corpus,
    draft: _Draft,
    explored: Explored,
    reasons: Sequence[Reason],
    search: TitleSearch,
) -> IssuePlan | None:
    """Put the papers of an issue in their order."""
    shown = list(zip(draft.ranked, reasons, strict=True))
    drawn = dict(zip(explored.candidates.tolist(), explored.propensities.tolist(), strict=True))
    for at, candidate in zip(
        explored_positions(len(shown) + len(drawn), len(drawn)), drawn, strict=True
    ):
        head = int(draft.scores[:, candidate].argmax()) if len(draft.scores) else 0
        place = Place(candidate, head, 0.0, float(draft.blend[candidate]))
        shown.insert(at - 1, (place, Reason(EXPLORED_REASON, is_personal=False)))
    if not shown:
        return None
    evidence = draft.evidence
    return IssuePlan(
        # Candidates stand newest first.
        curator=corpus.attention[min(place.candidate for place, _ in shown)].curator,
        likes=evidence.likes,
        dislikes=evidence.dislikes,
        saves=evidence.saves,
        entries=tuple(
            _entry(
                corpus,
                draft,
                place,
                position=position,
                reason=reason,
                drawn_with=drawn.get(place.candidate),
                search=search,
            )
            for position, (place, reason) in enumerate(shown, start=1)
        ),
        poor_signal=bool(draft.reader.poor_signal),
        unmet_interests=unmet_interests(
            corpus.wishes,
            draft.reader.interests,
            offered=draft.blend > -np.inf,
            reasons=[reason.words for reason in reasons],
        ),
    )


def _entry(
    corpus: Corpus,
    draft: _Draft,
    place: Place,
    *,
    position: int,
    reason: Reason,
    drawn_with: float | None,
    search: TitleSearch,
) -> IssueEntry:
    """Freeze a paper as it is shown; ``drawn_with`` is the probability of an explored one."""
    candidate = place.candidate
    paper = corpus.index.papers[corpus.candidates[candidate]]
    excerpt, is_summary = corpus.excerpts.of(candidate, draft.term_weights, place.head)
    return IssueEntry(
        position=position,
        paper_id=paper.id,
        title=paper.title,
        authors=paper.authors,
        url=reading_url(paper, search),
        excerpt=excerpt,
        upvotes=corpus.attention[candidate].upvotes,
        trend_score=float(corpus.trend_scores[candidate]),
        interest_score=float(draft.scores[place.head, candidate]) if len(draft.scores) else None,
        interest_weight=draft.weight,
        ranking_score=place.ranking_score,
        reason=reason.words,
        reason_is_personal=reason.is_personal,
        explored=drawn_with is not None,
        propensity=1.0 if drawn_with is None else drawn_with,
        excerpt_is_summary=is_summary,
        code_url=paper.code_url,
        project_url=paper.project_url,
        topic=corpus.topic_of(candidate),
    )


def _reasons(
    corpus: Corpus, models: InterestModels, drafts: Sequence[_Draft], near: _Nearness
) -> Iterator[Reason]:
    """Yield of each ranked paper why it is here, draft by draft."""
    chance = chance_likeness(corpus.index.background)
    placed = [
        Placed(
            int(corpus.candidates[place.candidate]),
            draft.interest.heads[place.head],
            grounds,
            draft.evidence.liked,
        )
        for draft in drafts
        if draft.interest.heads
        for place, grounds in zip(
            draft.ranked,
            find_grounds(draft.evidence, near.cosines(draft), chance=chance),
            strict=True,
        )
    ]
    average = float(models.parameters.calibration.probability(0.0))
    personal = iter(zip(placed, reasons_in_words(corpus.index, models, placed), strict=True))
    for draft in drafts:
        names = names_of_liked(corpus.index, draft.reader, draft.evidence, draft.interest.groups)
        for place in draft.ranked:
            own, name = None, ""
            if draft.interest.heads:
                each, own = next(personal)
                nearest = each.grounds.nearest
                name = "" if nearest is None else names.get(nearest, "")
            reason = _reason(corpus, draft, place, own, average=average, name=name)
            match = draft.verdict.followed.get(place.candidate)
            yield reason if match is None else followed_reason(match, reason)


def _reason(
    corpus: Corpus,
    draft: _Draft,
    place: Place,
    personal: str | None,
    *,
    average: float,
    name: str,
) -> Reason:
    candidate = place.candidate
    by_interest = len(draft.scores) > 0 and interest_outweighs(
        corpus.trend_scores[candidate],
        draft.scores[place.head, candidate],
        draft.weight,
        average=average,
    )
    return reason_in_words(
        personal, corpus.attention[candidate], by_interest=by_interest, interest_name=name
    )
