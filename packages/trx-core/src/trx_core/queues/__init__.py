"""The queue in memory: the lab's, and the rule by which every other queue shares out its lanes."""

from trx_core.queues.lanestore import LaneStore
from trx_core.queues.memory import MemoryQueue

__all__ = ["LaneStore", "MemoryQueue"]
