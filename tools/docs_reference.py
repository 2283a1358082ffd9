"""Keeps docs/reference, and what conformance.md and traffic.md list, equal to the code.

Usage: ``docs_reference.py [--write]``. Without ``--write`` it names the pages that are out of date,
and ends with 1 if there are any.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from reference.commands import commands
from reference.plugins import algorithms, hooks
from reference.service import metrics, settings
from reference.states import states
from reference.traffic import traffic

from trx_core.testing import conformance_markdown

__all__ = ["FOLDER", "PAGES", "stale"]

DOCS: Final = Path(__file__).parents[1] / "docs"
FOLDER: Final = DOCS / "reference"
NOTE: Final = "<!-- Written by tools/docs_reference.py from the code: nox -s docs -- --write -->"
CONFORMANCE: Final = DOCS / "conformance.md"
MARK: Final = "<!-- From here on: trx_core.testing.conformance_markdown(). -->\n\n"
TRAFFIC: Final = DOCS / "traffic.md"
TRAFFIC_MARK: Final = "<!-- From here on: tools/reference/traffic.py. -->\n\n"
PAGES: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "hooks.md": hooks,
    "algorithms.md": algorithms,
    "cli.md": commands,
    "settings.md": settings,
    "metrics.md": metrics,
    "states.md": states,
}


def wanted() -> dict[Path, str]:
    """Every page that is made from the code, as it must be."""
    pages = {
        FOLDER / name: "\n".join([NOTE, "", *make()]).rstrip() + "\n"
        for name, make in PAGES.items()
    }
    by_hand, mark, _ = _text(CONFORMANCE).partition(MARK)
    ours, ours_end, _ = _text(TRAFFIC).partition(TRAFFIC_MARK)
    return pages | {
        CONFORMANCE: by_hand + mark + conformance_markdown(),
        TRAFFIC: ours + ours_end + "\n".join(traffic()).rstrip() + "\n",
    }


def stale() -> dict[Path, str]:
    """The pages that are not as they must be, and how they must be."""
    return {file: text for file, text in wanted().items() if _text(file) != text}


def main(arguments: list[str]) -> None:
    """Check the pages, or write them."""
    wrong = stale()
    names = ", ".join(str(file.relative_to(DOCS)) for file in wrong)
    if "--write" in arguments:
        FOLDER.mkdir(exist_ok=True)
        for file, text in wrong.items():
            file.write_text(text, encoding="utf-8")
        print(f"written: {names or 'nothing, all is up to date'}")
    elif wrong:
        sys.exit(f"Out of date: {names}. Run: nox -s docs -- --write")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


if __name__ == "__main__":
    main(sys.argv[1:])
