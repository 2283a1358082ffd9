"""Calls on several partitions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count
from typing import TypeVar

from trx_core.protocols import Delivery

__all__ = ["Spread", "all_of"]

T = TypeVar("T")
Read = Callable[[int, Sequence[int]], Awaitable[list[list[Delivery]]]]
"""Reads at most so many entries of each kind from one partition."""


async def all_of(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The results of calls made at the same time; raises the first error when all have ended."""
    results = []
    for result in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
        results.append(result)
    return results


class Spread:
    """Shares what is asked for evenly among partitions; what one lacks is asked of the others.

    Which partition comes first, and gets the odd one, goes round.
    """

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._turn = count()

    async def read(self, asked: Sequence[int], read: Read) -> list[list[Delivery]]:
        """For each kind at most as many as asked; fewer only when no partition has more.

        An error is raised only when nothing was read: entries once read must not be lost.
        """
        first = next(self._turn) % self._partitions
        order = [(first + step) % self._partitions for step in range(self._partitions)]
        hungry = {(part, kind) for part in order for kind in range(len(asked))}
        found: list[list[Delivery]] = [[] for _ in asked]
        while True:
            missing = [want - len(got) for want, got in zip(asked, found, strict=True)]
            shares = _shares(missing, order, hungry)
            if not shares:
                return found
            replies = await asyncio.gather(
                *(read(part, counts) for part, counts in shares.items()), return_exceptions=True
            )
            errors = []
            for (part, counts), reply in zip(shares.items(), replies, strict=True):
                if isinstance(reply, BaseException):
                    errors.append(reply)
                    continue
                for kind, entries in enumerate(reply):
                    found[kind] += entries
                    if len(entries) < counts[kind]:
                        hungry.discard((part, kind))
            if errors and not any(found):
                raise errors[0]
            if errors:
                return found


def _shares(
    missing: Sequence[int], order: Sequence[int], hungry: set[tuple[int, int]]
) -> dict[int, list[int]]:
    """Partition → how many of each kind to ask it for; none when there is nothing to ask."""
    shares: dict[int, list[int]] = {}
    for kind, lacking in enumerate(missing):
        parts = [part for part in order if (part, kind) in hungry]
        for place, part in enumerate(parts):
            share = lacking // len(parts) + (place < lacking % len(parts))
            if share:
                shares.setdefault(part, [0] * len(missing))[kind] = share
    return shares
