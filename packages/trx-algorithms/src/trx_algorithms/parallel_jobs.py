"""Ordering policies of batch systems, for tasks that need several slots at once."""

from __future__ import annotations

from trx_algorithms.orderings import ByLeast, f1, shortest, unicep, wfp3
from trx_algorithms.reserving import Reserving
from trx_core.routing import ByArrival

__all__ = ["F1", "Fcfs", "Sjf", "Unicep", "Wfp3"]


class Fcfs(Reserving):
    """First come, first served, for tasks of several slots.

    The order of every batch system's default queue (D. G. Feitelson and L. Rudolph, "Parallel job
    scheduling: issues and approaches", JSSPP 1995). Order and places as
    :class:`~trx_algorithms.reserving.Reserving` has them, with its complexity.

    Use it with ``backfill="easy"`` as the yardstick of every other order of parallel jobs; alone it
    leaves slots idle whenever a wide task waits. Do not use it where short tasks must not wait for
    long ones.

    Args:
        backfill: ``none``; ``easy``: later tasks start where they do not delay the head;
            ``easy-strict``: only those that end before the head could start.
        blocking: whether a task that does not fit keeps others from the slots that it waits for.
    """

    def __init__(self, backfill: str = "none", blocking: bool = True) -> None:
        super().__init__(ByArrival(), backfill=backfill, blocking=blocking)


class Sjf(Reserving):
    """Shortest job first, for tasks of several slots.

    By expected duration (W. E. Smith, "Various optimizers for single-stage production", Naval Res.
    Logist. Q. 3, 1956). Order and places as :class:`~trx_algorithms.reserving.Reserving` has them,
    with its complexity.

    Use it where callers know how long their tasks take and the mean slowdown counts. Do not use it
    where long tasks must start in time: while shorter ones keep coming they never do.

    Args:
        backfill: ``none``; ``easy``: later tasks start where they do not delay the head;
            ``easy-strict``: only those that end before the head could start.
        blocking: whether a task that does not fit keeps others from the slots that it waits for.
    """

    def __init__(self, backfill: str = "none", blocking: bool = True) -> None:
        super().__init__(ByLeast(shortest), backfill=backfill, blocking=blocking)


class Wfp3(Reserving):
    """Who has waited longest for its length first, wide tasks before narrow ones.

    By ``(wait / duration)³ · slots``, the greatest first (W. Tang et al., "Fault-aware,
    utility-based job scheduling on Blue Gene/P systems", CLUSTER 2009). Order and places as
    :class:`~trx_algorithms.reserving.Reserving` has them, with its complexity.

    Use it where no task may starve and wide ones must not wait for a quiet hour. Do not use it
    where the mean slowdown alone counts: SJF and F1 do better.

    Args:
        backfill: ``none``; ``easy``: later tasks start where they do not delay the head;
            ``easy-strict``: only those that end before the head could start.
        blocking: whether a task that does not fit keeps others from the slots that it waits for.
    """

    def __init__(self, backfill: str = "none", blocking: bool = True) -> None:
        super().__init__(ByLeast(wfp3), backfill=backfill, blocking=blocking)


class Unicep(Reserving):
    """Who has waited longest for its length first, narrow tasks before wide ones.

    By ``wait / (log₂ slots · duration)``, the greatest first, which puts tasks of one slot before
    all others (W. Tang et al., "Fault-aware, utility-based job scheduling on Blue Gene/P systems",
    CLUSTER 2009). Order and places as :class:`~trx_algorithms.reserving.Reserving` has them, with
    its complexity.

    Use it where small tasks are to be answered quickly and large ones may wait. Do not use it where
    tasks of one slot alone fill the fleet: wide ones then starve.

    Args:
        backfill: ``none``; ``easy``: later tasks start where they do not delay the head;
            ``easy-strict``: only those that end before the head could start.
        blocking: whether a task that does not fit keeps others from the slots that it waits for.
    """

    def __init__(self, backfill: str = "none", blocking: bool = True) -> None:
        super().__init__(ByLeast(unicep), backfill=backfill, blocking=blocking)


class F1(Reserving):
    """Small, short and early tasks first, as a learned formula weighs them.

    By ``log₁₀ duration · slots + 870 · log₁₀ (submitted - origin)``, the least first (D.
    Carastan-Santos and R. Y. de Camargo, "Obtaining dynamic scheduling policies with simulation
    and machine learning", SC'17). Order and places as
    :class:`~trx_algorithms.reserving.Reserving` has them, with its complexity.

    Use it on traffic like that of clusters for scientific computing, which it was learned from:
    without backfilling it has the least mean slowdown of these orders there. Do not use it on a
    clock that counts from 1970 without an ``origin``: the logarithm of such times hardly grows, and
    large tasks starve.

    Args:
        backfill: ``none``; ``easy``: later tasks start where they do not delay the head;
            ``easy-strict``: only those that end before the head could start.
        blocking: whether a task that does not fit keeps others from the slots that it waits for.
        origin: the instant that times of submission count from, seconds: of virtual time in the
            lab, since the Unix epoch in the service.
    """

    def __init__(self, backfill: str = "none", blocking: bool = True, origin: float = 0.0) -> None:
        super().__init__(ByLeast(f1(origin)), backfill=backfill, blocking=blocking)
