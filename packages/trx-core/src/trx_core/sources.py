"""Traffic that plugins make or read, as long as it is traffic: a fault of theirs names them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from math import inf
from operator import index
from typing import Any, TypeVar

from trx_core.errors import PluginError, describe
from trx_core.guard import blaming, passes_blame
from trx_core.models import Disruption, TaskRequest
from trx_core.protocols import Arrival, BadRow, Disruptive, Scenario
from trx_core.specs import ScenarioSpec

__all__ = ["checked", "scenario_arrivals", "scenario_disruptions"]

Row = TypeVar("Row", Arrival, Arrival | BadRow)


def scenario_arrivals(spec: ScenarioSpec, made: Scenario, rng: random.Random) -> Iterator[Arrival]:
    """The traffic of a scenario.

    Args:
        spec: what it was made of.
        made: the scenario.
        rng: all of its luck.

    Raises:
        PluginError: ``TRX-P132``, now or while the traffic is drawn: it raised, gave what is no
            arrival, or let time run back.
    """
    return checked(lambda: made.arrivals(rng), (Arrival,), partial(_scenario_failed, spec))


def scenario_disruptions(spec: ScenarioSpec, made: Scenario) -> Sequence[Disruption]:
    """What a scenario does to the pools; nothing if it is not
    :class:`~trx_core.protocols.Disruptive`.

    Raises:
        PluginError: ``TRX-P132``, it raised, or gave what is no disruption.
    """
    failed = partial(_scenario_failed, spec)
    with blaming(lambda error: failed(f"raised {describe(error)}")):
        given = tuple(made.disruptions()) if isinstance(made, Disruptive) else ()
    for one in given:
        if type(one) is not Disruption:
            raise failed(f"gave a value of type {type(one).__name__}, and no disruption")
    return given


def checked(
    begin: Callable[[], Iterable[Row]],
    kinds: tuple[type, ...],
    failed: Callable[[str], PluginError],
) -> Iterator[Row]:
    """The rows that a plugin gives, one by one as they are asked for.

    Args:
        begin: the plugin's code; called at once.
        kinds: what a row may be.
        failed: makes the error of what the plugin did.

    Raises:
        PluginError: ``failed``'s, now or while rows are drawn: the plugin raised, gave something
            else, or an arrival whose time is before the one before it, negative, or no number.
        TrxError: the plugin raised one itself.
    """

    def blame(error: BaseException) -> PluginError:
        return failed(f"raised {describe(error)}")

    with blaming(blame):
        rows = begin()
        if not isinstance(rows, Iterable):
            raise failed(f"gave a value of type {type(rows).__name__}, and no traffic")
        source = iter(rows)
    return _drawn(source, kinds, failed, blame)


def _drawn(
    source: Iterator[Any],
    kinds: tuple[type, ...],
    failed: Callable[[str], PluginError],
    blame: Callable[[BaseException], PluginError],
) -> Iterator[Any]:
    last = 0.0
    while True:
        try:
            row = next(source)
        except StopIteration:
            return
        except BaseException as error:
            passes_blame(error, blame)
        if type(row) not in kinds:
            raise failed(f"gave a value of type {type(row).__name__}, and no arrival")
        if type(row) is Arrival:
            at, request, line = row
            if type(at) is not float or type(request) is not TaskRequest or type(line) is not int:
                row = _plain(row, failed)
                at = row.at
            if not last <= at < inf:
                raise failed(f"gave an arrival at {at!r} s, after {last!r} s")
            last = at
        yield row


def _plain(row: Arrival, failed: Callable[[str], PluginError]) -> Arrival:
    """The row with numbers of Python's own."""
    if type(row.request) is not TaskRequest:
        raise failed(f"gave a request of type {type(row.request).__name__}, and no task's")
    with blaming(lambda error: failed(f"gave an arrival that is none: {describe(error)}")):
        return Arrival(float(row.at), row.request, index(row.line))


def _scenario_failed(spec: ScenarioSpec, what: str) -> PluginError:
    return PluginError(
        f"the scenario {spec.label} {what}.", code="TRX-P132", hint="Mend the scenario."
    )
