"""A scheduler runner: the kernel, and what carries out its effects, put together."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final
from uuid import UUID

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup, TaskStatus

from trx_core.clock import Clock, SystemClock
from trx_core.engine import Conductor, Decider, Handlers, Simulators
from trx_core.errors import AdapterError
from trx_core.ids import IdFactory
from trx_core.kernel import (
    BreakerChanged,
    Claim,
    Decide,
    Draining,
    Drop,
    Event,
    Kernel,
    Lost,
    Reject,
    Release,
    Reserve,
    Settle,
    Start,
    Tick,
    WakeAt,
)
from trx_core.plugins import Registry
from trx_core.plugins.wiring import has_real_workers, make_algorithm, simulator_maker, worker_maker
from trx_server.accept import Publisher, Relay
from trx_server.queue import LiveQueue, SlotLedger
from trx_server.runner.agenda import Agenda
from trx_server.runner.catalogue import Catalogue
from trx_server.runner.claims import Claims
from trx_server.runner.config import kernel_config
from trx_server.runner.decisions import Decisions
from trx_server.runner.effects import in_turn, log_breaker
from trx_server.runner.intake import Intake
from trx_server.runner.ledger_line import LedgerLine
from trx_server.runner.membership import Membership
from trx_server.runner.real_workers import RealWorkers
from trx_server.runner.receipts import Receipts
from trx_server.runner.servicetime import ServiceTime
from trx_server.runner.settler import Settler
from trx_server.runner.watching import Watching
from trx_server.runner.workers import SimulatedWorkers
from trx_server.runner.workforce import Workforce
from trx_server.settings import Settings
from trx_server.store import Pool, record_loads

__all__ = ["Runner"]

logger = logging.getLogger(__name__)

Loop = Callable[[], Coroutine[Any, Any, None]]

LOOK_EVERY: Final = 0.1
CALM_LOOK_EVERY: Final = 1.0
RECORD_EVERY: Final = 1.0
LEAVE_WITHIN: Final = 5.0
COLLECT_WITHIN: Final = 2.0


class Runner:
    """One of the processes that share the queue and the fleet; runs once.

    Args:
        settings: of the service.
        pool: the ledger of record.
        queue: read under the name of ``runner``.
        ledger: of slots.
        registry: the plugins.
        runner: its id, new for each life.
        clock: the wall's.

    Attributes:
        decider: asks the algorithm.
        watching: tells Prometheus and metric collectors of it.

    Raises:
        CallerError: the algorithm of the settings is unknown.
        PluginError: it cannot be made.
    """

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        queue: LiveQueue,
        ledger: SlotLedger,
        registry: Registry,
        runner: UUID,
        *,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        ids = IdFactory(random.SystemRandom())
        seed = settings.seed
        self.watching = Watching(registry, settings.collectors)
        self.decider = Decider(
            make_algorithm(registry, settings.algorithm),
            watcher=self.watching.metrics,
            budget=settings.decision_budget,
        )
        self._runner = runner
        self._pool = pool
        self._queue = queue
        self._ledger = ledger
        self._clock = clock
        self._ids = ids
        self._kernel = Kernel(kernel_config(settings), seed=seed)
        self._receipts = Receipts()
        self._conductor: Conductor
        self._publisher = Publisher(queue, pool, clock=clock)
        self._relay = Relay(pool, queue, self._publisher)
        self._settler = Settler(
            pool,
            queue,
            self._publisher,
            self._receipts,
            runner=runner,
            ids=ids,
            clock=clock,
            on_settled=self.watching.settled,
        )
        self._intake = Intake(
            queue,
            self._kernel,
            self.decider,
            self._receipts,
            pool=pool,
            ids=ids,
            clock=clock,
            lease_seconds=settings.lease_seconds,
            tell=self._tell,
        )
        service_time = ServiceTime(clock, settings.time_scale)
        self._workers = Workforce(
            SimulatedWorkers(
                Simulators(simulator_maker(registry), seed),
                clock,
                service_time=service_time,
                tell=self._tell,
            ),
            RealWorkers(worker_maker(registry), tell=self._tell),
            is_real=partial(has_real_workers, registry),
        )
        self._catalogue = Catalogue(
            pool,
            self._workers,
            self.decider,
            partial(make_algorithm, registry),
            self._tell,
            kernel=self._kernel,
            service_time=service_time,
        )
        self._line = LedgerLine(
            ledger,
            pool,
            runner,
            self._kernel,
            capacity=lambda: self._catalogue.capacity,
            clock=clock,
            tell=self._tell,
        )
        self._membership = Membership(
            pool,
            queue,
            ledger,
            self._intake,
            self._line,
            runner=runner,
            ids=ids,
            clock=clock,
            lease_seconds=settings.lease_seconds,
            max_attempts=settings.retry.max_attempts,
            on_lease_lost=self._give_up,
        )
        self._alarm: Agenda[Tick] = Agenda(clock, lambda ticks: self._tell(ticks[0]))

    async def run(
        self,
        stop: anyio.Event,
        *,
        grace: float = 10.0,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Work until ``stop`` is set, then carry through what is under way.

        Args:
            stop: ends it.
            grace: seconds that running attempts have to end; later ones are left to others.
            task_status: is told when it works.

        Raises:
            AdapterError: a server is away at the start. Later outages are waited out.
        """
        await self._queue.ensure()
        await self._membership.join()
        try:
            async with anyio.create_task_group() as tasks:
                self._conductor = Conductor(self._kernel, self._clock, self._handlers(tasks))
                await self._catalogue.refresh()
                for loop in self._loops():
                    tasks.start_soon(loop)
                logger.info("runner %s is ready", self._runner)
                task_status.started()
                await stop.wait()
                logger.info("runner %s drains", self._runner)
                await self._drain(grace)
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(LEAVE_WITHIN):
                await self._membership.leave()
                await to_thread.run_sync(self.watching.close, COLLECT_WITHIN)
        logger.info("runner %s has stopped", self._runner)

    def _handlers(self, tasks: TaskGroup) -> Handlers:
        decisions = Decisions(self.decider, tasks, self._tell)
        claims = Claims(
            self._pool,
            self._runner,
            self._ids,
            self._clock,
            tasks=tasks,
            tell=self._tell,
            on_lease_lost=self._membership.beat_now,
        )
        return {
            Decide: in_turn(self._offered, decisions.decide),
            Reject: self.decider.rejected,
            Reserve: self._line.reserve,
            Claim: claims.claim,
            Start: in_turn(self.watching.started, self._workers.start),
            Release: self._line.release,
            Settle: in_turn(self.decider.settled, self._settler.settle),
            Drop: self._settler.drop,
            BreakerChanged: log_breaker,
            WakeAt: lambda effect: self._alarm.add(effect.at, Tick()),
        }

    def _offered(self, effect: Decide) -> None:
        self.watching.offered(self.decider.chosen, effect)

    def _loops(self) -> tuple[Loop, ...]:
        return (
            self._publisher.run,
            self._relay.run,
            self._intake.run,
            self._settler.run,
            self._line.run,
            self._workers.run,
            self._alarm.run,
            self._membership.run,
            self._catalogue.run,
            self._catalogue.follow,
            self._look_around,
            self._record_loads,
        )

    def _tell(self, event: Event) -> None:
        self._conductor.tell(event)
        self._intake.look_for_room()

    def _give_up(self) -> None:
        """Let go of what runs: the lease was lost, and others have taken it over."""
        lost = list(self._kernel.running.values())
        if lost:
            logger.warning("%d running attempts have been taken over by others", len(lost))
            self._workers.abandon(lost)
            self._tell(Lost(lost))

    async def _drain(self, grace: float) -> None:
        """End well: what runs ends, what ended is written down, what waits goes to others."""
        self._intake.close()
        self._tell(Draining())
        with anyio.move_on_after(grace):
            while not self._kernel.settled_down:
                await anyio.sleep(LOOK_EVERY)
        with anyio.move_on_after(LEAVE_WITHIN):
            await self._intake.closed()
            await self._hand_back()
            await self._settler.drained()
            await self._publisher.drained()

    async def _hand_back(self) -> None:
        """Queue what waits anew, so that nobody has to find out that this runner is gone."""
        waiting = list(self._kernel.waiting.values())
        try:
            if waiting:
                await self._queue.publish(waiting)
                await self._queue.ack(self._receipts.take(task.id for task in waiting))
        except AdapterError as error:
            logger.warning("%d waiting tasks are left to be adopted. %s", len(waiting), error)

    async def _look_around(self) -> None:
        """While tasks wait, learn soon of slots that other runners free."""
        calm = 0.0
        while True:
            await anyio.sleep(LOOK_EVERY)
            calm += LOOK_EVERY
            if self._kernel.waiting or calm >= CALM_LOOK_EVERY:
                self._line.look()
                calm = 0.0

    async def _record_loads(self) -> None:
        """Keep the loads that the ledger of record shows up to date; an outage is waited out."""
        while True:
            await anyio.sleep(RECORD_EVERY)
            try:
                loads = await self._ledger.loads()
                await record_loads(
                    self._pool, {key: loads.get(key, 0) for key in self._catalogue.capacity}
                )
            except AdapterError as error:
                logger.info("the loads were not recorded. %s", error)
