"""Measured speeds of task types on accelerators, as Gavel publishes them, and pools of these."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from trx_core.models import Fleet
from trx_core.models.task import Name
from trx_workers.fleets.tables import Price, as_name, fault, number, read_options, rows_of
from trx_workers.parameters import Parameters
from trx_workers.traces.table import first_line, header_of

__all__ = ["Speeds", "ThroughputReader", "read_speeds", "throughput_worker"]

FORMAT: Final = "gavel-throughputs"
TYPE, SLOTS = "job_type", "scale_factor"
SPEED: Final = "_steps_per_s"

Speeds = Mapping[str, Mapping[str, Mapping[int, float]]]
"""Accelerator in lower case → task type → slots → work per second; 0: it cannot run there."""


class ThroughputOptions(Parameters):
    """Options of the reader.

    Attributes:
        capacity: slots of each pool; by default those of Gavel's simulated cluster.
        region: where the pools stand.
        prices: accelerator → money per work unit; 1 where it is not named.
        work: field of a task's metadata that holds its work; without one its cost is its work.
        cv: coefficient of variation of the service times.
    """

    capacity: int = Field(default=36, ge=1, le=1_000_000)
    region: Name = "cluster"
    prices: Mapping[Name, Price] = Field(default_factory=dict)
    work: str = Field(default="work", min_length=1)
    cv: float = Field(default=0.0, ge=0, le=100)


class ThroughputReader:
    """Reads a table of steps per second by job type, number of accelerators and kind of
    accelerator: ``job_type, scale_factor`` and a column ``KIND_steps_per_s`` for each kind
    (D. Narayanan et al., "Heterogeneity-aware cluster scheduling policies for deep learning
    workloads", OSDI 2020; stanford-futuredata/gavel).

    Each kind becomes a pool whose workers are of kind ``throughput``. The task types are the job
    types as names: ``LM (batch size 5)`` is ``LM-batch-size-5``.
    """

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the header has the format's columns."""
        columns = header_of(first_line(head))
        return {TYPE, SLOTS} <= set(columns) and any(one.endswith(SPEED) for one in columns)

    def read(self, path: Path, options: Mapping[str, Any]) -> Fleet:
        """A pool for each kind of accelerator.

        Raises:
            CallerError: ``TRX-C110``, a row is wrong; ``TRX-C112``, an option is.
        """
        given = read_options(ThroughputOptions, options, FORMAT)
        prices = {name.lower(): price for name, price in given.prices.items()}
        pools = [
            {
                "name": kind,
                "region": given.region,
                "resource_type": kind,
                "cost_per_unit": prices.get(kind, 1.0),
                "capacity": given.capacity,
                "worker": throughput_worker(speeds, work=given.work, cv=given.cv),
            }
            for kind, speeds in read_speeds(path).items()
        ]
        return Fleet.model_validate({"pools": pools})


def read_speeds(path: Path) -> Speeds:
    """The speeds in a file.

    Raises:
        CallerError: ``TRX-C110``, it has no speeds, or a row is wrong.
    """
    speeds: dict[str, dict[str, dict[int, float]]] = {}
    for row in rows_of(path, (TYPE, SLOTS)):
        name, slots = as_name(row.cells[TYPE]), number(path, row, SLOTS)
        if not name or slots != int(slots) or not slots:
            raise fault(path, row.line, f"{TYPE} or {SLOTS} is not one")
        for column in row.cells:
            if column.endswith(SPEED):
                by_type = speeds.setdefault(column.removesuffix(SPEED), {})
                by_type.setdefault(name, {})[int(slots)] = number(path, row, column)
    if not speeds:
        raise fault(path, 1, f"there is no column that ends in {SPEED}, or no row")
    return speeds


def throughput_worker(
    speeds: Mapping[str, Mapping[int, float]], **params: Any
) -> Mapping[str, Any]:
    """A worker that is as fast as was measured, and never fails by chance."""
    return {"kind": "throughput", "params": {"speeds": speeds, "success_rate": 1.0, **params}}
