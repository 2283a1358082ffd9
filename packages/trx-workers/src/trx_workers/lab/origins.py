"""What the result of a run depends on besides its plan: code, its versions, and files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b, file_digest
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from trx_core.plugins import Registry
from trx_core.specs import Spec
from trx_core.traces import trace_format
from trx_workers.lab.plan import Plan

__all__ = ["digest_of", "files_named", "origins_of"]

_OURS: Final = {"trx-core": "trx_core", "trx-workers": "trx_workers"}
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_BYTES: Final = 12


def origins_of(plan: Plan, registry: Registry) -> dict[str, str]:
    """What ``plan`` depends on → what it is now, told apart from what it was.

    That is the version and the source of the SDK, of this package and of the packages of the
    algorithm, the kinds of workers, and the scenario or the trace's reader; and the content of
    every file that a parameter names. The source of a plugin is its top-level package, or its
    module where that is in none, and with it all code outside of the installed packages that its
    modules have at hand.

    Args:
        plan: whose parts can be made.
        registry: the installed plugins.

    Raises:
        TrxError: a part cannot be made.
    """
    found: dict[str, str] = {}
    for distribution, package in _OURS.items():
        found[f"the version of {distribution}"] = version(distribution)
        found[f"the source of {distribution}"] = _source(package)
    for spec in _specs(plan, registry):
        plugin = registry.provider(spec)
        who = plugin.distribution or plugin.name
        found[f"the version of {who}"] = plugin.version or ""
        found[f"the source of {spec.name} ({who})"] = _source(spec.target.partition(":")[0])
    for file in sorted(set(_files(plan, registry))):
        found[f"the file {file}"] = digest_of([file])
    return found


def files_named(value: Any) -> Iterator[Path]:
    """The files that exist among the texts in ``value``, however deep."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from files_named(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from files_named(part)
    elif isinstance(value, str | Path) and _is_file(Path(value)):
        yield Path(value)


def digest_of(files: Sequence[Path]) -> str:
    """Of the content of some files, in their order; one that cannot be read has none."""
    whole = blake2b(digest_size=_BYTES)
    for file in files:
        try:
            with file.open("rb") as content:
                whole.update(file_digest(content, _blake).digest())
        except OSError:
            whole.update(b"?")
    return whole.hexdigest()


def _blake() -> Any:
    return blake2b(digest_size=_BYTES)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _specs(plan: Plan, registry: Registry) -> Iterator[Spec]:
    yield registry.algorithm(plan.algorithm)
    kinds = dict.fromkeys(pool.worker.kind for pool in plan.fleet(registry).pools)
    yield from (registry.worker(kind) for kind in kinds)
    traffic = plan.traffic
    if traffic.scenario is not None:
        yield registry.scenario(traffic.scenario)
    elif traffic.trace is not None:
        readers = registry.trace_readers
        name = traffic.format or trace_format(readers, traffic.trace, traffic.params)
        yield registry.trace_reader(name)


def _files(plan: Plan, registry: Registry) -> Iterator[Path]:
    given = (plan.traffic.params, plan.algorithm_params, plan.kernel)
    yield from files_named(given)
    for pool in plan.fleet(registry).pools:
        yield from files_named(pool.worker.params)


@cache
def _source(module: str) -> str:
    """The digest of the code that a module is made of."""
    files = {file for name in _reached(module) for file in _files_of(name)}
    return digest_of(sorted(files))


def _reached(module: str) -> set[str]:
    """Top-level names of a module, and of the code of nobody's package that it has at hand."""
    found: set[str] = set()
    ahead = [module.partition(".")[0]]
    while ahead:
        top = ahead.pop()
        if top in found:
            continue
        found.add(top)
        loaded = [m for name, m in sys.modules.copy().items() if name.partition(".")[0] == top]
        ahead += {name for one in loaded for name in _at_hand(one) if _is_loose(name)}
    return found


def _at_hand(module: ModuleType) -> Iterator[str]:
    for value in list(vars(module).values()):
        name = value.__name__ if isinstance(value, ModuleType) else _home(value)
        yield name.partition(".")[0]


def _home(value: Any) -> str:
    try:
        name = value.__module__
    except Exception:
        return ""
    return name if isinstance(name, str) else ""


@cache
def _is_loose(top: str) -> bool:
    """Whether a top-level module is neither Python's nor in a folder of installed packages."""
    if not top or top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return False
    files = _files_of(top)
    return bool(files) and not _INSTALLED & set(files[0].parts)


@cache
def _files_of(top: str) -> tuple[Path, ...]:
    """The files of a top-level package, data included, or the file of a module."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return ()
    if spec is None:
        return ()
    folders = [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    if folders:
        found = (file for folder in folders for file in folder.rglob("*"))
        return tuple(sorted(f for f in found if "__pycache__" not in f.parts and f.is_file()))
    return (Path(spec.origin).resolve(),) if spec.has_location and spec.origin else ()
