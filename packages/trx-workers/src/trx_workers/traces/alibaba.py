"""Traces of pods that share GPUs, as Alibaba publishes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from trx_core.models import TaskRequest
from trx_core.models.task import Name
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import Parameters, param
from trx_workers.traces.options import ReaderOptions, read_options
from trx_workers.traces.rows import converted
from trx_workers.traces.table import Row, first_line, header_of, open_table
from trx_workers.traces.timing import in_order
from trx_workers.traffic.mix import Priority

__all__ = ["AlibabaGpuReader"]

FORMAT: Final = "alibaba-gpu"
COLUMNS: Final = (
    *("name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "gpu_spec", "qos"),
    *("pod_phase", "creation_time", "deletion_time", "scheduled_time"),
)
KEPT: Final = ("name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "qos", "pod_phase")
"""Columns that go into a task's metadata, where a pod has them."""

MODELS: Final = "|"
HOUR: Final = 3600.0
WHOLE: Final = 1000.0
USUAL: Final[Mapping[str, int]] = {"LS": 8, "Guaranteed": 7, "Burstable": 5, "BE": 2}


class AlibabaGpuOptions(ReaderOptions):
    """Options of the reader."""

    type: Name = param("pod", "task type")
    region: Name | None = param(None, "where the tasks would like to run; null: anywhere")
    gpu_type: Name | None = param(
        None, "resource type of a pod that needs a GPU and names no model; null: any"
    )
    cpu_type: Name | None = param(None, "resource type of a pod that needs no GPU; null: any")
    slot_milli: int = param(1000, "thousandths of a GPU that a slot is", ge=1, le=1000)
    cpu_weight: float = param(
        0.05, "GPU-hours that a core-hour of a pod without GPU counts", ge=0, le=1e6
    )
    priorities: Mapping[str, Priority] = param(
        lambda: dict(USUAL), "class of service → priority; one that is not named has 5"
    )


class AlibabaGpuReader:
    """Reads the pods of ``cluster-trace-gpu-v2023`` (Q. Weng et al., "Beware of Fragmentation:
    Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023;
    alibaba/clusterdata).

    A pod becomes a task: it arrives at ``creation_time``; it takes ``deletion_time -
    scheduled_time`` seconds, kept in the metadata as ``run_time``, which workers of kind
    ``recorded`` replay; it may run on the GPU model in ``gpu_spec`` (of several, ``A|B``, the
    first) or, where that is empty, on what the options say; it occupies ``num_gpu * gpu_milli /
    slot_milli`` slots, rounded up, and at least 1; its priority goes by ``qos``; its cost is the
    GPU-hours that it took, or its core-hours times ``cpu_weight`` if it had no GPU. A pod that was
    never scheduled is told as a bad row. The first pod arrives at 0; time is put in order as
    :func:`~trx_workers.traces.timing.in_order` says.
    """

    parameters: ClassVar[type[Parameters]] = AlibabaGpuOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the header has the format's columns."""
        return set(COLUMNS) <= set(header_of(first_line(head)))

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The pods, in the order of the file; see :class:`AlibabaGpuOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
                ``TRX-C134``, it has no such header; ``TRX-C135``, an option is wrong.
        """
        given = read_options(AlibabaGpuOptions, options, FORMAT)

        def convert(row: Row) -> tuple[float, TaskRequest]:
            return _number(row.cells, "creation_time"), _request(row.cells, given)

        rows = converted(open_table(path, COLUMNS).rows, convert)
        return in_order(rows, jitter=given.jitter, rebase=True)


def _request(cells: Mapping[str, str], options: AlibabaGpuOptions) -> TaskRequest:
    if not cells["scheduled_time"]:
        raise ValueError("it was never scheduled")
    seconds = _number(cells, "deletion_time") - _number(cells, "scheduled_time")
    if seconds < 0:
        raise ValueError(f"it was deleted {-seconds:g} s before it was scheduled")
    gpus = _number(cells, "num_gpu") * _number(cells, "gpu_milli") / WHOLE
    work = gpus or _number(cells, "cpu_milli") / WHOLE * options.cpu_weight
    model = cells["gpu_spec"].partition(MODELS)[0]
    kept: dict[str, Any] = {name: _value(cells[name]) for name in KEPT if cells[name]}
    if MODELS in cells["gpu_spec"]:
        kept["gpu_spec"] = cells["gpu_spec"]
    return TaskRequest(
        type=options.type,
        priority=options.priorities.get(cells["qos"], 5),
        cost=work * seconds / HOUR,
        region=options.region,
        slots=max(1, math.ceil(gpus * WHOLE / options.slot_milli)),
        resource_type=model or (options.gpu_type if gpus else options.cpu_type),
        metadata={**kept, "run_time": seconds},
    )


def _number(cells: Mapping[str, str], column: str) -> float:
    text = cells[column]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e12:
        raise ValueError(f"{column} {text[:40]!r} is not a number, or is negative")
    return value


def _value(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text
