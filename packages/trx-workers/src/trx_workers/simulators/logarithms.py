"""Logarithms of many numbers at once, compiled; to the bit those of Python."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trx_workers.compiled import compiled

__all__ = ["minus_log_of_rest"]


@compiled
def minus_log_of_rest(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """``-ln(1 - u)`` by the C library's ``log1p``, as Python has it; NumPy's may differ in the last
    bit."""
    out = np.empty(u.size)
    for at in range(u.size):
        out[at] = -math.log1p(-u[at])
    return out
