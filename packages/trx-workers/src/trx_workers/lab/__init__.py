"""The lab: the same kernel, algorithms and simulators as the service, in virtual time."""

from trx_workers.lab.engine import Lab
from trx_workers.lab.run import LabRun, simulate

__all__ = ["Lab", "LabRun", "simulate"]
