"""Checks of what an installed plugin offers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import uuid4

from trx_core.protocols import TaskQueue
from trx_core.specs import AlgorithmSpec, CollectorSpec, QueueSpec, Spec, WorkerKindSpec
from trx_core.testing.algorithms import ALGORITHM_CHECKS, AlgorithmSubject
from trx_core.testing.checks import Check, CheckResult, run_checks
from trx_core.testing.collectors import COLLECTOR_CHECKS, CollectorSubject
from trx_core.testing.queues import QUEUE_CHECKS, QueueSubject
from trx_core.testing.queues.stage import Consumers, shared
from trx_core.testing.workers import WORKER_CHECKS, WorkerSubject

__all__ = ["can_be_checked", "check_spec", "queue_consumers"]

Params = Mapping[str, Any]


def can_be_checked(spec: Spec) -> bool:
    """Whether there are checks for what the spec names: not for real workers."""
    return type(spec) in _BY_SPEC and getattr(spec, "simulator", True)


def check_spec(spec: Spec, params: Params) -> list[CheckResult]:
    """Check what a spec makes with ``params`` against its contract.

    Raises:
        KeyError: there are no checks for it.
        TrxError: it cannot be imported, or not be made with these parameters.
    """
    return _BY_SPEC[type(spec)](spec, params)


def queue_consumers(spec: QueueSpec, params: Params) -> Consumers:
    """Consumers of queues that a spec makes.

    Each queue has a ``namespace`` of its own and each consumer a name, ``consumer``, where the
    target takes such parameters; where it takes no ``consumer``, one object is shared.
    """
    taken = inspect.signature(spec.load()).parameters.keys() - params.keys()

    def consumers(count: int) -> Sequence[TaskQueue]:
        own = dict(params)
        if "namespace" in taken:
            own["namespace"] = f"trx-check-{uuid4().hex[:12]}"
        if "consumer" not in taken:
            return shared(partial(spec.build, own))(count)
        return [spec.build({**own, "consumer": f"consumer-{index}"}) for index in range(count)]

    return consumers


def _algorithm(spec: Any, params: Params) -> list[CheckResult]:
    return _with(ALGORITHM_CHECKS, AlgorithmSubject, spec, params)


def _worker(spec: Any, params: Params) -> list[CheckResult]:
    return _with(WORKER_CHECKS, WorkerSubject, spec, params)


def _collector(spec: Any, params: Params) -> list[CheckResult]:
    return _with(COLLECTOR_CHECKS, CollectorSubject, spec, params)


def _with(
    checks: Sequence[Check[Any]], subject: Callable[..., Any], spec: Any, params: Params
) -> list[CheckResult]:
    spec.build(params)
    return run_checks(checks, subject(partial(spec.build, dict(params)), spec.capabilities))


def _queue(spec: Any, params: Params) -> list[CheckResult]:
    spec.build(params)
    return run_checks(QUEUE_CHECKS, QueueSubject(queue_consumers(spec, params), spec.capabilities))


_BY_SPEC: Final[Mapping[type[Spec], Callable[[Any, Params], list[CheckResult]]]] = {
    AlgorithmSpec: _algorithm,
    QueueSpec: _queue,
    WorkerKindSpec: _worker,
    CollectorSpec: _collector,
}
