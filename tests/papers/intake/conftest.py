"""What tests of the intake share."""

from __future__ import annotations

import pytest
from shelves import Shelf

from recommender.jobs.services import Services


@pytest.fixture
def shelf(services: Services) -> Shelf:
    return Shelf(services)
