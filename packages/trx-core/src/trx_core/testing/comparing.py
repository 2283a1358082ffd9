"""Whether two values say the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from typing import Any, Final

import numpy as np

__all__ = ["alike", "identical"]

CLOSE: Final = 1e-9


def identical(one: Any, two: Any) -> bool:
    """Whether two columns, or other values, are equal; NaN equals NaN."""
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return bool(np.array_equal(one, two, equal_nan=one.dtype.kind == "f"))
    return bool(one == two)


def alike(one: Any, two: Any) -> bool:
    """Whether two sets of numbers are equal but for the rounding of floats, however nested."""
    if isinstance(one, float) or isinstance(two, float):
        return _close(one, two)
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return one.shape == two.shape and alike(one.tolist(), two.tolist())
    if is_dataclass(one) and type(one) is type(two):
        return all(alike(getattr(one, f.name), getattr(two, f.name)) for f in fields(one))
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(alike(one[key], two[key]) for key in one)
    if isinstance(one, str | bytes | Set) or not isinstance(one, Sequence):
        return bool(one == two)
    return (
        isinstance(two, Sequence)
        and len(one) == len(two)
        and all(alike(a, b) for a, b in zip(one, two, strict=True))
    )


def _close(one: Any, two: Any) -> bool:
    if not isinstance(one, int | float) or not isinstance(two, int | float):
        return bool(one == two)
    if math.isnan(one) or math.isnan(two):
        return math.isnan(one) and math.isnan(two)
    return math.isclose(one, two, rel_tol=CLOSE, abs_tol=CLOSE)
