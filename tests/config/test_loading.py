"""Where the configuration is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.config import find_configuration
from recommender.errors import ConfigurationError


def test_place_that_cannot_be_looked_at_holds_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /etc/recommender to a user who may not enter it: the system refuses to look."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("recommender.config.loading.SYSTEM_FILE", tmp_path / ("x" * 300))
    with pytest.raises(ConfigurationError, match="recommender init"):
        find_configuration(None, {})
