"""Arrays that nobody can change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Ints", "floats", "frozen", "ints"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Scalar = TypeVar("Scalar", bound=np.generic)


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """A view that cannot be made writeable again, as the owner of the data can."""
    owner = array if array.base is None else array.copy()
    owner.setflags(write=False)
    return owner.view()


def ints(values: Sequence[int]) -> Ints:
    """Frozen whole numbers."""
    return frozen(np.array(values, dtype=np.int64))


def floats(values: Sequence[float]) -> Floats:
    """Frozen real numbers."""
    return frozen(np.array(values, dtype=np.float64))
