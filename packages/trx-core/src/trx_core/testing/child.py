"""The process that a probe runs in: reads the call from stdin, writes what it returns to stdout."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from trx_core.errors import describe

__all__ = ["main"]


def main() -> None:
    """Answer one call; an exception ends the process with its traceback."""
    modules, call = pickle.loads(sys.stdin.buffer.read())
    answer = os.dup(1)
    os.dup2(2, 1)
    for name, file in modules:
        _provide(name, file)
    probe, subject = pickle.loads(call)
    try:
        answered = probe(subject)
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"it raised {describe(error)}") from error
    with os.fdopen(answer, "wb") as stream:
        stream.write(pickle.dumps(answered))


def _provide(name: str, file: str) -> None:
    """See to it that a module can be imported by name, wherever its file stands."""
    if name != "__main__" and _is_found(name, file):
        return
    parts = name.split(".")
    for depth in range(1, len(parts)):
        folder = Path(file).parents[len(parts) - 1 - depth]
        _stand_in(".".join(parts[:depth]), folder)
    own = "__trx_main__" if name == "__main__" else name
    spec = importlib.util.spec_from_file_location(own, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[own] = sys.modules[name] = module
    spec.loader.exec_module(module)


def _is_found(name: str, file: str) -> bool:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    found = getattr(module, "__file__", None)
    return found is not None and Path(found).resolve() == Path(file)


def _stand_in(name: str, folder: Path) -> None:
    """A package of that name, without code, if there is none."""
    if name in sys.modules:
        return
    try:
        importlib.import_module(name)
    except ImportError:
        package = ModuleType(name)
        places: Sequence[str] = [str(folder)]
        package.__path__ = list(places)
        sys.modules[name] = package


if __name__ == "__main__":
    main()
