"""The page on conformance says what the kit says."""

from __future__ import annotations

from pathlib import Path

from trx_core.testing import conformance_markdown, strategies

PAGE = Path(__file__).parents[1] / "docs" / "conformance.md"
MARK = "<!-- From here on: trx_core.testing.conformance_markdown(). -->\n\n"


def test_the_reference_is_that_of_the_kit() -> None:
    _, mark, reference = PAGE.read_text().partition(MARK)
    assert mark, "the mark that the reference follows is gone"
    assert reference == conformance_markdown(), f"write it anew, after the mark in {PAGE.name}"


def test_every_strategy_is_named() -> None:
    intro, _, _ = PAGE.read_text().partition(MARK)
    assert {name for name in strategies.__all__ if f"`{name}()`" not in intro} == set()
