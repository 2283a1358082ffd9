"""Scripts in Python processes of their own, whose strings hash otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

__all__ = ["printed_under_hash_seeds"]


def printed_under_hash_seeds(script: str, *arguments: str) -> set[str]:
    """What the script prints under each of two hash seeds; one text if it does not depend on it."""
    return {
        subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
