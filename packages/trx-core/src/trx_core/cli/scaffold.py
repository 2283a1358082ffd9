"""An installable package with a working plugin, from the templates in ``trx_core/data/plugin``."""

from __future__ import annotations

import keyword
import re
import shutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from string import Template
from typing import Final

from trx_core.errors import CallerError
from trx_core.hookspecs import HOOK_API_VERSION
from trx_core.plugins import Registry

__all__ = ["Kind", "check_name", "new_project"]

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST: Final = 64
TEMPLATE: Final = ".tmpl"
MODULE: Final = "__module__"
DOT: Final = "dot-"


class Kind(StrEnum):
    """What a new plugin offers."""

    ALGORITHM = "algorithm"
    QUEUE = "queue"
    WORKER = "worker"
    COLLECTOR = "collector"


SUMMARY: Final[Mapping[Kind, str]] = {
    Kind.ALGORITHM: "A routing algorithm for TaskRouterX.",
    Kind.QUEUE: "A task queue for TaskRouterX.",
    Kind.WORKER: "A kind of worker for TaskRouterX.",
    Kind.COLLECTOR: "A metric collector for TaskRouterX.",
}


def check_name(name: str, kind: Kind, registry: Registry) -> None:
    """Check that a package, its plugin and what that offers may all be called ``name``.

    Raises:
        CallerError: ``TRX-C124``, it is no good name; ``TRX-C125``, something has it already.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST or keyword.iskeyword(name):
        raise CallerError(
            f"{name!r} cannot be the name of a package.",
            code="TRX-C124",
            hint="Take lower-case letters, digits and single hyphens, beginning with a letter.",
        )
    if taken := next(_holders(name, kind, registry), None):
        raise CallerError(
            f"{name!r} is the name of {taken}.", code="TRX-C125", hint="Choose another name."
        )


def new_project(name: str, kind: Kind, parent: Path) -> list[Path]:
    """Write the package into ``parent / name``, which must not exist; its files.

    Raises:
        CallerError: ``TRX-C126``, it exists; ``TRX-C127``, it cannot be written, and what was
            written of it is gone again.
    """
    root = parent / name
    values = {
        "name": name,
        "module": _module(name),
        "class_name": "".join(part.capitalize() for part in name.split("-")),
        "summary": SUMMARY[kind],
        "core_version": version("trx-core"),
        "api_version": str(HOOK_API_VERSION),
    }
    try:
        parent.mkdir(parents=True, exist_ok=True)
        root.mkdir()
    except FileExistsError:
        there = root if root.exists() or root.is_symlink() else parent
        raise CallerError(
            f"{str(there)!r} exists already.",
            code="TRX-C126",
            hint="Nothing is overwritten: choose another name or another --dir.",
        ) from None
    except OSError as error:
        raise _unwritable(root, error) from None
    try:
        return [_write(root / path, text) for path, text in _rendered(kind, values)]
    except OSError as error:
        shutil.rmtree(root, ignore_errors=True)
        raise _unwritable(root, error) from None


def _rendered(kind: Kind, values: Mapping[str, str]) -> Iterator[tuple[PurePosixPath, str]]:
    templates = resources.files("trx_core").joinpath("data/plugin")
    for folder in ("common", kind.value):
        for path, file in _files(templates.joinpath(folder), PurePosixPath()):
            text = Template(file.read_text(encoding="utf-8")).substitute(values)
            yield _named(path, values["module"]), text


def _files(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.is_dir():
            yield from _files(item, path / item.name)
        elif item.name.endswith(TEMPLATE):
            yield path / item.name.removesuffix(TEMPLATE), item


def _named(path: PurePosixPath, module: str) -> PurePosixPath:
    parts = [module if part == MODULE else part for part in path.parts]
    return PurePosixPath(*(f".{p.removeprefix(DOT)}" if p.startswith(DOT) else p for p in parts))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _holders(name: str, kind: Kind, registry: Registry) -> Iterator[str]:
    """What has the name already, in words."""
    for record in registry.plugins:
        if name in (_canonical(record.name), _canonical(record.distribution or "")):
            yield f"the plugin {record.label}"
    for offer in registry.find(name):
        if offer.hook.plural == f"{kind}s":
            yield f"the {offer.hook.kind} of the plugin {offer.plugin.label}"
    if find_spec(_module(name)) is not None:
        yield f"a module that is installed, {_module(name)!r}"


def _module(name: str) -> str:
    return name.replace("-", "_")


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _unwritable(root: Path, error: OSError) -> CallerError:
    return CallerError(
        f"{str(root)!r} cannot be written: {error.strerror or error}.",
        code="TRX-C127",
        hint="Choose another --dir.",
    )
