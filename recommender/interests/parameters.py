"""Interests room: what an interest is fitted with, and how far each of it may be moved. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class InterestParameters:
    """Hyper-parameters of `model.InterestModels` and of the evidence that it is fitted on.

    The defaults hold where an instance has too few ratings to choose by; see `tuning`.

    Attributes
    ----------
    penalty : float
        Strength of the regularisation, in ratings. It rules while there are few of them.
    background_weight : float
        Ratings that the unrated papers are worth in all.
    centring : float
        How much of the average paper is taken from every paper: 1 measures what is special about
        them, at 0 who likes what many papers are about is offered more of that.
    community_weight : float
        What likeness in the eyes of the community counts beside likeness of words; 0 is not at all.
    halvings_per_year : float
        How often a rating halves in a year, counted back from the subscriber's newest one; 0 is
        never.
    """

    penalty: float = 5.0
    background_weight: float = 30.0
    centring: float = 1.0
    community_weight: float = 0.0
    halvings_per_year: float = 0.0

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} {getattr(self, name)} is not in [{least}, {most}]")


BOUNDS: Final = {
    "penalty": (0.1, 100.0),
    "background_weight": (0.0, 1000.0),
    "centring": (0.0, 1.0),
    "community_weight": (0.0, 1.0),
    "halvings_per_year": (0.0, 12.0),
}
"""The safe range of each, ends included."""
