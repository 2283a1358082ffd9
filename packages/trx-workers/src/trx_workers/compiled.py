"""Functions that numba compiles where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final, TypeVar

__all__ = ["AVAILABLE", "compiled"]

F = TypeVar("F", bound=Callable[..., Any])

AVAILABLE: Final = find_spec("numba") is not None
"""Whether numba (``trx-workers[fast]``) is installed."""


def compiled(function: F) -> F:
    """Compile ``function`` when it is first called, and keep the result beside its file; without
    numba it stays as it is."""
    if not AVAILABLE:
        return function
    import numba

    settings: dict[str, Any] = {"nogil": True}
    try:
        made: F = numba.njit(cache=True, **settings)(function)
    except RuntimeError:
        made = numba.njit(**settings)(function)
    return made
