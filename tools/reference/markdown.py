"""Tables, and docstrings in the words of Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

__all__ = ["attributes_of", "code", "prose", "summary_of", "table"]

ROLE = re.compile(r":\w+:`~?([^`]+)`")
ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, and an empty one."""
    yield _row(header)
    yield _row(["---"] * len(header))
    yield from map(_row, rows)
    yield ""


def code(text: object) -> str:
    """As code, or nothing for an empty text."""
    return f"`{text}`" if str(text) else ""


def prose(text: str) -> str:
    """A docstring's text in one line: backquotes in pairs become single, roles their names."""
    plain = ROLE.sub(lambda role: f"`{role[1].rpartition('.')[2]}`", text)
    return " ".join(plain.replace("``", "`").split())


def summary_of(thing: Any) -> str:
    """The first paragraph of a docstring."""
    return prose((inspect.getdoc(thing) or "").partition("\n\n")[0])


def attributes_of(thing: Any) -> dict[str, str]:
    """Attribute or argument → what the docstring of a class says of it."""
    told = inspect.getdoc(thing) or ""
    _, _, section = told.partition("Attributes:\n" if "Attributes:\n" in told else "Args:\n")
    section = section.partition("\n\n")[0]
    return {name: prose(text).rstrip(".") for name, text in ATTRIBUTE.findall(section)}


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
