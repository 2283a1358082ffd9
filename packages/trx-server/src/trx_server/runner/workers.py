"""Carries out attempts on simulated workers: draws outcomes, and tells them when they are due."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from trx_core.clock import Clock
from trx_core.engine import Simulators
from trx_core.errors import PluginError
from trx_core.kernel import Event, Finished, Start
from trx_core.models import Attempt, ErrorKind, Outcome, WorkerPool
from trx_server.runner.agenda import Agenda
from trx_server.runner.servicetime import ServiceTime

__all__ = ["SimulatedWorkers"]

logger = logging.getLogger(__name__)

BROKEN_LATENCY: Final = 0.0


class SimulatedWorkers:
    """One timer for everything that runs; attempts that end together are told together.

    Args:
        simulators: draw the outcomes.
        clock: the wall's.
        service_time: of the workers.
        tell: takes the answers.
    """

    def __init__(
        self,
        simulators: Simulators,
        clock: Clock,
        *,
        service_time: ServiceTime,
        tell: Callable[[Event], None],
    ) -> None:
        self._simulators = simulators
        self._clock = clock
        self._service_time = service_time
        self._tell = tell
        self._agenda: Agenda[tuple[Attempt, Outcome]] = Agenda(clock, self._ended)

    def prepare(self, pool: WorkerPool) -> None:
        """Make the simulator of a pool now.

        Raises:
            TrxError: whatever making it raises.
        """
        self._simulators.prepare([pool])

    def of(self, pool: WorkerPool) -> object:
        """The simulator of a pool."""
        return self._simulators.of(pool)

    def start(self, effect: Start) -> None:
        """Begin attempts."""
        now, started = self._clock.now(), self._service_time.now()
        for attempt in effect.attempts:
            outcome = self._outcome(attempt, started)
            lasts = self._service_time.on_the_clock(outcome.latency)
            self._agenda.add(now + lasts, (attempt, outcome))

    async def run(self) -> None:
        """Tell what ends until it is cancelled."""
        await self._agenda.run()

    def _ended(self, results: list[tuple[Attempt, Outcome]]) -> None:
        self._tell(Finished(results))

    def _outcome(self, attempt: Attempt, now: float) -> Outcome:
        try:
            return self._simulators.start(attempt, now)
        except PluginError as error:
            logger.error("%s", error)
            return Outcome(BROKEN_LATENCY, False, 0.0, ErrorKind.TRANSIENT, str(error))
