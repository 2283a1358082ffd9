"""From names to the objects that an engine works with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trx_core.engine import NamedAlgorithm, NamedCollector
from trx_core.errors import CallerError, OperatorError, PluginError, describe
from trx_core.guard import blaming
from trx_core.models import WorkerPool
from trx_core.plugins.registry import Registry
from trx_core.protocols import Clairvoyant, Worker, WorkerSimulator
from trx_core.specs import AlgorithmSpec, CollectorSpec, WorkerKindSpec

__all__ = [
    "has_real_workers",
    "make_algorithm",
    "make_collector",
    "simulator_maker",
    "worker_maker",
]


def make_algorithm(
    registry: Registry,
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    foresight: bool = False,
) -> NamedAlgorithm:
    """The algorithm called ``name``, made with ``params``.

    Args:
        registry: what there is.
        name: as registered.
        params: of the algorithm.
        foresight: whether the engine tells what is going to happen to those that ask.

    Raises:
        CallerError: ``TRX-C120``, nobody offers it; ``TRX-C111``, it takes no such parameters;
            ``TRX-C121``, it asks for foresight, and there is none.
        PluginError: ``TRX-P110``, ``TRX-P111``, it cannot be imported or made.
    """
    spec = registry.algorithm(name)
    algorithm = spec.build(params or {})
    with blaming(partial(_unseen, spec)):
        clairvoyant = isinstance(algorithm, Clairvoyant)
    if clairvoyant and not foresight:
        raise CallerError(
            f"the algorithm {name!r} must know what is going to happen, which only a simulation "
            "can tell.",
            code="TRX-C121",
            hint="Choose another one; `trx simulate` runs this one.",
        )
    plugin = registry.provider(spec)
    return NamedAlgorithm(
        name=name,
        provider=plugin.label,
        algorithm=algorithm,
        order=spec.order,
        distribution=plugin.distribution or "",
        learns=spec.capabilities.outcomes,
    )


def _unseen(spec: AlgorithmSpec, error: BaseException) -> PluginError:
    return PluginError(
        f"{spec.label} could not be set up: {describe(error)}, while what was made was looked at.",
        code="TRX-P111",
        hint="Mend the plugin.",
    )


def make_collector(
    registry: Registry, name: str, params: Mapping[str, Any] | None = None
) -> NamedCollector:
    """The metric collector called ``name``, made with ``params``.

    Raises:
        CallerError: ``TRX-C120``, nobody offers it; ``TRX-C111``, it takes no such parameters.
        PluginError: ``TRX-P110``, ``TRX-P111``, it cannot be imported or made; ``TRX-P153``, what
            was made cannot take in the log.
    """
    spec = registry.collector(name)
    plugin, declared = registry.provider(spec), spec.capabilities
    collector = spec.build(params or {})
    with blaming(partial(_deaf, spec)):
        observe = getattr(collector, "observe", None)
        if not callable(observe) or inspect.iscoroutinefunction(observe):
            raise _deaf(spec)
    return NamedCollector(
        name=name,
        provider=plugin.label,
        collector=collector,
        distribution=plugin.distribution or "",
        numbers=declared.numbers,
        exposes=declared.exposes,
    )


def _deaf(spec: CollectorSpec, error: BaseException | None = None) -> PluginError:
    why = "" if error is None else f": {describe(error)}"
    return PluginError(
        f"the metric collector {spec.label} has no method `observe(entries)` that can be "
        f"called{why}.",
        code="TRX-P153",
        hint="Give it one, which is no coroutine.",
    )


def simulator_maker(registry: Registry) -> Callable[[WorkerPool], WorkerSimulator]:
    """What makes the simulator of a pool.

    The function raises ``OperatorError`` ``TRX-O120`` for a kind of worker that is not installed
    and ``TRX-O121`` for one that is no simulator, and what :meth:`~trx_core.specs.Spec.build`
    raises.
    """

    def make(pool: WorkerPool) -> WorkerSimulator:
        spec = _kind(registry, pool)
        if not spec.simulator:
            raise OperatorError(
                f"pool {pool.name!r} has workers of kind {pool.worker.kind!r}, which cannot be "
                "simulated.",
                code="TRX-O121",
                hint="Give the pool a simulator; `trx fit` makes one of its history.",
            )
        simulator: WorkerSimulator = spec.build(pool.worker.params)
        return simulator

    return make


def has_real_workers(registry: Registry, pool: WorkerPool) -> bool:
    """Whether the pool's kind of worker is there, and is no simulator."""
    spec = registry.workers.get(pool.worker.kind)
    return spec is not None and not spec.simulator


def worker_maker(registry: Registry) -> Callable[[WorkerPool], Worker]:
    """What makes the real worker of a pool.

    The function raises ``OperatorError`` ``TRX-O120`` for a kind of worker that is not installed,
    ``PluginError`` ``TRX-P136`` for one that makes something else than a worker, and what
    :meth:`~trx_core.specs.Spec.build` raises.
    """

    def make(pool: WorkerPool) -> Worker:
        spec = _kind(registry, pool)
        worker = spec.build(pool.worker.params)
        if not inspect.iscoroutinefunction(getattr(worker, "execute", None)):
            raise PluginError(
                f"the worker kind {spec.label} made {worker!r}, which has no "
                "method `async execute(task, pool)`.",
                code="TRX-P136",
                hint="Give it one, or register the kind as a simulator.",
            )
        made: Worker = worker
        return made

    return make


def _kind(registry: Registry, pool: WorkerPool) -> WorkerKindSpec:
    """The kind of a pool's workers.

    Raises:
        OperatorError: ``TRX-O120``, nobody offers it.
    """
    kind = pool.worker.kind
    if kind in registry.workers:
        return registry.workers[kind]
    there = ", ".join(sorted(registry.workers)) or "none"
    raise OperatorError(
        f"pool {pool.name!r} has workers of kind {kind!r}, which no plugin offers.",
        code="TRX-O120",
        hint=f"Install the package that does, or use another kind; there is: {there}.",
    )
