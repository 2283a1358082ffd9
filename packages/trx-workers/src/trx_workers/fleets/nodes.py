"""Lists of nodes with their accelerators, as Alibaba publishes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from trx_core.errors import CallerError
from trx_core.models import Fleet, WorkerSpec
from trx_core.models.task import Name
from trx_workers.fleets.tables import Price, as_name, fault, number, read_options, rows_of
from trx_workers.fleets.throughputs import Speeds, read_speeds, throughput_worker
from trx_workers.parameters import Parameters
from trx_workers.traces.table import first_line, header_of

__all__ = ["NodeOptions", "NodeReader"]

FORMAT: Final = "alibaba-nodes"
COLUMNS: Final = ("sn", "cpu_milli", "memory_mib", "gpu", "model")
MILLI: Final = 1000
RECORDED: Final = WorkerSpec(kind="recorded")


class NodeOptions(Parameters):
    """Options of the reader.

    Attributes:
        region: where the pools stand.
        prices: model → money per work unit; 1 where it is not named.
        cores_per_slot: cores of a node without accelerators that make a slot.
        worker: of the pools whose model ``speeds`` does not tell of.
        speeds: a file of measured speeds by model, as the format ``gavel-throughputs`` has it. A
            model's are those of the longest kind that its name begins with: ``V100M32`` is a
            ``v100``.
    """

    region: Name = "cluster"
    prices: Mapping[str, Price] = Field(default_factory=dict)
    cores_per_slot: int = Field(default=8, ge=1, le=10_000)
    worker: WorkerSpec = RECORDED
    speeds: Path | None = None


class NodeReader:
    """Reads the nodes of ``cluster-trace-gpu-v2023`` (Q. Weng et al., "Beware of fragmentation:
    scheduling GPU-sharing workloads with fragmentation gradient descent", USENIX ATC 2023;
    alibaba/clusterdata).

    Each model of accelerator becomes a pool of as many slots as there are accelerators, on however
    many nodes: a task may have slots on several. Its resource type is the model. Nodes without
    accelerators make the pool ``cpu``. Models come in the order of the alphabet.
    """

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the header has the format's columns."""
        return set(COLUMNS) <= set(header_of(first_line(head)))

    def read(self, path: Path, options: Mapping[str, Any]) -> Fleet:
        """A pool for each model.

        Raises:
            CallerError: ``TRX-C110``, a row is wrong, or there is none; ``TRX-C112``, an option is.
        """
        given = read_options(NodeOptions, options, FORMAT)
        slots = _slots(path, given.cores_per_slot)
        if not slots:
            raise fault(path, 1, "there is no node below the header")
        unknown = sorted(set(given.prices) - set(slots))
        if unknown:
            raise CallerError(
                f"the option prices names {', '.join(map(repr, unknown))}, which is no model in "
                f"{str(path)!r}.",
                code="TRX-C112",
                hint=f"The models are {', '.join(sorted(slots))}.",
            )
        speeds = {} if given.speeds is None else read_speeds(given.speeds)
        pools = [
            {
                "name": model,
                "region": given.region,
                "resource_type": model,
                "cost_per_unit": given.prices.get(model, 1.0),
                "capacity": slots[model],
                "worker": _worker(model, given, speeds),
            }
            for model in sorted(slots)
        ]
        return Fleet.model_validate({"pools": pools})


def _slots(path: Path, cores_per_slot: int) -> Mapping[str, int]:
    """Model → slots."""
    slots: Counter[str] = Counter()
    cores = 0
    for row in rows_of(path, COLUMNS):
        gpus, model = number(path, row, "gpu"), as_name(row.cells["model"])
        if gpus != int(gpus) or bool(gpus) != bool(model):
            raise fault(path, row.line, f"{gpus:g} accelerators of the model {model!r}")
        if gpus:
            slots[model] += int(gpus)
        else:
            cores += int(number(path, row, "cpu_milli")) // MILLI
    if cores:
        slots["cpu"] += max(1, cores // cores_per_slot)
    return slots


def _worker(model: str, given: NodeOptions, speeds: Speeds) -> Any:
    kinds = [kind for kind in speeds if model.lower().startswith(kind)]
    if not kinds:
        return given.worker.model_dump()
    return throughput_worker(speeds[max(kinds, key=len)])
