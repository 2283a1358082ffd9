"""What is said when somebody interrupts a command of the lab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trx_core.cli.faults import warn

__all__ = ["telling_interrupts"]


@contextmanager
def telling_interrupts(kept: Callable[[], str] = lambda: "Nothing is kept.") -> Iterator[None]:
    """Say in one line on stderr that the work within was interrupted, and let the interrupt pass.

    Args:
        kept: what there is of the work, in a sentence.
    """
    try:
        yield
    except KeyboardInterrupt:
        warn(f"Interrupted. {kept()}")
        raise
