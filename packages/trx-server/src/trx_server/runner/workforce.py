"""Carries out attempts on the workers of their pools, simulated or real."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio

from trx_core.kernel import Start
from trx_core.models import Attempt, WorkerPool
from trx_server.runner.real_workers import RealWorkers
from trx_server.runner.workers import SimulatedWorkers

__all__ = ["Workforce"]


class Workforce:
    """Hands each attempt to what its pool's kind of worker is.

    Args:
        simulated: carries out those on simulators.
        real: carries out those on real workers.
        is_real: tells the pools of real workers.
    """

    def __init__(
        self,
        simulated: SimulatedWorkers,
        real: RealWorkers,
        *,
        is_real: Callable[[WorkerPool], bool],
    ) -> None:
        self._simulated = simulated
        self._real = real
        self._is_real = is_real

    def prepare(self, pool: WorkerPool) -> None:
        """Make the worker of a pool now, so that what is wrong with it shows at once.

        Raises:
            TrxError: whatever making it raises.
        """
        self._at(pool).prepare(pool)

    def of(self, pool: WorkerPool) -> object:
        """The worker of a pool, which is made when it is first asked for.

        Raises:
            TrxError: whatever making it raises.
        """
        return self._at(pool).of(pool)

    def start(self, effect: Start) -> None:
        """Begin attempts."""
        real = [one for one in effect.attempts if self._is_real(one.pool)]
        if real:
            self._real.start(real)
        simulated = [one for one in effect.attempts if not self._is_real(one.pool)]
        if simulated:
            self._simulated.start(Start(simulated))

    def abandon(self, attempts: Sequence[Attempt]) -> None:
        """End attempts whose result nobody wants any more; a simulated one ends by itself."""
        self._real.abandon(attempts)

    async def run(self) -> None:
        """Tell what ends until it is cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._simulated.run)
            tasks.start_soon(self._real.run)

    def _at(self, pool: WorkerPool) -> SimulatedWorkers | RealWorkers:
        return self._real if self._is_real(pool) else self._simulated
