"""Everything that the loaded plugins offer, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from trx_core.errors import CallerError, TrxError
from trx_core.plugins.hooks import HOOKS, Hook
from trx_core.plugins.records import PluginRecord, PluginState
from trx_core.specs import (
    AlgorithmSpec,
    CollectorSpec,
    CommandSpec,
    FleetReaderSpec,
    QueueSpec,
    ScenarioSpec,
    Spec,
    TraceReaderSpec,
    WorkerKindSpec,
)

__all__ = ["Offer", "Registry", "unknown"]

S = TypeVar("S", bound=Spec)
_KIND_OF: Final = {hook.spec: hook for hook in HOOKS}


class Offer(NamedTuple):
    """A spec, the hook that it came through, and the plugin that offers it."""

    hook: Hook
    spec: Spec
    plugin: PluginRecord


class Registry:
    """What is there to use. Looking things up imports none of them.

    Each look-up of one name (:meth:`algorithm`, …) raises ``CallerError`` ``TRX-C120`` for a name
    that nobody offers, telling near matches and what there is.

    Args:
        plugins: every plugin that was found, loaded or not.
        offers: what the loaded ones offer; names are unique within a hook.
        warnings: what is wrong besides the plugins themselves.
    """

    def __init__(
        self,
        plugins: Sequence[PluginRecord],
        offers: Sequence[Offer],
        warnings: Sequence[TrxError] = (),
    ) -> None:
        self.plugins: Final = tuple(plugins)
        self.offers: Final = tuple(offers)
        self.warnings: Final = tuple(warnings)
        self.algorithms: Final = self._all(AlgorithmSpec)
        self.queues: Final = self._all(QueueSpec)
        self.workers: Final = self._all(WorkerKindSpec)
        self.collectors: Final = self._all(CollectorSpec)
        self.scenarios: Final = self._all(ScenarioSpec)
        self.trace_readers: Final = self._all(TraceReaderSpec)
        self.fleet_readers: Final = self._all(FleetReaderSpec)
        self.commands: Final = self._all(CommandSpec)

    def algorithm(self, name: str) -> AlgorithmSpec:
        """The routing algorithm of that name."""
        return self._one(AlgorithmSpec, self.algorithms, name)

    def queue(self, scheme: str) -> QueueSpec:
        """The task queue of that URL scheme."""
        return self._one(QueueSpec, self.queues, scheme)

    def worker(self, kind: str) -> WorkerKindSpec:
        """The kind of worker of that name."""
        return self._one(WorkerKindSpec, self.workers, kind)

    def collector(self, name: str) -> CollectorSpec:
        """The metric collector of that name."""
        return self._one(CollectorSpec, self.collectors, name)

    def scenario(self, name: str) -> ScenarioSpec:
        """The traffic pattern of that name."""
        return self._one(ScenarioSpec, self.scenarios, name)

    def trace_reader(self, name: str) -> TraceReaderSpec:
        """The trace format of that name."""
        return self._one(TraceReaderSpec, self.trace_readers, name)

    def fleet_reader(self, name: str) -> FleetReaderSpec:
        """The format of fleet files of that name."""
        return self._one(FleetReaderSpec, self.fleet_readers, name)

    def command(self, name: str) -> CommandSpec:
        """The sub-command of ``trx`` of that name."""
        return self._one(CommandSpec, self.commands, name)

    def provider(self, spec: Spec) -> PluginRecord:
        """The plugin that offers ``spec``.

        Raises:
            KeyError: nobody does.
        """
        for offer in self.offers:
            if offer.spec is spec:
                return offer.plugin
        raise KeyError(spec.name)

    def find(self, name: str) -> list[Offer]:
        """What is offered under that name, whatever it is."""
        return [offer for offer in self.offers if offer.spec.name == name]

    def plugin(self, name: str) -> PluginRecord | None:
        """The plugin of that name; among several, the one that is loaded."""
        called = [record for record in self.plugins if record.name == name]
        loaded = [record for record in called if record.state is PluginState.LOADED]
        return next(iter(loaded + called), None)

    @property
    def troubled(self) -> list[PluginRecord]:
        """The plugins with which something is wrong."""
        return [record for record in self.plugins if record.problems]

    def _all(self, kind: type[S]) -> Mapping[str, S]:
        return MappingProxyType(
            {o.spec.name: o.spec for o in self.offers if isinstance(o.spec, kind)}
        )

    def _one(self, kind: type[S], offered: Mapping[str, S], name: str) -> S:
        try:
            return offered[name]
        except KeyError:
            raise unknown(_KIND_OF[kind].kind, name, list(offered), self) from None


def unknown(
    kind: str, name: str, there: Sequence[str], registry: Registry | None = None
) -> CallerError:
    """``TRX-C120``: there is no ``kind`` called ``name``; with near matches and what there is."""
    near = get_close_matches(name, there, n=3)
    hints = []
    if near:
        hints.append(f"Did you mean {' or '.join(map(repr, near))}?")
    hints.append(f"There is: {', '.join(sorted(there))}." if there else "None is installed.")
    if registry and registry.troubled:
        hints.append("Some plugins are not in use: see `trx plugins list`.")
    return CallerError(f"there is no {kind} {name!r}.", code="TRX-C120", hint=" ".join(hints))
