"""Newsletter room: what somebody's next issue depends on, and what it is fitted on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from recommender.domain import InterestState, KeptInterest, KnownPaper, Rating, TermRating
from recommender.interests.evidence import Evidence, gather_evidence
from recommender.interests.kept_interests import find_silent, group_papers, match_kept
from recommender.interests.paper_index import PaperIndex
from recommender.interests.parameters import InterestParameters
from recommender.newsletter.blend import PRIOR_HALF_EVIDENCE
from recommender.papers.identity.canonical_ids import TitleSearch


@dataclass(frozen=True, slots=True)
class RankingParameters:
    """What an instance learned for its rankings, and what its operator decided.

    Attributes
    ----------
    interest : InterestParameters
    half_evidence : float
        See `blend.interest_weight`.
    exploration : int
        Most places of an issue for papers that the model is unsure of: 0, 1 or 2.
    title_search : TitleSearch
        Where links search for papers that have no address.
    """

    interest: InterestParameters = field(default_factory=InterestParameters)
    half_evidence: float = PRIOR_HALF_EVIDENCE
    exploration: int = 0
    title_search: TitleSearch = TitleSearch.ARXIV


@dataclass(frozen=True, slots=True)
class Reader:
    """What a subscriber's next issue depends on.

    Attributes
    ----------
    papers : int
        Papers in an issue, >= 1.
    ratings : sequence of Rating
        All that they say of papers today, in any order.
    interests : str
        What they said that they like to read; may be empty.
    terms : sequence of TermRating
        Terms that they want more or less of.
    library : sequence of KnownPaper
        What they named or have in their library: papers that they know, and need not be sent.
    kept_interests : sequence of KeptInterest
        Interests that they named or paused; of removed ones nothing is left to learn from.
    followed, blocked : str
        What they always and never want, a line each.
    sent : collection of int
        Ids of the papers that they were sent in any issue.
    is_new : bool
        It is their first issue: it asks rather than guesses.
    poor_signal : bool or None
        Their interest predicts no better than trend, see `poor_signal`; None: nobody knows yet.
    seed : str
        Of what is left to chance; the same seed gives the same issue.
    """

    papers: int
    ratings: Sequence[Rating] = ()
    interests: str = ""
    terms: Sequence[TermRating] = ()
    library: Sequence[KnownPaper] = ()
    kept_interests: Sequence[KeptInterest] = ()
    followed: str = ""
    blocked: str = ""
    sent: Collection[int] = ()
    is_new: bool = False
    poor_signal: bool | None = None
    seed: str = ""


def evidence_of(index: PaperIndex, reader: Reader, parameters: RankingParameters) -> Evidence:
    """Gather what a reader's ranking is fitted on: what they told, but for what they paused."""
    told = all_evidence_of(index, reader, parameters)
    paused = [each for each in reader.kept_interests if each.state is InterestState.PAUSED]
    if not paused:
        return told
    silent = find_silent(index, told, paused, liked_at=liked_at(reader))
    spoken = replace(
        reader,
        ratings=[
            each for each in reader.ratings if each.value < 0 or each.paper_id not in silent.papers
        ],
        library=[each for each in reader.library if each.paper_id not in silent.papers],
        terms=[each for each in reader.terms if each.value < 0 or each.term not in silent.terms],
        interests="\n".join(each for each in told.phrases if each not in silent.phrases),
    )
    return all_evidence_of(index, spoken, parameters)


def all_evidence_of(index: PaperIndex, reader: Reader, parameters: RankingParameters) -> Evidence:
    """Gather all that a reader told us, of interests that they paused as well."""
    return gather_evidence(
        index,
        reader.ratings,
        reader.interests,
        terms=reader.terms,
        library=reader.library,
        halvings_per_year=parameters.interest.halvings_per_year,
    )


def names_of_liked(
    index: PaperIndex, reader: Reader, evidence: Evidence, groups: Sequence[Sequence[int]]
) -> dict[int, str]:
    """Return what a reader calls the interest that a liked paper belongs to, by row in the index.

    Papers of an interest without a name are left out.

    Parameters
    ----------
    groups : sequence of sequence of int
        The likes of each interest, as indices of ``evidence.liked``.
    """
    if not any(each.name for each in reader.kept_interests):
        return {}
    papers = group_papers(index, evidence, groups)
    matched = match_kept(reader.kept_interests, papers, liked_at(reader))
    return {
        evidence.liked[at]: interest.name
        for group, interest in matched.items()
        if interest.name
        for at in groups[group]
    }


def liked_at(reader: Reader) -> dict[int, datetime]:
    """Return when a reader liked, saved or added each paper that counts as liked."""
    moments = {each.paper_id: each.added_at for each in reader.library}
    for each in reader.ratings:
        if each.value > 0 or each.saved:
            moments[each.paper_id] = each.rated_at
    return moments
