"""The checks as test classes for pytest: derive one, say how to make what is under test.

Nothing here imports pytest: it finds the classes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, TypeVar
from unittest import SkipTest

from trx_core.capabilities import (
    AlgorithmCapabilities,
    CollectorCapabilities,
    QueueCapabilities,
    WorkerCapabilities,
)
from trx_core.errors import is_kind
from trx_core.limits import OutOfTime
from trx_core.protocols import Algorithm, MetricCollector, TaskQueue, WorkerSimulator
from trx_core.specs import QueueSpec, Spec
from trx_core.testing.algorithms import ALGORITHM_CHECKS, AlgorithmSubject
from trx_core.testing.checks import Check, CheckFailure, run_check
from trx_core.testing.collectors import COLLECTOR_CHECKS, CollectorSubject
from trx_core.testing.offers import queue_consumers
from trx_core.testing.queues import QUEUE_CHECKS, QueueSubject
from trx_core.testing.queues.stage import shared
from trx_core.testing.workers import WORKER_CHECKS, WorkerSubject

__all__ = [
    "AlgorithmSuite",
    "CollectorSuite",
    "QueueSuite",
    "Suite",
    "WorkerSuite",
    "suites_of",
]

S = TypeVar("S")
TOLD: Final = (CheckFailure, OutOfTime, SystemExit, KeyboardInterrupt)
"""What is told as the failure of a check, and not raised: it would end the test run."""

NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})


class Suite(Generic[S]):
    """One test for each check; its id is the check's, as in ``test_contract[algorithm.limits]``.

    Attributes:
        checks: what is checked.
        spec: what a plugin registers; or override ``make``, and ``capabilities`` with it.
        params: that the spec's target is called with.
    """

    checks: ClassVar[Sequence[Check[Any]]] = ()
    spec: ClassVar[Spec | None] = None
    params: Mapping[str, Any] = NO_PARAMS

    def subject(self) -> S:
        """What is under test."""
        raise NotImplementedError

    def make(self) -> Any:
        """A fresh one at each call, always set up in the same way. A fixture that it needs is
        asked for by a fixture of the class with ``autouse=True``, which keeps it in ``self``.
        """
        if self.spec is None:
            raise NotImplementedError(f"{type(self).__name__} has neither a spec nor a make()")
        return self.spec.build(self.params)

    def test_contract(self, check: Check[S]) -> None:
        """The contract is kept."""
        __tracebackhide__ = True
        result = run_check(check, self.subject())
        if result.skipped:
            raise SkipTest(result.message)
        if result.error is None:
            return
        if is_kind(result.error, *TOLD):
            raise CheckFailure(f"{check.id}: {result.message}. {check.about}") from None
        raise result.error

    @classmethod
    def pytest_generate_tests(cls, metafunc: Any) -> None:
        """Give ``test_contract`` its checks; called by pytest."""
        if metafunc.definition.originalname == "test_contract":
            metafunc.parametrize("check", cls.checks, ids=[check.id for check in cls.checks])

    def _make(self) -> Any:
        """How to make one, such that another process can do it too."""
        if self.spec is not None and type(self).make is Suite.make:
            return partial(self.spec.build, dict(self.params))
        return self.make

    def _declared(self, default: Any) -> Any:
        own = getattr(self, "capabilities", None)
        return own or getattr(self.spec, "capabilities", None) or default


class AlgorithmSuite(Suite[AlgorithmSubject]):
    """For routing algorithms::

        class TestMine(AlgorithmSuite):
            def make(self):
                return Mine(seed=1)

    Attributes:
        capabilities: what the algorithm declares; by default what its spec says.
    """

    checks = ALGORITHM_CHECKS
    capabilities: ClassVar[AlgorithmCapabilities | None] = None

    def subject(self) -> AlgorithmSubject:
        """The algorithm."""
        make: partial[Algorithm] = self._make()
        return AlgorithmSubject(make, self._declared(AlgorithmCapabilities()))


class WorkerSuite(Suite[WorkerSubject]):
    """For worker simulators.

    Attributes:
        capabilities: what the simulator declares; by default what its spec says.
    """

    checks = WORKER_CHECKS
    capabilities: ClassVar[WorkerCapabilities | None] = None

    def subject(self) -> WorkerSubject:
        """The simulator."""
        make: partial[WorkerSimulator] = self._make()
        return WorkerSubject(make, self._declared(WorkerCapabilities()))


class CollectorSuite(Suite[CollectorSubject]):
    """For metric collectors.

    Attributes:
        capabilities: what the collector declares; by default what its spec says.
    """

    checks = COLLECTOR_CHECKS
    capabilities: ClassVar[CollectorCapabilities | None] = None

    def subject(self) -> CollectorSubject:
        """The collector."""
        make: partial[MetricCollector] = self._make()
        return CollectorSubject(make, self._declared(CollectorCapabilities()))


class QueueSuite(Suite[QueueSubject]):
    """For task queues.

    A queue in this process overrides ``make``; one behind a server overrides :meth:`consumers`,
    and, if it can be done, ``async def poison(self, queue)``, which puts an entry that cannot be
    read into the queue.

    Attributes:
        capabilities: what the queue declares; by default what its spec says.
    """

    checks = QUEUE_CHECKS
    capabilities: ClassVar[QueueCapabilities | None] = None

    def consumers(self, count: int) -> Sequence[TaskQueue]:
        """``count`` queues, each for a consumer of its own, that stand for one and the same new,
        empty queue; called within a running loop. By default as the spec's parameters allow, see
        :func:`queue_consumers`; what ``make`` makes is shared.
        """
        if isinstance(self.spec, QueueSpec) and type(self).make is Suite.make:
            return queue_consumers(self.spec, self.params)(count)
        return shared(self.make)(count)

    def subject(self) -> QueueSubject:
        """The queue."""
        return QueueSubject(
            self.consumers,
            self._declared(QueueCapabilities()),
            getattr(self, "poison", None),
        )


T = TypeVar("T", bound=type[Suite[Any]])


def suites_of(suite: T, specs: Iterable[Spec]) -> dict[str, T]:
    """A test class for each spec, by name, to be added to a test module's ``globals()``."""
    found = {}
    for spec in specs:
        name = "Test" + "".join(
            part.capitalize() for part in spec.name.replace("-", "_").split("_")
        )
        found[name] = type(name, (suite,), {"spec": spec, "__doc__": spec.summary})
    return found  # type: ignore[return-value]
