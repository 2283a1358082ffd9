"""Traffic of clients that all failed at once, and try again together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush, merge
from itertools import count
from typing import ClassVar

from trx_core.models import Disruption, WorkerSpec
from trx_core.protocols import Arrival
from trx_core.randomness import KeyedRandom
from trx_workers.parameters import Parameters, param
from trx_workers.traffic.scenario import PoissonTraffic, RatedParameters

__all__ = ["ThunderingRetry", "ThunderingRetryParameters"]


class ThunderingRetryParameters(RatedParameters):
    """Parameters of a thundering retry."""

    rate: float = param(60.0, "arrivals of everyone else", unit="1/s", gt=0, le=1e6)
    clients: int = param(400, "clients in the herd", ge=1, le=100_000)
    at: float = param(10.0, "when all of them submit for the first time", unit="s", ge=0, le=1e9)
    retries: int = param(4, "how many times each of them submits its task again", ge=0, le=100)
    backoff: float = param(2.0, "wait before the first retry", unit="s", gt=0, le=1e6)
    growth: float = param(2.0, "factor of each further wait", ge=1, le=100)
    jitter: float = param(0.0, "share of each wait that is random; 0: in step for ever", ge=0, le=1)
    outage: float = param(
        0.0, "how long from `at` on every attempt on every pool fails", unit="s", ge=0, le=1e9
    )


class ThunderingRetry(PoissonTraffic[ThunderingRetryParameters]):
    """Poisson arrivals, and a herd of clients that submit at one instant and again after waits of
    ``backoff · growth^n``, of which a share is random (M. Brooker, "Exponential Backoff And
    Jitter", 2015). A retry is the task that the client submitted before; its metadata tell
    ``client`` and ``retry``.

    Args:
        params: as in :class:`ThunderingRetryParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = ThunderingRetryParameters

    def generate(self, times: random.Random, tasks: random.Random) -> Iterator[Arrival]:
        """Everyone else's tasks, and the herd's."""
        herd = self._herd(KeyedRandom(times.getrandbits(64)), KeyedRandom(tasks.getrandbits(64)))
        return merge(super().generate(times, tasks), herd, key=lambda arrival: arrival.at)

    def disruptions(self) -> Sequence[Disruption]:
        """The outage, if there is one."""
        given = self.given
        if not given.outage:
            return []
        worker = WorkerSpec(kind="unreachable", params={"after": 0.1})
        return [Disruption(start=given.at, end=given.at + given.outage, worker=worker)]

    def _herd(self, times: random.Random, tasks: random.Random) -> Iterator[Arrival]:
        given = self.given
        requests = [self.mix.draw(tasks) for _ in range(given.clients)]
        order = count()
        waiting = [(given.at, next(order), client, 0) for client in range(given.clients)]
        heapify(waiting)
        while waiting:
            at, _, client, retry = heappop(waiting)
            metadata = {"client": client, "retry": retry}
            yield Arrival(at, requests[client].model_copy(update={"metadata": metadata}))
            if retry < given.retries:
                wait = given.backoff * given.growth**retry
                again = at + wait * (1.0 - given.jitter * times.random())
                heappush(waiting, (again, next(order), client, retry + 1))
