"""Public data that is no part of the repository: ``$TRX_SHARED_DATA``, or a ``shared/data`` folder
beside the repository or above it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fresh import ROOT

__all__ = ["shared"]

VARIABLE = "TRX_SHARED_DATA"


def shared(name: str) -> Path:
    """The file of that name in the folder; the test is skipped where there is none."""
    looked = []
    for folder in _places():
        path = folder / name
        looked.append(str(path))
        if path.is_file():
            return path
    pytest.skip(f"set {VARIABLE}: not found at {', '.join(looked)}")


def _places() -> Iterator[Path]:
    if VARIABLE in os.environ:
        yield Path(os.environ[VARIABLE])
    else:
        yield from (folder / "shared" / "data" for folder in (ROOT, *ROOT.parents))
