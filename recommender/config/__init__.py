"""Configuration, read by `cli` and `daemon` only: TOML, environment, credentials -> `Settings`.

Everybody else is handed plain values. Every problem is reported at once, and no message and no
``repr`` shows a secret.
"""

from __future__ import annotations

from recommender.config.initial import write_initial_configuration
from recommender.config.loading import find_configuration, holds_secrets, load_settings
from recommender.config.settings import Settings

__all__ = [
    "Settings",
    "find_configuration",
    "holds_secrets",
    "load_settings",
    "write_initial_configuration",
]
