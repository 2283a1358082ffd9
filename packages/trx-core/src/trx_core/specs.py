"""What a plugin registers: names that point at code which is imported when it is first used."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from trx_core.capabilities import (
    AlgorithmCapabilities,
    CollectorCapabilities,
    QueueCapabilities,
    WorkerCapabilities,
)
from trx_core.errors import (
    CallerError,
    InvalidParameters,
    PluginError,
    describe,
    is_kind,
    message_of,
)
from trx_core.guard import blaming
from trx_core.interrupts import is_the_users
from trx_core.limits import patience, within
from trx_core.protocols import Order
from trx_core.stdout import stdout_aside

__all__ = [
    "AlgorithmSpec",
    "CollectorSpec",
    "CommandSpec",
    "FleetReaderSpec",
    "QueueSpec",
    "ScenarioSpec",
    "Spec",
    "TraceReaderSpec",
    "WorkerKindSpec",
]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A named thing that a plugin offers.

    Attributes:
        name: how users name it; unique within its hook.
        target: ``package.module:attribute``, a class or factory; imported by :meth:`build` only.
        summary: one line for people.
        provider: distribution and version that offer it; set by the plugin loader, for blame.
    """

    name: str
    target: str
    summary: str
    provider: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """Its name and who offers it, as errors tell it: ``'ppo' (acme-router 0.3.1)``."""
        return f"{self.name!r} ({self.provider})" if self.provider else repr(self.name)

    def load(self) -> Any:
        """Import and return the target.

        Raises:
            PluginError: ``TRX-P110``, the module or the attribute cannot be imported, or not in
                time.
            OperatorError: ``TRX-O113``, the environment says no time.
        """
        module, _, attribute = self.target.partition(":")
        limit = patience()
        with stdout_aside(), blaming(self._not_imported, passing=()):
            return within(limit, partial(_imported, module, attribute))

    def build(self, params: Mapping[str, Any] = _NOTHING) -> Any:
        """Import the target and call it with ``params`` as keyword arguments.

        Raises:
            PluginError: ``TRX-P110``, it cannot be imported; ``TRX-P111``, it is nothing to call,
                raised, or was not ready in time.
            CallerError: ``TRX-C111``, it takes no such parameters: they do not fit its signature,
                it raised :class:`~trx_core.errors.InvalidParameters` or pydantic's
                ``ValidationError``, or, if any were given, a ``ValueError`` or ``TypeError``.
            TrxError: it raised one itself.
        """
        factory, limit = self.load(), patience()
        if not callable(factory):
            what = f"{self.target!r} is of type {type(factory).__name__}, and no class or function"
            raise self._not_set_up(what)
        with stdout_aside(), blaming(partial(self._unbuilt, factory, params)):
            return within(limit, partial(factory, **params))

    def _not_imported(self, error: BaseException) -> PluginError:
        return PluginError(
            f"{self.label} cannot be imported from {self.target!r}: {describe(error)}.",
            code="TRX-P110",
            hint="Mend the plugin or install what it needs.",
        )

    def _unbuilt(
        self, factory: Any, params: Mapping[str, Any], error: BaseException
    ) -> PluginError | CallerError:
        if not _refuses(factory, params, error):
            return self._not_set_up(describe(error))
        return CallerError(
            f"{self.label} does not take the parameters {dict(params)!r}: {message_of(error)}.",
            code="TRX-C111",
            hint=f"See `trx plugins show {self.name}`.",
        )

    def _not_set_up(self, what: str) -> PluginError:
        return PluginError(
            f"{self.label} could not be set up: {what}.",
            code="TRX-P111",
            hint="Mend the plugin.",
        )


def _imported(module: str, attribute: str) -> Any:
    return getattr(importlib.import_module(module), attribute)


def _refuses(factory: Any, params: Mapping[str, Any], error: BaseException) -> bool:
    """Whether what a factory raised is about its parameters, rather than a fault of its own."""
    if is_kind(error, InvalidParameters):
        return True
    if type(error) is ValidationError:
        return bool(params) or any(one["type"] == "missing" for one in error.errors())
    if not is_kind(error, TypeError, ValueError):
        return False
    return bool(params) or not _binds(factory, params)


def _binds(factory: Any, params: Mapping[str, Any]) -> bool:
    """Whether parameters fit a signature, as far as it can be told."""
    try:
        signature = inspect.signature(factory)
    except BaseException as error:
        if is_the_users(error):
            raise
        return True
    try:
        signature.bind(**params)
    except TypeError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmSpec(Spec):
    """A routing algorithm.

    Attributes:
        order: how it would like its window filled.
        capabilities: what it declares of itself.
    """

    order: Order = Order.PRIORITY
    capabilities: AlgorithmCapabilities = field(default_factory=AlgorithmCapabilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSpec(Spec):
    """A task queue; its name is a URL scheme.

    A target for a queue behind a server takes ``url``, ``namespace`` (queues of different ones
    share nothing) and ``consumer`` (who fetches; unique among those alive), and declares
    ``shared``. It must not wait for its server when it is made. One that holds connections has
    ``aclose()``.

    Attributes:
        capabilities: what it declares of itself.
    """

    capabilities: QueueCapabilities = field(default_factory=QueueCapabilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerKindSpec(Spec):
    """A kind of worker; its target is called with a pool's worker parameters.

    Attributes:
        simulator: whether it is a :class:`~trx_core.protocols.WorkerSimulator` (runs in the lab
            too) rather than a :class:`~trx_core.protocols.Worker`.
        capabilities: what a simulator declares of itself.
    """

    simulator: bool = True
    capabilities: WorkerCapabilities = field(default_factory=WorkerCapabilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSpec(Spec):
    """A metric collector.

    Attributes:
        capabilities: what it declares of itself.
    """

    capabilities: CollectorCapabilities = field(default_factory=CollectorCapabilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSpec(Spec):
    """A traffic pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceReaderSpec(Spec):
    """A trace format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReaderSpec(Spec):
    """A format of files that describe a fleet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec(Spec):
    """A sub-command of ``trx``: its target is a function for typer, or a ``typer.Typer``."""
