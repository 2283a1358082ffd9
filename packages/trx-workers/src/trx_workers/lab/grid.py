"""A grid of runs: every algorithm with every value of every parameter, several seeds each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2s
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from trx_core.errors import CallerError
from trx_workers.lab.origins import digest_of
from trx_workers.lab.plan import Plan
from trx_workers.lab.ranges import LOADS

__all__ = ["Axis", "Cell", "Grid", "read_axis"]

_HINT: Final = (
    "Write load=1,1.5 or param.NAME=…, kernel.NAME=… or ALGORITHM.NAME=…, with values in YAML."
)
LOAD: Final = "load"
PARAM: Final = "param"
KERNEL: Final = "kernel"


class Axis(NamedTuple):
    """A parameter, and the values that it takes.

    Attributes:
        owner: ``load``, ``param`` (of the traffic), ``kernel``, or an algorithm's name.
        name: the parameter's; "" for ``load``.
        values: one or more, all different.
    """

    owner: str
    name: str
    values: tuple[Any, ...]

    @property
    def label(self) -> str:
        """As on the command line."""
        return f"{self.owner}.{self.name}".removesuffix(".")


class Cell(NamedTuple):
    """One run of the grid, and where it stands: label of a parameter → value."""

    plan: Plan
    setting: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Names it in the journal of its grid, which tells the trace and the fleet by what is in
        them, so that it does not matter where they are."""
        plan = replace(self.plan, pools=None, traffic=replace(self.plan.traffic, trace=None))
        return blake2s(_canonical(asdict(plan)).encode(), digest_size=12).hexdigest()

    @property
    def place(self) -> str:
        """Where it stands, as text: the same for runs that differ in the seed only."""
        return _canonical(self.setting)


@dataclass(frozen=True, slots=True)
class Grid:
    """All that a sweep depends on.

    Attributes:
        plan: what all runs have in common.
        algorithms: name and parameters of each.
        axes: what is varied.
        seeds: runs of each combination, with seeds from 0.
    """

    plan: Plan
    algorithms: Sequence[tuple[str, Mapping[str, Any]]]
    axes: Sequence[Axis]
    seeds: int

    def cells(self) -> list[Cell]:
        """Every run, once. An axis of an algorithm multiplies the runs of that one only."""
        all_of_them = (
            Cell(replace(plan, seed=seed), setting)
            for name, params in self.algorithms
            for plan, setting in self._settings(name, params)
            for seed in range(self.seeds)
        )
        return list({cell.key: cell for cell in all_of_them}.values())

    def _settings(
        self, name: str, params: Mapping[str, Any]
    ) -> Iterator[tuple[Plan, Mapping[str, Any]]]:
        mine = [axis for axis in self.axes if axis.owner in (LOAD, PARAM, KERNEL, name)]
        for values in product(*(axis.values for axis in mine)):
            plan = replace(self.plan, algorithm=name, algorithm_params=dict(params))
            for axis, value in zip(mine, values, strict=True):
                plan = _set(plan, axis, value)
            common = {
                axis.label: value
                for axis, value in zip(mine, values, strict=True)
                if axis.owner != name
            }
            yield plan, {"algorithm": plan.label} | common

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object; files are told by what is in them."""
        plan = self.plan
        return {
            "traffic": asdict(replace(plan.traffic, trace=None)),
            "trace": _told(plan.traffic.trace),
            "pools": _told(plan.pools),
            "kernel": dict(plan.kernel),
            "short": plan.short,
            "tenant_key": plan.tenant_key,
            "regret": plan.regret,
            "budget": plan.budget,
            "algorithms": [[name, dict(params)] for name, params in self.algorithms],
            "axes": {axis.label: list(axis.values) for axis in self.axes},
            "seeds": self.seeds,
        }

    def name(self) -> str:
        """A short name that another grid does not have."""
        return blake2s(_canonical(self.to_dict()).encode(), digest_size=5).hexdigest()


def read_axis(text: str, algorithms: Sequence[str]) -> Axis:
    """``"param.rate=100,150"`` → an axis.

    Args:
        text: see there.
        algorithms: names of those that are swept.

    Raises:
        CallerError: ``TRX-C156``, it is none.
    """
    label, equals, listed = text.partition("=")
    owner, _, name = label.strip().partition(".")
    try:
        values = yaml.safe_load(f"[{listed}]")
    except yaml.YAMLError:
        values = None
    unlike = {_canonical(value) for value in values or ()}
    if not equals or not values or len(unlike) < len(values):
        raise _bad(text, "it lists no values, or one twice")
    if owner not in (LOAD, PARAM, KERNEL, *algorithms):
        raise _bad(text, f"nothing here is called {owner!r}")
    if (owner == LOAD) == bool(name):
        raise _bad(text, "it names no parameter" if owner != LOAD else "a load has no parts")
    if owner == LOAD and not all(value in LOADS for value in values):
        raise _bad(text, f"a load is {LOADS}")
    return Axis(owner, name, tuple(values))


def _set(plan: Plan, axis: Axis, value: Any) -> Plan:
    traffic = plan.traffic
    if axis.owner == LOAD:
        return replace(plan, traffic=replace(traffic, load=float(value)))
    if axis.owner == PARAM:
        params = {**traffic.params, axis.name: value}
        return replace(plan, traffic=replace(traffic, params=params))
    if axis.owner == KERNEL:
        return replace(plan, kernel={**plan.kernel, axis.name: value})
    return replace(plan, algorithm_params={**plan.algorithm_params, axis.name: value})


def _told(path: Path | None) -> str | None:
    return None if path is None else digest_of([path])


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _bad(text: str, why: str) -> CallerError:
    return CallerError(f"{text!r} cannot be varied: {why}.", code="TRX-C156", hint=_HINT)
