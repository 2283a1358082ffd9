"""The page of the algorithms agrees with what their classes say of themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from trx_algorithms.reserving import Reserving
from trx_core.plugins import load_plugins

PAGE = Path(__file__).parents[1].joinpath("docs", "algorithms.md").read_text()
SPECS = {
    name: spec
    for name, spec in load_plugins().algorithms.items()
    if spec.target.startswith("trx_algorithms.")
}
BATCH = ("fcfs", "sjf", "wfp3", "unicep", "f1")
SOURCE = re.compile(r"\b(?:19|20)\d\d\b|nginx|Finagle|SC'17")
YARDSTICK = "oracle"


def sections() -> Iterator[tuple[str, str]]:
    parts = re.split(r"^#{2,3} (.+) \{ #[\w-]+ \}$", PAGE, flags=re.MULTILINE)
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        for name in re.findall(r"`([\w-]+)`", heading):
            yield name, text


SECTIONS = dict(sections())


def orders(text: str) -> list[str]:
    """The complexities that a text names, without blanks: ``O(T·(logP+d))``."""
    flat = "".join(text.split())
    found = []
    for match in re.finditer(r"O\(", flat):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(flat[end], 0)
            end += 1
        found.append(flat[match.start() : end])
    return found


def described(name: str) -> str:
    module, _, attribute = SPECS[name].target.partition(":")
    found = getattr(import_module(module), attribute)
    return inspect.getdoc(Reserving if name in BATCH else found) or ""


def test_every_algorithm_has_a_section() -> None:
    assert SPECS.keys() <= SECTIONS.keys()


@pytest.mark.parametrize("name", SPECS)
def test_complexities_are_those_of_the_class(name: str) -> None:
    bullet = SECTIONS[name].partition("**Complexity**")[2].partition("\n- ")[0]
    assert orders(bullet), name
    assert orders(bullet) == orders(described(name))[: len(orders(bullet))]


@pytest.mark.parametrize("name", sorted(SPECS.keys() - {YARDSTICK}))
def test_each_names_its_source(name: str) -> None:
    row = re.search(rf"^\| `{name}` .*$", SECTIONS[name], flags=re.MULTILINE)
    assert SOURCE.search(row[0] if row else SECTIONS[name].partition("- **Complexity**")[0])
