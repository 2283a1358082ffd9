"""Fits the simulators of a fleet's pools to a history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from trx_core.models import ErrorKind, Fleet, WorkerPool, WorkerSpec
from trx_workers.fitting.history import Ended, History
from trx_workers.fitting.laws import LawFit, fit_law
from trx_workers.simulators.fitted import ErrorFit, FittedParameters, Law, TypeFit

__all__ = ["FEW", "USUAL", "FleetFit", "Part", "fit_fleet"]

FEW: Final = 30
"""Attempts that succeeded which a task type needs to be fitted by itself."""

USUAL: Final = "(all others)"
"""Stands for the types that are not fitted by themselves."""

ERROR_POINTS: Final = 20
MUCH: Final = 0.02
"""Share of attempts without an end from which on the fit is too short."""


class Part(NamedTuple):
    """One task type on one pool, as it was fitted.

    Attributes:
        pool: its name.
        type: of the tasks; :data:`USUAL`: all that are not fitted by themselves.
        attempts: that ended.
        succeeded: of these.
        errors: the others, by kind.
        law: of those that succeeded; ``None`` if none did.
        fit: what the simulator is told.
    """

    pool: str
    type: str
    attempts: int
    succeeded: int
    errors: Mapping[ErrorKind, int]
    law: LawFit | None
    fit: TypeFit


class FleetFit(NamedTuple):
    """A fleet of simulators.

    Attributes:
        fleet: the given one, with workers of the kind ``fitted``.
        parts: what was fitted, pool by pool.
        warnings: what to think of before it is trusted, one sentence each.
    """

    fleet: Fleet
    parts: Sequence[Part]
    warnings: Sequence[str]


def fit_fleet(history: History, fleet: Fleet, law: Law | None = None) -> FleetFit:
    """Replace the workers of every pool by what its history says.

    A pool without any attempt that succeeded gets exponential service times of its catalogue's
    expected latency, and its expected success.

    Args:
        history: of the service that ran the fleet.
        fleet: names, capacities, prices and regions of the pools.
        law: the only one to try; by default whichever fits best.
    """
    parts: list[Part] = []
    warnings: list[str] = []
    pools = []
    for pool in fleet.pools:
        own = _fit_pool(pool, history.ended.get(pool.name, {}), law)
        parts += own
        warnings += _doubts(pool, own, history)
        pools.append(pool.model_copy(update={"worker": _worker(pool, own), "current_load": 0}))
    known = {pool.name for pool in fleet.pools}
    for name in sorted(history.ended.keys() - known):
        count = sum(map(len, history.ended[name].values()))
        warnings.append(f"{count:,} attempts ran on {name!r}, which the fleet does not have.")
    if history.strange:
        warnings.append(
            f"{history.strange:,} attempts are of tasks whose acceptance is not in the history; "
            "begin it earlier."
        )
    return FleetFit(fleet.model_copy(update={"pools": tuple(pools)}), parts, warnings)


def _fit_pool(
    pool: WorkerPool, types: Mapping[str, Sequence[Ended]], law: Law | None
) -> list[Part]:
    own = {name: some for name, some in sorted(types.items()) if _succeeded(some) >= FEW}
    rest = [one for name, some in sorted(types.items()) if name not in own for one in some]
    everything = [one for some in types.values() for one in some]
    parts = [_fit(pool, name, some, law) for name, some in own.items()]
    usual = _fit(pool, USUAL, rest if _succeeded(rest) >= FEW else everything, law)
    return [*parts, usual] if everything and (rest or not own) else [*parts] or [usual]


def _fit(pool: WorkerPool, name: str, some: Sequence[Ended], law: Law | None) -> Part:
    good = [one for one in some if one.error is None]
    bad: dict[ErrorKind, list[float]] = defaultdict(list)
    for one in some:
        if one.error is not None:
            bad[one.error].append(one.seconds)
    errors = Counter({kind: len(times) for kind, times in sorted(bad.items())})
    if not good:
        fit = TypeFit(mean=pool.expected_latency, success=0.0 if some else pool.expected_success)
        found = None
    else:
        found = fit_law([one.seconds for one in good], [one.cost for one in good], law)
        fit = found.fit.model_copy(update={"success": len(good) / len(some)})
    failures = len(some) - len(good)
    told = {
        "errors": {
            kind: ErrorFit(share=len(times) / failures, seconds=_quantiles(times))
            for kind, times in sorted(bad.items())
        },
        "charge": _charge(pool, good),
        "failed_charge": _charge(pool, [one for one in some if one.error is not None]),
    }
    return Part(pool.name, name, len(some), len(good), errors, found, fit.model_copy(update=told))


def _worker(pool: WorkerPool, parts: Sequence[Part]) -> WorkerSpec:
    by_type = {part.type: part.fit for part in parts if part.type != USUAL}
    usual = next((part.fit for part in parts if part.type == USUAL), None)
    fallback = max(parts, key=lambda part: part.attempts).fit
    given = FittedParameters(usual=usual or fallback, by_type=by_type)
    return WorkerSpec(kind="fitted", params=given.model_dump(mode="json", exclude_defaults=True))


def _doubts(pool: WorkerPool, parts: Sequence[Part], history: History) -> Iterator[str]:
    attempts = sum(map(len, history.ended.get(pool.name, {}).values()))
    if not attempts:
        yield f"pool {pool.name!r} has no history: its catalogue stands in for it."
        return
    merged = sorted(
        name for name, some in history.ended[pool.name].items() if _succeeded(some) < FEW
    )
    if merged:
        yield (
            f"pool {pool.name!r}: fewer than {FEW} successes of {', '.join(merged)}; "
            "such types are fitted together, or as all are."
        )
    unended = history.unended[pool.name]
    if unended > MUCH * (attempts + unended):
        yield (
            f"pool {pool.name!r}: {unended:,} attempts have no end in the history, the longest "
            "ones as a rule; what is fitted may be too short."
        )
    for part in parts:
        late = part.errors.get(ErrorKind.TIMEOUT, 0)
        if late > MUCH * part.attempts:
            yield (
                f"pool {part.pool!r}, {part.type}: {late:,} of {part.attempts:,} attempts were cut "
                "off by a time-out; how long they would have taken is not known."
            )
        if part.succeeded == 0:
            yield f"pool {part.pool!r}, {part.type}: no attempt succeeded."
        if part.law is not None and part.law.ks > max(2 * part.law.band, 0.05):
            yield (
                f"pool {part.pool!r}, {part.type}: the {part.fit.law} law fits badly (distance "
                f"{part.law.ks:.3f}); see the plot."
            )


def _succeeded(some: Sequence[Ended]) -> int:
    return sum(one.error is None for one in some)


def _charge(pool: WorkerPool, some: Sequence[Ended]) -> float:
    """Money over the price of the pool; 1 where there is no price."""
    price = sum(one.cost for one in some) * pool.cost_per_unit
    return min(sum(one.money for one in some) / price, 1e9) if price > 0 else 1.0


def _quantiles(times: Sequence[float]) -> tuple[float, ...]:
    points = min(ERROR_POINTS, len(times) - 1)
    shares = np.linspace(0.0, 1.0, points + 1) if points else [0.5]
    return tuple(float(value) for value in np.quantile(times, shares))
