"""What a plugin must keep to, checked before any of its offers is taken."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields, replace
from difflib import get_close_matches
from types import ModuleType
from typing import Any, Final, NamedTuple

import pluggy

from trx_core import hookspecs
from trx_core.errors import PluginError, describe
from trx_core.interrupts import is_the_users
from trx_core.plugins.hooks import HOOKS, Hook
from trx_core.specs import Spec

__all__ = ["Implementation", "check_api_version", "collect", "implementations"]

PREFIX: Final = "trx_register_"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
TARGET: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_HOOK_OF: Final = {hook.name: hook for hook in HOOKS}


class Implementation(NamedTuple):
    """A plugin's function for a hook."""

    hook: Hook
    function: Callable[[], object]


def check_api_version(plugin: object, who: str) -> None:
    """Check the hook API that a plugin says it was written for; it need not say.

    Raises:
        PluginError: ``TRX-P121``, it is not ours.
    """
    theirs = getattr(plugin, "trx_api_version", None)
    ours = hookspecs.HOOK_API_VERSION
    if theirs is None or (type(theirs) is int and theirs == ours):
        return
    newer = type(theirs) is int and theirs > ours
    raise PluginError(
        f"plugin {who} is written for version {theirs!r} of the hook API; this is version {ours}.",
        code="TRX-P121",
        hint="Upgrade trx-core." if newer else "Upgrade the plugin.",
    )


def implementations(plugin: object, who: str) -> list[Implementation]:
    """A plugin's hook implementations, in the order of the hooks.

    Raises:
        PluginError: ``TRX-P122``, naming everything that is wrong with them.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name=who)
    except Exception as error:
        raise _broken(who, [" ".join(str(error).split())]) from error
    found = [
        (caller.name, impl)
        for caller in manager.get_hookcallers(plugin) or ()
        for impl in caller.get_hookimpls()
    ]
    faults = [fault for name, impl in found for fault in _faults(name, impl)]
    faults += [*_rivals(found), *_unmarked(plugin)]
    if not found and not isinstance(plugin, ModuleType):
        faults.append(f"it is a {type(plugin).__name__} without hooks, and no module")
    if faults:
        raise _broken(who, faults)
    ours = {name: impl.function for name, impl in found if name in _HOOK_OF}
    return [Implementation(hook, ours[hook.name]) for hook in HOOKS if hook.name in ours]


def collect(implementation: Implementation, who: str, provider: str) -> list[Spec]:
    """Call a hook implementation and check what it returns; the specs, marked with ``provider``.

    Raises:
        PluginError: ``TRX-P123``, it raised; ``TRX-P124``, what it returned is no list of specs.
    """
    hook, function = implementation
    try:
        returned = function()
    except BaseException as error:
        if is_the_users(error):
            raise
        raise PluginError(
            f"plugin {who} raised in {hook.name}: {describe(error)}.",
            code="TRX-P123",
            hint="Mend the plugin, or block it with TRX_PLUGINS_BLOCK.",
        ) from error
    if not isinstance(returned, list | tuple):
        raise _garbage(who, hook, f"a {type(returned).__name__}")
    for item in returned:
        if fault := _spec_fault(item, hook.spec):
            raise _garbage(who, hook, fault)
    return [replace(spec, provider=provider) for spec in returned]


def _faults(name: str, impl: pluggy.HookImpl) -> list[str]:
    faults = []
    if name not in _HOOK_OF and not impl.optionalhook:
        near = get_close_matches(name, _HOOK_OF, n=1)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        faults.append(f"there is no hook {name!r}{meant}")
    if impl.hookwrapper or impl.wrapper:
        faults.append(f"{name!r} is a wrapper, and a registration has nothing to wrap")
    if inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function):
        faults.append(f"{name!r} is a coroutine, and hooks are called synchronously")
    return faults


def _rivals(found: Sequence[tuple[str, pluggy.HookImpl]]) -> list[str]:
    functions: dict[str, list[str]] = {}
    for name, impl in found:
        functions.setdefault(name, []).append(getattr(impl.function, "__name__", "?"))
    return [
        f"{name!r} has {len(names)} implementations ({', '.join(sorted(names))}), and a plugin has "
        "one, which returns everything"
        for name, names in functions.items()
        if len(names) > 1
    ]


def _unmarked(plugin: object) -> list[str]:
    marks = (f"{hookspecs.PROJECT}_impl", f"{hookspecs.PROJECT}_spec")
    named = {name: getattr(plugin, name) for name in dir(plugin) if name.startswith(PREFIX)}
    return [
        f"{name!r} is not marked with @hookimpl"
        for name, function in named.items()
        if inspect.isroutine(function) and not any(hasattr(function, mark) for mark in marks)
    ] + [
        f"{name!r} is a {type(value).__name__}, and a hook is a function marked with @hookimpl"
        for name, value in named.items()
        if not inspect.isroutine(value)
    ]


def _spec_fault(item: Any, wanted: type[Spec]) -> str | None:
    if not isinstance(item, wanted):
        return f"a {type(item).__name__} among its items"
    if not isinstance(item.name, str) or not NAME.fullmatch(item.name):
        return f"the name {item.name!r}, which is not made of letters, digits, '_', '.', '+', '-'"
    if not isinstance(item.target, str) or not TARGET.fullmatch(item.target):
        return f"the target {item.target!r} of {item.name!r}, which is not 'package.module:name'"
    if not isinstance(item.summary, str) or not item.summary.strip() or "\n" in item.summary:
        return f"a summary of {item.name!r} that is not one line of text"
    for name, kind in _KINDS[wanted].items():
        if not isinstance(getattr(item, name), kind):
            return f"the {name} {getattr(item, name)!r} of {item.name!r}, no {kind.__name__}"
    return None


def _kinds(spec: type[Spec]) -> dict[str, type]:
    """Types of the fields that have defaults."""
    made = {one.name: one.default_factory for one in fields(spec)}
    defaults = {one.name: one.default for one in fields(spec) if one.default is not MISSING}
    defaults |= {name: make() for name, make in made.items() if make is not MISSING}
    return {name: type(value) for name, value in defaults.items()}


_KINDS: Final = {hook.spec: _kinds(hook.spec) for hook in HOOKS}


def _garbage(who: str, hook: Hook, what: str) -> PluginError:
    return PluginError(
        f"plugin {who} returned {what} from {hook.name}.",
        code="TRX-P124",
        hint=f"Return a list of {hook.spec.__name__}.",
    )


def _broken(who: str, faults: Sequence[str]) -> PluginError:
    return PluginError(
        f"plugin {who} breaks the hook contract: {'; '.join(faults)}.",
        code="TRX-P122",
        hint="Mend the plugin, or block it with TRX_PLUGINS_BLOCK.",
    )
