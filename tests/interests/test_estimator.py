"""Our estimators are scikit-learn's, as far as scikit-learn can tell."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from recommender.interests.estimator import Estimator
from recommender.interests.features import Document, FeatureSpace
from recommender.interests.weighting import TermWeighting

DOCUMENTS = [Document("Graph pruning"), Document("Protein folding"), Document("Pruning graphs")]


class Nested(Estimator):
    def __init__(self, inner: Estimator, *, size: int = 3) -> None:
        self.inner = inner
        self.size = size


def test_parameters_are_those_of_init_by_name() -> None:
    space = FeatureSpace(max_terms=7, max_authors=2)
    assert space.get_params() == {"max_terms": 7, "max_authors": 2}
    assert space.set_params(max_terms=8) is space
    assert repr(space) == "FeatureSpace(max_terms=8, max_authors=2)"


def test_parameters_of_inner_estimators_are_named_after_both() -> None:
    nested = Nested(FeatureSpace()).set_params(inner__max_terms=9, size=4)
    assert nested.get_params()["inner__max_terms"] == nested.inner.get_params()["max_terms"] == 9
    assert nested.get_params(deep=False) == {"inner": nested.inner, "size": 4}


def test_parameter_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="FeatureSpace has no parameter 'max_words'"):
        FeatureSpace().set_params(max_words=3)


def test_scikit_learn_clones_it_without_what_it_learned() -> None:
    space = FeatureSpace(max_terms=2).fit(DOCUMENTS)
    cloned = clone(space)
    assert cloned.get_params() == space.get_params()
    assert not hasattr(cloned, "columns_")


def test_scikit_learn_puts_it_into_a_pipeline() -> None:
    pipeline = make_pipeline(FeatureSpace(), TermWeighting(), LinearSVC())
    pipeline.fit(DOCUMENTS, [1, 0, 1])
    assert pipeline.predict([Document("Graphs"), Document("Folding")]).tolist() == [1, 0]
    assert pipeline.set_params(featurespace__max_terms=1).fit(DOCUMENTS, [1, 0, 1])


def test_features_are_made_without_loading_scikit_learn() -> None:
    code = "import sys, recommender.interests.weighting; print('sklearn' in sys.modules)"
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
