"""Loads plugins one by one, so that a broken one harms nobody else, and blames it by name."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from typing import Final

from trx_core.errors import PluginError, TrxError, describe
from trx_core.interrupts import is_the_users, telling_interrupts_apart
from trx_core.limits import patience, within
from trx_core.plugins.contract import Implementation, check_api_version, collect, implementations
from trx_core.plugins.discovery import Candidate, Selection
from trx_core.plugins.hooks import Hook
from trx_core.plugins.records import PluginRecord, PluginState
from trx_core.plugins.registry import Offer, Registry
from trx_core.specs import Spec
from trx_core.stdout import stdout_aside

__all__ = ["PluginManager"]

_LOADING: Final = ContextVar("_LOADING", default=False)
_STATE_AFTER: Final = {"TRX-P121": PluginState.INCOMPATIBLE}


class PluginManager:
    """Takes in candidates and makes a registry of what they offer.

    A plugin is taken whole or not at all, but for a name that another one offers already: that
    offer alone is refused, and told.

    Args:
        selection: which candidates to leave aside.
    """

    def __init__(self, selection: Selection | None = None) -> None:
        self._selection = selection or Selection()
        self._records: list[PluginRecord] = []
        self._offers: dict[tuple[str, str], Offer] = {}
        self._warnings: list[TrxError] = []

    def load(self, candidates: Iterable[Candidate]) -> Registry:
        """Load the candidates, in order, and say what there is.

        Raises:
            OperatorError: ``TRX-O113``, the environment says no time that one may take.
        """
        candidates, limit = list(candidates), patience()
        self._warnings += self._selection.strangers(candidates)
        self._warnings += self._selection.futile(candidates)
        before = _LOADING.set(True)
        try:
            for candidate in candidates:
                with telling_interrupts_apart(), stdout_aside():
                    self._add(candidate, limit)
        finally:
            _LOADING.reset(before)
        return Registry(self._records, list(self._offers.values()), self._warnings)

    @staticmethod
    def is_loading() -> bool:
        """Whether it is a plugin that asks, while it is being loaded."""
        return _LOADING.get()

    def _add(self, candidate: Candidate, limit: float) -> None:
        found = PluginRecord(candidate.name, candidate.distribution, candidate.version)
        if self._selection.blocks(candidate):
            self._records.append(replace(found, state=PluginState.BLOCKED))
            return
        try:
            self._check_name(found)
            hooks, specs = within(limit, partial(_read, candidate, found))
        except PluginError as error:
            self._refuse(found, error)
        except BaseException as error:
            if is_the_users(error):
                raise
            self._refuse(found, _unfit(found.label, error))
        else:
            self._take(replace(found, hooks=tuple(one.hook.name for one in hooks)), specs)

    def _refuse(self, found: PluginRecord, error: PluginError) -> None:
        state = _STATE_AFTER.get(error.code, PluginState.FAILED)
        self._records.append(replace(found, state=state, error=error))

    def _take(self, record: PluginRecord, specs: list[tuple[Hook, Spec]]) -> None:
        taken: dict[tuple[str, str], tuple[Hook, Spec]] = {}
        refused = []
        for hook, spec in specs:
            key = hook.name, spec.name
            if key in self._offers:
                refused.append(_clash(record, hook, spec, self._offers[key].plugin))
            elif key in taken:
                refused.append(_clash(record, hook, spec, record))
            else:
                taken[key] = hook, spec
        record = replace(record, refused=tuple(refused))
        self._records.append(record)
        self._offers |= {key: Offer(*pair, record) for key, pair in taken.items()}

    def _check_name(self, found: PluginRecord) -> None:
        for other in self._records:
            if other.name == found.name and other.state is not PluginState.BLOCKED:
                raise PluginError(
                    f"plugin {found.label} has the same name as plugin {other.label}.",
                    code="TRX-P126",
                    hint="Uninstall one, or block its distribution with TRX_PLUGINS_BLOCK.",
                )


def _read(
    candidate: Candidate, found: PluginRecord
) -> tuple[list[Implementation], list[tuple[Hook, Spec]]]:
    plugin = _imported(candidate, found.label)
    check_api_version(plugin, found.label)
    hooks = implementations(plugin, found.label)
    offered = [(one, collect(one, found.label, found.provider)) for one in hooks]
    return hooks, [(one.hook, spec) for one, specs in offered for spec in specs]


def _imported(candidate: Candidate, who: str) -> object:
    try:
        return candidate.load()
    except BaseException as error:
        if is_the_users(error):
            raise
        raise PluginError(
            f"plugin {who} cannot be imported: {describe(error)}.",
            code="TRX-P120",
            hint="Mend or uninstall the plugin, or block it with TRX_PLUGINS_BLOCK.",
        ) from error


def _unfit(who: str, error: BaseException) -> PluginError:
    unfit = PluginError(
        f"plugin {who} breaks the hook contract: {describe(error)}, while it was looked at.",
        code="TRX-P122",
        hint="Mend the plugin, or block it with TRX_PLUGINS_BLOCK.",
    )
    unfit.__cause__ = error
    return unfit


def _clash(record: PluginRecord, hook: Hook, spec: Spec, other: PluginRecord) -> PluginError:
    return PluginError(
        f"plugin {record.label} offers the {hook.kind} {spec.name!r}, which plugin {other.label} "
        "offers already; the second is refused.",
        code="TRX-P125",
        hint="Rename it, or block one of the plugins with TRX_PLUGINS_BLOCK.",
    )
