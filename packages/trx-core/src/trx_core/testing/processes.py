"""Runs probes in processes of their own, whose strings may hash otherwise."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from trx_core.limits import OutOfTime
from trx_core.testing.checks import CheckFailure, NotApplicable, time_limit

__all__ = ["in_other_processes"]

T = TypeVar("T")
CHILD: Final = "trx_core.testing.child"
WITHIN: Final = "_TRX_TESTING_CHILD"
"""Set in the environment of those processes."""


def in_other_processes(
    probes: Sequence[Callable[[T], object]], subject: T, hash_seeds: Sequence[str]
) -> list[Any]:
    """What each ``probe(subject)`` returns in a process of its own.

    Args:
        probes: functions that stand at the top of a module.
        subject: is sent there.
        hash_seeds: ``PYTHONHASHSEED`` of each process.

    Raises:
        NotApplicable: the subject cannot be sent there.
        CheckFailure: it fails there.
        OutOfTime: it does not end there, see :func:`~trx_core.testing.checks.time_limit`.
    """
    if WITHIN in os.environ:
        _end_recursion()
    messages = [_packed(probe, subject) for probe in probes]
    with ThreadPoolExecutor(len(messages)) as threads:
        return list(threads.map(_child, messages, hash_seeds))


def _child(message: bytes, hash_seed: str) -> object:
    path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path)
    limit = time_limit()
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", CHILD],
            input=message,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed, WITHIN: "1"},
            timeout=limit if isfinite(limit) else None,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OutOfTime(f"not done within {limit:g} s") from None
    if done.returncode or not done.stdout:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
        raise CheckFailure(f"it fails in a process of its own: {lines[-1]}")
    return pickle.loads(done.stdout)


def _end_recursion() -> NoReturn:
    """Such a process has imported a module that runs the kit; it would start others for ever."""
    print(
        "its module runs the conformance kit when it is imported: "
        'put that under `if __name__ == "__main__":`',
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)


def _packed(probe: Callable[[T], object], subject: T) -> bytes:
    """The modules that it takes, by name and file, then the call itself."""
    buffer = BytesIO()
    pickler = _Pickler(buffer)
    try:
        pickler.dump((probe, subject))
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raise NotApplicable(
            f"it cannot be sent to another process ({error}): make it with a class or a function "
            "that stands at the top of a module"
        ) from None
    return pickle.dumps((pickler.modules(), buffer.getvalue()))


class _Pickler(pickle.Pickler):
    """Notes the modules of what it pickles by name."""

    def __init__(self, file: BytesIO) -> None:
        super().__init__(file)
        self._names: dict[str, None] = {}

    def reducer_override(self, value: Any) -> Any:
        name = getattr(value, "__module__", None)
        if isinstance(name, str) and hasattr(value, "__qualname__"):
            self._names[name] = None
        return NotImplemented

    def modules(self) -> Sequence[tuple[str, str]]:
        """Those that came from a file; ``__main__`` without one cannot be had elsewhere."""
        found = []
        for name in self._names:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file is not None:
                found.append((name, str(Path(file).resolve())))
            elif name == "__main__":
                raise NotApplicable("it was made at a prompt, and other processes cannot see it")
        return found
