"""A progress bar for runs, and for the tasks within one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from trx_core.models import Task

__all__ = ["Watch", "watching"]

SHOW_EVERY: Final = 1000


class Watch:
    """Shows how far the work has come."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._bar = progress.add_task("", total=total, at="")

    def step(self) -> None:
        """One run more is done."""
        self._progress.advance(self._bar)

    def tasks(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The same tasks, shown as they go by."""
        for number, task in enumerate(tasks, start=1):
            yield task
            if number % SHOW_EVERY == 0:
                at = f"{number:,} tasks, {task.enqueued_at:,.0f} s of virtual time"
                self._progress.update(self._bar, at=at)


@contextmanager
def watching(console: Console, total: int | None) -> Iterator[Watch]:
    """A bar that is gone when the work is done; none where there is no terminal.

    Args:
        console: where.
        total: runs to come; ``None``: there is one only.
    """
    done = (
        ()
        if total is None
        else (BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f} runs"))
    )
    with Progress(
        SpinnerColumn(),
        *done,
        TextColumn("{task.fields[at]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield Watch(progress, total)
