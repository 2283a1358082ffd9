"""Runs whose events are kept, wherever they are carried out, and put into one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2s
from pathlib import Path
from tempfile import TemporaryDirectory

from trx_core.models import Task
from trx_core.plugins import Registry
from trx_workers.extras import require
from trx_workers.lab.events import Run, events_file, joined
from trx_workers.lab.finding import Finding, find
from trx_workers.lab.plan import Plan

__all__ = ["find_recorded", "recording"]


@contextmanager
def recording(out: Path | None, plans: Sequence[Plan]) -> Iterator[Path | None]:
    """Gives a folder for the events of each run, which are in ``out`` in the end, in the order of
    ``plans``; those that were not carried out are left out.

    Args:
        out: the file; ``None``: no events are kept, and there is no folder.
        plans: all that may be carried out, each by :func:`find_recorded`.

    Raises:
        OperatorError: ``TRX-O140``, pyarrow is not installed.
        CallerError: ``TRX-C155``, the file cannot be written.
    """
    if out is None:
        yield None
        return
    require("pyarrow", "a file of events", extra="parquet")
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as made:
        folder = Path(made).absolute()
        yield folder
        parts = [_part(folder, plan) for plan in plans]
        joined(out, [part for part in parts if part.exists()])


def find_recorded(
    plan: Plan,
    registry: Registry,
    *,
    folder: Path | None,
    watch: Callable[[Iterable[Task]], Iterable[Task]] = lambda tasks: tasks,
) -> Finding:
    """:func:`~trx_workers.lab.finding.find`, with the events in ``folder``, if there is one."""
    if folder is None:
        return find(plan, registry, watch=watch)
    with events_file(_part(folder, plan), Run(plan.label, plan.seed)) as write:
        return find(plan, registry, watch=watch, on_entries=write)


def _part(folder: Path, plan: Plan) -> Path:
    label = blake2s(plan.label.encode(), digest_size=12).hexdigest()
    return folder / f"{label}-{plan.seed}.parquet"
