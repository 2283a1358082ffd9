"""Writes a fitted fleet as YAML that ``--pools`` takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import yaml

from trx_core.models import Fleet, WorkerPool
from trx_workers.fitting.history import History
from trx_workers.fitting.model import FleetFit

__all__ = ["fleet_yaml"]

DIGITS: Final = 6


def fleet_yaml(found: FleetFit, history: History, source: str) -> str:
    """The fleet as a YAML document, which begins with what it was made of."""
    head = [
        f"# Fitted to {history.attempts:,} attempts of {source} by `trx fit`.",
        *(f"# {warning}" for warning in found.warnings),
    ]
    body = yaml.safe_dump(
        _document(found.fleet), sort_keys=False, allow_unicode=True, default_flow_style=None
    )
    return "\n".join([*head, body])


def _document(fleet: Fleet) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if fleet.distance:
        document["distance"] = {name: dict(row) for name, row in fleet.distance.items()}
    document["pools"] = [dict(_pool(pool)) for pool in fleet.pools]
    return document


def _pool(pool: WorkerPool) -> Iterator[tuple[str, Any]]:
    for name, value in pool.model_dump(mode="json", exclude={"current_load", "worker"}).items():
        if name != "id" or pool.id != uuid5(NAMESPACE_URL, f"trx:pool:{pool.name}"):
            yield name, value
    yield "worker", {"kind": pool.worker.kind, "params": _rounded(pool.worker.params)}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {str(name): _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
