"""Finding, loading and blaming plugins, and looking up what they offer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from trx_core.errors import PluginError
from trx_core.plugins.damage import blaming_damage
from trx_core.plugins.discovery import Candidate, Selection, discover
from trx_core.plugins.hooks import HOOKS, Hook
from trx_core.plugins.manager import PluginManager
from trx_core.plugins.records import PluginRecord, PluginState
from trx_core.plugins.registry import Offer, Registry

__all__ = [
    "HOOKS",
    "Candidate",
    "Hook",
    "Offer",
    "PluginManager",
    "PluginRecord",
    "PluginState",
    "Registry",
    "Selection",
    "blaming_damage",
    "discover",
    "load_plugins",
    "registry_of",
]


@cache
def load_plugins() -> Registry:
    """What the installed plugins offer, as the environment selects them; once per process.

    Raises:
        PluginError: ``TRX-P127``, a plugin asks for it while it is being loaded itself.
    """
    if PluginManager.is_loading():
        raise PluginError(
            "load_plugins() was called while plugins are being loaded.",
            code="TRX-P127",
            hint="A plugin calls it when what it offers is made, not when it is imported or "
            "registers.",
        )
    return PluginManager(Selection.from_environ(os.environ)).load(discover())


def registry_of(plugins: Mapping[str, object]) -> Registry:
    """What plugins that are given as objects, by name, offer; nothing that is installed counts."""
    return PluginManager().load(
        Candidate(name, lambda plugin=plugin: plugin)  # type: ignore[misc]
        for name, plugin in plugins.items()
    )
