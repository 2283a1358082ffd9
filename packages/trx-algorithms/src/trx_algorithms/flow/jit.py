"""The compiler, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final, TypeVar

__all__ = ["AVAILABLE", "compiled", "compiled_leaf"]

AVAILABLE: Final = find_spec("numba") is not None
"""Whether numba (``trx-algorithms[fast]``) is installed."""

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F, **options: Any) -> F:
    """Compile ``function`` when it is first called, and keep the result beside its file.

    Without numba the function stays as it is. Where neither that folder nor the user's cache can be
    written, it is compiled anew in every process. The cache notices changes to the function's own
    file only: after an edit of what it calls elsewhere, delete ``__pycache__``.
    """
    if not AVAILABLE:
        return function
    import numba

    settings = {"error_model": "numpy", "nogil": True, **options}
    try:
        made: F = numba.njit(cache=True, **settings)(function)
    except RuntimeError:
        made = numba.njit(**settings)(function)
    return made


def compiled_leaf(function: F) -> F:
    """Compile a function that makes no arrays, and spare it the counting of references.

    Small functions on many arrays would otherwise spend most of their time on it.
    """
    return compiled(function, _nrt=False)
