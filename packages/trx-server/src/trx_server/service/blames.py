"""How often first come, first served stood in for an algorithm, told from the runners' logs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from trx_core.engine import Blame

__all__ = ["stand_ins"]

_VERB: Final[Mapping[str, str]] = {
    Blame.RAISED.value: "raised",
    Blame.OVERRAN.value: "took too long",
    Blame.BROKE_CONTRACT.value: "broke its contract",
}


def stand_ins(logs: Path) -> list[str]:
    """A sentence for each algorithm and kind of failure, with the latest as an example.

    The latest is the one that says whether the algorithm was left alone from then on; rounds in
    which it was are not failures, and not counted. Logs that are not JSON tell nothing.
    """
    counts: dict[tuple[str, str], int] = {}
    latest: dict[tuple[str, str], str] = {}
    for entry in _failures(logs):
        key = str(entry["algorithm"]), str(entry["blame"])
        counts[key] = counts.get(key, 0) + 1
        latest[key] = str(entry["message"])
    return [
        f"First-come-first-served stood in because {name} {_VERB[blame]} {_times(count)}. "
        f"{latest[name, blame]}"
        for (name, blame), count in sorted(counts.items())
    ]


def _failures(logs: Path) -> Iterator[Mapping[str, Any]]:
    for file in sorted(logs.glob("runner-*.log*")):
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if '"blame"' not in line:
                    continue
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict) and entry.get("blame") in _VERB:
                    yield entry


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
