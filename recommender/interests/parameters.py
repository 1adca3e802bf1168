"""Interests room: what an interest is fitted with, and how far each of it may be moved. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from recommender.interests.calibration import Calibration
from recommender.interests.weighting import TermWeighting


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
    focus : float
        What the word that tells most of an interest gains with each rating, in times its weight;
        others gain less, in proportion to theirs.
    halvings_per_year : float
        How often a rating halves in a year, counted back from the subscriber's newest one; 0 is
        never.
    saturation, length_normalisation, idf_sharpness, idf_floor, title_emphasis, author_share : float
        What the terms and authors of a paper count; see `weighting.TermWeighting`.
    calibration_intercept, calibration_slope : float
        See `calibration.Calibration`. Of what production ranks first on hf-authors and
        citeulike-t, the probabilities by the defaults are 0.020 to 0.025 from the truth.
    """

    penalty: float = 5.0
    background_weight: float = 30.0
    centring: float = 1.0
    community_weight: float = 0.0
    focus: float = 0.05
    halvings_per_year: float = 0.0
    saturation: float = 1.5
    length_normalisation: float = 0.4
    idf_sharpness: float = 2.0
    idf_floor: float = 0.1
    title_emphasis: float = 1.1
    author_share: float = 0.05
    calibration_intercept: float = -5.25
    calibration_slope: float = 0.9

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} {getattr(self, name)} is not in [{least}, {most}]")

    @property
    def weighting(self) -> dict[str, float]:
        """The hyper-parameters of `weighting.TermWeighting`."""
        return {name: getattr(self, name) for name in TermWeighting().get_params()}

    @property
    def calibration(self) -> Calibration:
        """How probable a like is."""
        return Calibration(self.calibration_intercept, self.calibration_slope)

    def calibrated(self, calibration: Calibration) -> InterestParameters:
        """Return the same with another calibration; itself if that is out of its bounds."""
        values = {
            "calibration_intercept": calibration.intercept,
            "calibration_slope": calibration.slope,
        }
        if any(not BOUNDS[name][0] <= value <= BOUNDS[name][1] for name, value in values.items()):
            return self
        return replace(self, **values)


BOUNDS: Final = {
    "penalty": (0.1, 100.0),
    "background_weight": (0.0, 1000.0),
    "centring": (0.0, 1.0),
    "community_weight": (0.0, 1.0),
    "focus": (0.0, 1.0),
    "halvings_per_year": (0.0, 12.0),
    "saturation": (0.0, 10.0),
    "length_normalisation": (0.0, 1.0),
    "idf_sharpness": (0.5, 4.0),
    "idf_floor": (0.0, 0.5),
    "title_emphasis": (1.0, 3.0),
    "author_share": (0.0, 0.3),
    "calibration_intercept": (-20.0, 5.0),
    "calibration_slope": (0.1, 10.0),
}
"""The safe range of each, ends included."""
