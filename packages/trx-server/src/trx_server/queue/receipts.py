"""Receipts: ``partition:lane:id``, where an entry is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from trx_core.policy import LANES

__all__ = ["by_partition", "receipt_prefixes"]

_LANE_OF: Final = {lane.name: index for index, lane in enumerate(LANES)}
_RECEIPT: Final = re.compile(rf"(\d{{1,6}}):({'|'.join(_LANE_OF)}):(\d{{1,19}}-\d{{1,19}})")


def receipt_prefixes(partition: int) -> list[str]:
    """For each lane, what precedes the id in the receipts of its entries."""
    return [f"{partition}:{lane.name}:" for lane in LANES]


def by_partition(receipts: Iterable[str]) -> dict[int, list[list[str]]]:
    """Partition → for each lane, the ids; what is not a receipt is left out."""
    found: dict[int, list[list[str]]] = {}
    for receipt in receipts:
        if match := _RECEIPT.fullmatch(receipt):
            partition, lane, entry = match.groups()
            lanes = found.setdefault(int(partition), [[] for _ in LANES])
            lanes[_LANE_OF[lane]].append(entry)
    return found
