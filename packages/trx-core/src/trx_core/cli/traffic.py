"""Traffic as command lines name it: a recorded trace, or a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trx_core.cli.params import parse_params
from trx_core.errors import CallerError
from trx_core.models import Disruption
from trx_core.plugins import Registry
from trx_core.protocols import Arrival, BadRow
from trx_core.randomness import KeyedRandom, Purpose
from trx_core.sources import scenario_arrivals, scenario_disruptions
from trx_core.traces import open_trace

__all__ = ["disruptions_of", "named_disruptions", "named_traffic", "options_of", "traffic_of"]


def named_traffic(
    registry: Registry,
    *,
    trace: Path | None,
    format: str | None,
    scenario: str | None,
    params: Sequence[str],
    seed: int,
    columns: Sequence[str] = (),
) -> tuple[Iterable[Arrival | BadRow], str]:
    """The rows of a trace or the arrivals of a scenario, and what to call them.

    Args:
        registry: the trace formats and scenarios.
        trace: a file; or ``None``.
        format: of the trace; ``None``: told from how the file begins.
        scenario: a name; or ``None``.
        params: ``name=value``, for the scenario or the trace's reader.
        seed: of a scenario.
        columns: ``field=column``, which column of a trace holds what.

    Raises:
        CallerError: ``TRX-C140``, not exactly one of them is named; ``TRX-C144``, there are columns
            and no trace; and what opening it raises.
        PluginError: a scenario or a reader fails, now or while rows are drawn.
    """
    return traffic_of(
        registry,
        trace=trace,
        format=format,
        scenario=scenario,
        params=options_of(params, columns, trace=trace),
        seed=seed,
    )


def options_of(
    params: Sequence[str], columns: Sequence[str], *, trace: Path | None
) -> dict[str, Any]:
    """Parameters by name, and the mapping of columns among them if there is one.

    Raises:
        CallerError: ``TRX-C122``, ``TRX-C143``, one of them cannot be read; ``TRX-C144``, there are
            columns, and no trace.
    """
    given = parse_params(params)
    if columns and trace is None:
        raise CallerError(
            f"--column {columns[0]} says which column of a trace holds a field, and there is no "
            "trace.",
            code="TRX-C144",
            hint="Leave it out, or name a --trace instead of a --scenario.",
        )
    if columns:
        given["columns"] = {**given.get("columns", {}), **_mapped(columns)}
    return given


def traffic_of(
    registry: Registry,
    *,
    trace: Path | None,
    format: str | None,
    scenario: str | None,
    params: Mapping[str, Any],
    seed: int,
) -> tuple[Iterable[Arrival | BadRow], str]:
    """:func:`named_traffic` with parameters by name."""
    if trace is not None and scenario is None:
        rows = open_trace(registry.trace_readers, trace, format=format, options=params)
        return rows, trace.name
    if scenario is not None and trace is None:
        spec = registry.scenario(scenario)
        luck = KeyedRandom(seed).at(Purpose.TRAFFIC)
        return scenario_arrivals(spec, spec.build(params), luck), f"{scenario}, seed {seed}"
    raise CallerError(
        "the traffic is not clear.", code="TRX-C140", hint="Name a --trace or a --scenario."
    )


def _mapped(columns: Sequence[str]) -> dict[str, str]:
    mapped = {}
    for pair in columns:
        field, equals, column = pair.partition("=")
        if not (equals and field and column) or field in mapped:
            raise CallerError(
                f"{pair!r} does not say which column holds a field.",
                code="TRX-C143",
                hint="Write it as field=column, and each field once.",
            )
        mapped[field] = column
    return mapped


def named_disruptions(
    registry: Registry, scenario: str | None, params: Sequence[str]
) -> Sequence[Disruption]:
    """What a scenario does to the pools, in seconds since the start of its traffic; nothing if none
    is named.

    Args:
        registry: the scenarios.
        scenario: a name; or ``None``.
        params: ``name=value``, for the scenario.

    Raises:
        CallerError: as :func:`named_traffic`.
    """
    return disruptions_of(registry, scenario, parse_params(params))


def disruptions_of(
    registry: Registry, scenario: str | None, params: Mapping[str, Any]
) -> Sequence[Disruption]:
    """:func:`named_disruptions` with parameters by name."""
    if scenario is None:
        return ()
    spec = registry.scenario(scenario)
    return scenario_disruptions(spec, spec.build(params))
