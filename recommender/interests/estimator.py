"""Interests room: scikit-learn's estimator interface, without scikit-learn's memory. Pure.

Importing ``sklearn.base`` loads ``scipy.stats``, ``scipy.optimize`` and 500 modules more: 52 MB and
a second at each start, of which our estimators need three methods. An estimator that has them works
wherever scikit-learn takes one: ``clone``, pipelines, searches.
"""

from __future__ import annotations

import inspect
from typing import Any, Self


class Estimator:
    """Hyper-parameters are the keyword arguments of ``__init__``, kept under their names.

    What is learned ends in ``_``; ``fit`` returns the estimator itself.
    """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the hyper-parameters by name.

        Parameters
        ----------
        deep : bool
            Add those of estimators among them, as ``name__parameter``.
        """
        own = {name: getattr(self, name) for name in self._parameter_names()}
        nested = {
            f"{name}__{inner}": value
            for name, estimator in own.items()
            if deep and hasattr(estimator, "get_params") and not isinstance(estimator, type)
            for inner, value in estimator.get_params().items()
        }
        return own | nested

    def set_params(self, **parameters: Any) -> Self:
        """Set hyper-parameters by name.

        Raises
        ------
        ValueError
            If there is none of that name.
        """
        for name, value in parameters.items():
            outer, _, inner = name.partition("__")
            if outer not in self._parameter_names():
                raise ValueError(f"{type(self).__name__} has no parameter {outer!r}")
            if inner:
                getattr(self, outer).set_params(**{inner: value})
            else:
                setattr(self, outer, value)
        return self

    def __sklearn_tags__(self) -> Any:
        # Only scikit-learn asks, so it is loaded then.
        from sklearn.base import BaseEstimator  # noqa: PLC0415 - see the module's first lines

        return BaseEstimator.__sklearn_tags__(self)

    def __repr__(self) -> str:
        given = ", ".join(
            f"{name}={value!r}" for name, value in self.get_params(deep=False).items()
        )
        return f"{type(self).__name__}({given})"

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return list(inspect.signature(cls).parameters)
