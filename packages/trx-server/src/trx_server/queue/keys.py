"""Names of keys; those of one call share a hash tag, so that Redis Cluster can carry it out."""

from __future__ import annotations

from trx_core.policy import LANES

__all__ = ["ledger_keys", "partition_keys", "stream_keys"]


def partition_keys(namespace: str, partition: int) -> list[str]:
    """``KEYS`` of the scripts of a partition: epoch, sequence, delayed, wake, lanes."""
    prefix = f"{namespace}:{{p{partition}}}"
    lanes = [f"{prefix}:lane:{lane.name}" for lane in LANES]
    return [f"{prefix}:epoch", f"{prefix}:seq", f"{prefix}:delayed", f"{prefix}:wake", *lanes]


def stream_keys(keys: list[str]) -> list[str]:
    """The streams among the keys of a partition: the lanes, then the one that wakes readers."""
    return [*keys[4:], keys[3]]


def ledger_keys(namespace: str) -> list[str]:
    """``KEYS`` of the scripts of the ledger: epoch, load, held."""
    prefix = f"{namespace}:{{ledger}}"
    return [f"{prefix}:epoch", f"{prefix}:load", f"{prefix}:held"]
