"""The names in a plot of one measure against another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from trx_workers.reporting.canvas import drawn
from trx_workers.reporting.plots import Point, front, with_front


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[Point]], list[Text]]:
    """Draws points, and gives what is written beside them."""
    kept: list[Text] = []

    def watched(name: str, draw: Callable[[Figure, Sequence[Axes]], None], **more: Any) -> str:
        def drawing(figure: Figure, axes: Sequence[Axes]) -> None:
            draw(figure, axes)
            figure.draw_without_rendering()
            kept.extend(axes[0].texts)

        return drawn(name, drawing, **more)

    monkeypatch.setattr("trx_workers.reporting.plots.drawn", watched)

    def run(points: Sequence[Point]) -> list[Text]:
        assert front(with_front(points), "cost", "mean turnaround, s").startswith("<svg")
        return kept

    return run


def test_points_that_coincide_have_one_name(named: Any) -> None:
    points = [Point("fifo", 1, 100), Point("greedy", 1, 100), Point("sjf", 1, 50)]
    assert {text.get_text() for text in named(points)} == {"fifo, greedy", "sjf"}


@pytest.mark.parametrize("gap", [1.2, 2.0, 4.0])
@pytest.mark.parametrize("cost", [0.0, 0.001])
def test_no_name_lies_on_another_or_on_an_axis(named: Any, gap: float, cost: float) -> None:
    points = [Point(f"name {at}", 1 + cost * at, 1 + gap * at) for at in range(5)]
    texts = named([*points, Point("far", 1, 120)])
    boxes = [text.get_window_extent() for text in texts]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    frame = texts[0].axes.get_window_extent()
    assert all(box.y0 > frame.y0 and box.x0 > frame.x0 for box in boxes)
    assert all(text.get_path_effects() for text in texts), "lines below do not strike them through"


def test_a_long_name_is_wrapped_between_words(named: Any) -> None:
    labels = [f"round-robin window={at}" for at in range(6)]
    (text,) = named([Point(label, 1, 100) for label in labels])
    assert text.get_text().split() == ", ".join(labels).split()
    assert text.get_text().count("\n") == 2
