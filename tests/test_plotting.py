"""Plots are images: no script, nothing from elsewhere, and foreign names stay text."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree as ET

import pytest

from recommender.plotting import (
    BAD,
    DOUBTFUL,
    GOOD,
    HEIGHT,
    bars_against_a_limit,
    line_with_intervals,
    stacked_bars,
)

LABELS = [f"Mar {day}" for day in range(1, 15)]
HOSTILE = "<script>alert(1)</script>&\"'"


def drawn() -> list[str]:
    return [
        stacked_bars(LABELS, {"sent": range(14), HOSTILE: [1] * 14}, [GOOD, BAD]),
        line_with_intervals(LABELS, [(0.5, 0.4, 0.6), None, *[(0.4, 0.0, 1.0)] * 12]),
        bars_against_a_limit([("example.org", 120.0), (HOSTILE, 60.0), ("a", 1)], limit=100),
        stacked_bars([], {"sent": []}, [GOOD]),
        line_with_intervals([], []),
        bars_against_a_limit([], limit=100),
    ]


@pytest.mark.parametrize(
    ("top", "numbers"), [(3, "0123"), (4.5, "012345"), (12, "0 5 10 15"), (620_000, "0 200,000")]
)
def test_what_is_counted_has_whole_numbers_beside_it(top: float, numbers: str) -> None:
    root = ET.fromstring(stacked_bars(["today"], {"sent": [top]}, [GOOD]))  # noqa: S314, our own
    shown = [each.text or "" for each in root.iter() if each.tag.endswith("text")]

    assert all("." not in each for each in shown)
    assert {*(numbers.split() if " " in numbers else numbers)} <= {*shown}


@pytest.mark.parametrize("svg", drawn(), ids=range(6))
def test_a_plot_is_whole_and_asks_for_nothing(svg: str) -> None:
    root = ET.fromstring(svg)  # noqa: S314, our own

    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert tags & {"script", "image", "foreignObject", "a", "use"} == set()
    assert not re.search(r"@import|url\((?!#)", svg)


def test_foreign_names_stay_text() -> None:
    root = ET.fromstring(drawn()[2])  # noqa: S314, our own

    assert HOSTILE in [element.text for element in root.iter() if element.text]


def test_bars_have_the_colour_of_how_near_they_come() -> None:
    svg = bars_against_a_limit([("a", 100), ("b", 50), ("c", 49)], limit=100)

    bars = re.findall(r'<g class="bar"[^>]* style="fill: (#\w+)', svg)
    assert bars == [GOOD, DOUBTFUL, BAD]


def test_each_bound_of_an_interval_is_within_the_plot() -> None:
    svg = line_with_intervals(["a", "b"], [(0.5, 0.1, 0.9), (0.5, 0.45, 0.55)])
    bounds = re.findall(r'<g class="ci"><path d="([^"]+)"', svg)
    heights = [float(y) for path in bounds for y in re.findall(r"[ML][\d.-]+ ([\d.-]+)", path)]

    assert len(bounds) == 2
    assert all(0 <= height <= HEIGHT for height in heights)


def test_the_library_leaves_no_finder_of_modules_behind() -> None:
    drawn()

    assert [each for each in sys.meta_path if "pygal" in type(each).__module__] == []
