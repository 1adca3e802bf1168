"""Plots as SVG, light and dark: the one module that knows pygal.

A plot runs no script, asks for nothing, and its numbers stand beside it as text: it is shown as an
image, where neither would work.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

WIDTH, HEIGHT = 400, 250

# Each can be told from both grounds at 3:1 and more (WCAG 2.2, 1.4.11).
GOOD: Final = "#2a8c7f"
DOUBTFUL: Final = "#b0761b"
BAD: Final = "#d4504a"
OF_INTERESTS: Final = (GOOD, DOUBTFUL, "#4f7fd1", BAD)
OF_THE_REST: Final = "#86807a"

_STRONG, _WEAK = "#1c1917", "#4f4b46"
# Its own rules name the plot's id, which these cannot know.
_LOOK: Final = """inline:
.pygal-chart .guide.line { stroke: #86807a !important; stroke-opacity: .45; }
.pygal-chart .guide.line { stroke-dasharray: none !important; }
.pygal-chart .ci { stroke: #4f4b46 !important; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  .pygal-chart text { fill: #ece7e1 !important; }
  .pygal-chart .axis > path.line { stroke: #837b73 !important; }
  .pygal-chart .ci { stroke: #c8c1b9 !important; }
}
"""
_SVG: Final = "{http://www.w3.org/2000/svg}"


def stacked_bars(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    colours: Sequence[str],
    *,
    legend: bool = True,
    title: str = "",
) -> str:
    """Return bars, each a sum of parts.

    Parameters
    ----------
    labels : sequence of str
        One for each bar.
    series : mapping of str to sequence of float
        The parts by name, each with a number for each bar.
    colours : sequence of str
        One for each part.
    legend : bool
        Whether the names of several parts stand below; else they stand beside the plot.
    title : str
        What it shows, for programs that read it out; nothing that is seen.
    """
    chart = _chart("StackedBar", colours, show_legend=legend and len(series) > 1)
    _label(chart, labels)
    chart.y_labels = _ticks(max(map(sum, zip(*series.values(), strict=True)), default=0))
    for name, values in series.items():
        chart.add(name, list(values))
    if title:
        chart.add_xml_filter(partial(_with_title, title))
    return _drawn(chart)


def line_with_intervals(
    labels: Sequence[str], points: Sequence[tuple[float, float, float] | None]
) -> str:
    """Return a line through values, each with the interval that it may lie in.

    Parameters
    ----------
    labels : sequence of str
        One for each point.
    points : sequence of (float, float, float) or None
        Value, lower and upper bound; None leaves a gap.
    """
    bounds = [bound for point in points if point is not None for bound in point]
    # The axis follows the values alone, and would cut their intervals off.
    span = {"range": (min(bounds), max(bounds))} if bounds else {}
    chart = _chart("Line", [GOOD], show_legend=False, **span)
    _label(chart, labels)
    values = [
        None if point is None else {"value": point[0], "ci": {"low": point[1], "high": point[2]}}
        for point in points
    ]
    chart.add("", values)
    return _drawn(chart)


def bars_against_a_limit(bars: Sequence[tuple[str, float]], *, limit: float) -> str:
    """Return bars that lie down, in the colour of how near each comes to a limit.

    Parameters
    ----------
    bars : sequence of (str, float)
        Name and value; the first is the topmost.
    limit : float
        > 0; the axis reaches it at least.
    """
    top = max([limit, *(value for _, value in bars)])
    chart = _chart("HorizontalBar", [GOOD], show_legend=False, range=(0, top))
    # It draws from the bottom upwards.
    chart.x_labels = [name for name, _ in reversed(bars)]
    chart.add("", [{"value": value, "color": _near(value / limit)} for _, value in reversed(bars)])
    return _drawn(chart)


def _near(share: float) -> str:
    return BAD if share >= 1 else DOUBTFUL if share >= 0.5 else GOOD  # noqa: PLR2004 - as warnings do


@cache
def _pygal() -> Any:
    """Load pygal when something is drawn: it takes a quarter of a second, and few processes draw.

    It leaves a finder of plug-ins behind, which has Python 3.11 warn at each import that fails.
    """
    import pygal  # noqa: PLC0415 - see above

    sys.meta_path[:] = [
        each for each in sys.meta_path if type(each).__module__.partition(".")[0] != "pygal"
    ]
    return pygal


def _chart(kind: str, colours: Sequence[str], **options: Any) -> Any:
    style = _pygal().style.Style(
        background="transparent",
        plot_background="transparent",
        foreground=_WEAK,
        foreground_strong=_STRONG,
        foreground_subtle=_WEAK,
        opacity="1",
        colors=tuple(colours),
        font_family="system-ui, sans-serif",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=12,
        no_data_font_size=14,
    )
    chart = getattr(_pygal(), kind)(
        style=style,
        css=("file://style.css", "file://graph.css", _LOOK),
        js=(),
        width=WIDTH,
        height=HEIGHT,
        margin=4,
        margin_right=16,
        legend_at_bottom=True,
        legend_box_size=12,
        no_data_text="nothing yet",
        truncate_label=-1,
        min_scale=3,
        max_scale=6,
        value_formatter="{:,.6g}".format,
        **options,
    )
    chart.add_xml_filter(_without_scripts)
    return chart


def _ticks(top: float) -> list[int]:
    """Return whole numbers from 0 to a top or beyond it, six at most: a count is never 0.8."""
    step = 1
    while step * 5 < top:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, int(-(-top // step)) * step + 1, step)) if top else []


def _label(chart: Any, labels: Sequence[str]) -> None:
    chart.x_labels = list(labels)
    chart.x_labels_major_every = max(1, -(-len(labels) // 5))
    chart.show_minor_x_labels = False


def _with_title(title: str, root: Any) -> Any:
    element = root.makeelement("title", {})
    element.text = title
    root.insert(0, element)
    return root


def _without_scripts(root: Any) -> Any:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{_SVG}script", "script"}:
                parent.remove(child)
    return root


def _drawn(chart: Any) -> str:
    drawn: str = chart.render(is_unicode=True)
    return drawn
