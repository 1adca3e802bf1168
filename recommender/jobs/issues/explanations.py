"""Jobs: what is said of what was learned, as JSON and in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from recommender.domain import IssueEntry, KeptInterest
from recommender.interests.explanation import Explanation
from recommender.interests.learned import LearnedWords
from recommender.jobs.issues.taste import LearnedInterest
from recommender.newsletter.blend import trend_probability
from recommender.wording import counted

TERMS_SHOWN: Final = 10
TERMS_NAMED: Final = 3
"""Of those that speak for a paper, and against it."""

LEAST_SHARE_NAMED: Final = 0.1
"""Of what the strongest term weighs; what weighs less says nothing worth a look."""


@dataclass(frozen=True, slots=True)
class SubscriberExplanation:
    """What was learned of one subscriber.

    Attributes
    ----------
    interests : int
        How many were told apart in what they like or stated; 0 where nothing of it counts yet.
    interest_weight : float
        Share of the interest in their ranking, in [0, 1).
    poor_signal : bool or None
        Their interest predicts no better than trend; None: too few of their issues say it.
    library_papers : int
        Papers of their library that count.
    told_apart : tuple of LearnedInterest
        Each of them, that of the largest share first.
    not_told_apart : tuple of KeptInterest
        What they named or paused, and is no interest of its own today.
    stated, not_known : tuple of str
        Of the interests that they stated, which count, and which no known paper has words of.
    """

    email: str
    likes: int
    dislikes: int
    saves: int
    interests: int
    interest_weight: float
    words: LearnedWords
    poor_signal: bool | None = None
    library_papers: int = 0
    told_apart: tuple[LearnedInterest, ...] = ()
    not_told_apart: tuple[KeptInterest, ...] = ()
    stated: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return {
            "subscriber": self.email,
            "likes": self.likes,
            "dislikes": self.dislikes,
            "saves": self.saves,
            "library_papers": self.library_papers,
            "stated": list(self.stated),
            "stated_not_known": list(self.not_known),
            "interests": self.interests,
            "told_apart": [
                {
                    "name": each.kept.name if each.kept else "",
                    "paused": each.is_paused,
                    "share": each.share,
                    "words": list(each.words),
                }
                for each in self.told_apart
            ],
            "not_told_apart": [each.called for each in self.not_told_apart],
            "interest_weight": self.interest_weight,
            "signal": None if self.poor_signal is None else "poor" if self.poor_signal else "good",
            "liked_words": list(self.words.liked),
            "disliked_words": list(self.words.disliked),
        }

    def __str__(self) -> str:
        """Return it in words."""
        if not self.interests:
            return "\n".join(
                [
                    f"{self.email} has rated nothing yet: their issues are what is trending.",
                    *self._not_known_in_words(),
                ]
            )
        share = round(100 * self.interest_weight)
        said = f"{counted(self.likes, 'like')}, {counted(self.dislikes, 'dislike')}"
        lines = [
            f"{self.email}: {said}, {self.saves} saved.",
            f"Interest counts {share} % in their ranking, trend {100 - share} %.",
        ]
        if self.stated:
            lines.append(f"They stated: {', '.join(self.stated)}.")
        lines += self._not_known_in_words()
        if self.library_papers:
            lines.append(f"{counted(self.library_papers, 'paper')} of their library count too.")
        if self.poor_signal:
            lines.append(
                "Interest predicts no better than trend on their last issues, so it counts less."
            )
        if self.interests > 1:
            lines.append(f"{self.interests} interests are told apart, each with its own places.")
        lines += self._interests_in_words()
        if self.words.liked:
            lines.append(f"More of: {', '.join(self.words.liked)}.")
        if self.words.disliked:
            lines.append(f"Less of: {', '.join(self.words.disliked)}.")
        return "\n".join(lines)

    def _interests_in_words(self) -> list[str]:
        lines = [
            f"{each.called}{' (paused)' if each.is_paused else ''}: "
            f"{round(100 * each.share)} % of what they like; {', '.join(each.words)}."
            for each in self.told_apart
            if self.interests > 1 or each.kept is not None
        ]
        if self.not_told_apart:
            named = ", ".join(each.called for each in self.not_told_apart)
            lines.append(f"Not told apart from the rest today: {named}.")
        return lines

    def _not_known_in_words(self) -> list[str]:
        if not self.not_known:
            return []
        named = ", ".join(self.not_known)
        return [f"They stated what counts once digests bring papers of it: {named}."]


@dataclass(frozen=True, slots=True)
class PaperExplanation:
    """Why a paper ranks where it does for one subscriber.

    Attributes
    ----------
    interest_weight : float
        Share of the interest in their ranking, in [0, 1).
    entry : IssueEntry or None
        Its place if a long issue were composed now; None where it is not offered.
    why_not : str
        Why it is not offered; empty where it is.
    interest : Explanation or None
        How much of it is liked, and for which words; None without evidence.
    """

    email: str
    title: str
    interest_weight: float
    entry: IssueEntry | None
    why_not: str
    interest: Explanation | None

    def as_json(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        entry, interest = self.entry, self.interest
        terms = {} if interest is None else interest.contributions
        return {
            "subscriber": self.email,
            "title": self.title,
            "rank": None if entry is None else entry.position,
            "why_not": self.why_not or None,
            "ranking_score": None if entry is None else entry.ranking_score,
            "trend_score": None if entry is None else entry.trend_score,
            "trend_probability": None if entry is None else _by_trend(entry),
            "interest_score": None if entry is None else entry.interest_score,
            "interest_weight": self.interest_weight,
            "reason": "" if entry is None else entry.reason,
            "decision": None if interest is None else interest.decision,
            "intercept": None if interest is None else interest.intercept,
            "contributions": [
                {"term": term, "contribution": value} for term, value in terms.items()
            ],
        }

    def __str__(self) -> str:
        """Return it for a terminal: the verdict, the strongest words, and then the figures."""
        entry, interest = self.entry, self.interest
        verdict = self.why_not
        if entry is not None:
            verdict = f"number {entry.position} of the next issue ({entry.reason})"
        lines = [self.title, f"For {self.email}: {verdict}."]
        if interest is not None:
            lines += _strongest_words(interest)
        if entry is not None:
            lines += ["", *self._scores(entry)]
        if interest is not None:
            lines += ["", *_words_that_count(interest)]
        return "\n".join(lines)

    def _scores(self, entry: IssueEntry) -> list[str]:
        if entry.interest_score is None:
            return [f"Liked with probability {entry.ranking_score:.3f}, by trend alone."]
        share = round(100 * self.interest_weight)
        return [
            f"Liked with probability {entry.ranking_score:.3f}:",
            _figure(f"{entry.interest_score:.3f}", f"by interest, which counts {share} %"),
            _figure(f"{_by_trend(entry):.3f}", f"by trend, which counts {100 - share} %"),
        ]


def _by_trend(entry: IssueEntry) -> float:
    return float(trend_probability(np.array(entry.trend_score)))


def _strongest_words(interest: Explanation) -> list[str]:
    """Return what speaks most for and against a paper, as far as it weighs anything."""
    weights = interest.contributions
    least = LEAST_SHARE_NAMED * max(map(abs, weights.values()), default=0.0)
    told = sorted((each for each in weights if abs(weights[each]) > least), key=weights.__getitem__)
    speaking = {
        "For it": [each for each in reversed(told) if weights[each] > 0],
        "Against it": [each for each in told if weights[each] < 0],
    }
    return [
        f"{side}: {', '.join(words[:TERMS_NAMED])}." for side, words in speaking.items() if words
    ]


def _words_that_count(interest: Explanation) -> list[str]:
    strongest = sorted(interest.contributions.items(), key=lambda each: -abs(each[1]))
    rest = strongest[TERMS_SHOWN:]
    figures = [
        (interest.decision, "in all, of which"),
        (interest.intercept, "without any word"),
        *((value, term) for term, value in strongest[:TERMS_SHOWN]),
        *([(sum(value for _, value in rest), f"{len(rest)} more")] if rest else []),
    ]
    return [
        "What their interest makes of it, in units of a like:",
        *(_figure(f"{value:+.4f}", what) for value, what in figures),
    ]


def _figure(figure: str, what: str) -> str:
    return f"  {figure:>7}  {what}"
