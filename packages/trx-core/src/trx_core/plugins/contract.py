"""What a plugin must keep to, checked before any of its offers is taken."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from types import ModuleType, NoneType
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
    specs = []
    for item in tuple(returned):
        if not isinstance(item, hook.spec):
            raise _garbage(who, hook, f"a {type(item).__name__} among its items")
        values = {one.name: getattr(item, one.name) for one in fields(hook.spec)}
        if fault := _fault_of(values, hook.spec):
            raise _garbage(who, hook, fault)
        specs.append(hook.spec(**values | {"provider": provider}))
    return specs


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


def _fault_of(values: Mapping[str, Any], spec: type[Spec]) -> str | None:
    """What is wrong with the fields of a spec. They are of exactly their types: code of a plugin's
    would else run wherever one is looked at."""
    name, target, summary = (values[key] for key in ("name", "target", "summary"))
    for key, value in (("name", name), ("target", target), ("summary", summary)):
        if type(value) is not str:
            return f"a {key} of type {type(value).__name__}, and no str"
    if not NAME.fullmatch(name):
        return f"the name {name!r}, which is not made of letters, digits, '_', '.', '+', '-'"
    if not TARGET.fullmatch(target):
        return f"the target {target!r} of {name!r}, which is not 'package.module:name'"
    if not summary.strip() or len(summary.splitlines()) > 1:
        return f"a summary of {name!r} that is not one line of text"
    for key, usual in _USUAL[spec].items():
        if type(values[key]) is not type(usual):
            return f"the {key} of {name!r} of type {_type(values[key])}, and no {_type(usual)}"
        if is_dataclass(usual) and (fault := _declared(values[key], usual)):
            return f"the {key} of {name!r} with {fault}"
    return None


def _declared(given: Any, usual: Any) -> str | None:
    """What is wrong with capabilities."""
    for one in fields(usual):
        value, kinds = getattr(given, one.name), {type(getattr(usual, one.name))}
        kinds |= {str} if NoneType in kinds else set()
        if type(value) not in kinds:
            return f"{one.name} of type {_type(value)}"
    return None


def _type(value: object) -> str:
    return type(value).__name__


def _usual(spec: type[Spec]) -> dict[str, Any]:
    """The fields that have defaults, and what they are."""
    made = {one.name: one.default_factory for one in fields(spec)}
    usual = {one.name: one.default for one in fields(spec) if one.default is not MISSING}
    return usual | {name: make() for name, make in made.items() if make is not MISSING}


_USUAL: Final = {hook.spec: _usual(hook.spec) for hook in HOOKS}


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
