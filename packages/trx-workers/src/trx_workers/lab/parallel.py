"""Runs carried out one after another, or on several cores, or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from logging import LogRecord
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import joblib

from trx_core.errors import CallerError
from trx_core.plugins import Registry, load_plugins
from trx_workers.extras import require
from trx_workers.lab.orphans import leave_with
from trx_workers.lab.plan import Plan
from trx_workers.lab.warned import collecting_warnings, passed_on

__all__ = ["BACKENDS", "check_backend", "find_all"]

Found = TypeVar("Found")


class Backend(NamedTuple):
    """What joblib may hand runs to.

    Attributes:
        package: what it needs.
        opened: what must be open meanwhile.
        children: whether the runs are in children of this process, which must not outlive it.
    """

    package: str | None
    opened: Callable[[], AbstractContextManager[Any]]
    children: bool = False


def _dask() -> AbstractContextManager[Any]:
    from distributed import Client

    client: AbstractContextManager[Any] = Client()
    return client


def _ray() -> AbstractContextManager[Any]:
    from ray.util.joblib import register_ray

    register_ray()
    return nullcontext()


BACKENDS: Final[Mapping[str, Backend]] = MappingProxyType(
    {
        "loky": Backend(None, nullcontext, children=True),
        "dask": Backend("distributed", _dask),
        "ray": Backend("ray", _ray),
    }
)


def find_all(
    plans: Sequence[Plan],
    registry: Registry,
    *,
    one: Callable[[Plan, Registry], Found],
    here: Callable[[Plan, Registry], Found] | None = None,
    jobs: int = 1,
    backend: str = "loky",
) -> Iterator[tuple[int, Found]]:
    """Carry out plans; gives the number of each, from 0, and what came of it, as they end.

    Args:
        plans: what to do.
        registry: the installed plugins; another process looks for them itself.
        one: carries out one plan, in any process, so that it must be found by its name there.
        here: carries out one plan in this process; by default ``one``.
        jobs: runs at a time; 0: as many as there are cores. With 1 and ``loky``, all of them run
            in this process.
        backend: one of :data:`BACKENDS`. ``dask`` takes the cluster that Dask's configuration
            names (``DASK_SCHEDULER_ADDRESS``), or starts one on this machine; ``ray`` likewise
            (``RAY_ADDRESS``).

    Raises:
        CallerError: ``TRX-C150``, there is no such back end.
        OperatorError: ``TRX-O140``, its package is not installed.
        TrxError: whatever a run raises.
    """
    check_backend(backend)
    if backend == "loky" and (jobs == 1 or len(plans) < 2):
        in_turn = here or one
        yield from ((at, in_turn(plan, registry)) for at, plan in enumerate(plans))
        return
    parent = os.getpid() if BACKENDS[backend].children else None
    with BACKENDS[backend].opened(), joblib.parallel_config(backend, n_jobs=jobs or -1):
        work = joblib.Parallel(return_as="generator_unordered", batch_size=1)
        for at, found, warned in work(
            joblib.delayed(_elsewhere)(at, plan, one, parent) for at, plan in enumerate(plans)
        ):
            passed_on(warned)
            yield at, found


def check_backend(name: str) -> None:
    """Make sure that there is such a back end, before anything is run.

    Raises:
        CallerError: ``TRX-C150``, there is none.
        OperatorError: ``TRX-O140``, its package is not installed.
    """
    if name not in BACKENDS:
        raise CallerError(
            f"there is no back end {name!r}.",
            code="TRX-C150",
            hint=f"Take one of {', '.join(BACKENDS)}.",
        )
    package = BACKENDS[name].package
    if package is not None:
        require(package, f"the back end {name!r}")


def _elsewhere(
    at: int, plan: Plan, one: Callable[[Plan, Registry], Found], parent: int | None
) -> tuple[int, Found, Sequence[LogRecord]]:
    if parent is not None:
        leave_with(parent)
    with collecting_warnings() as warned:
        found = one(plan, _plugins())
    return at, found, warned


@cache
def _plugins() -> Registry:
    return load_plugins()
