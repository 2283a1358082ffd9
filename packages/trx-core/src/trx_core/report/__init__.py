"""The schedule log folded into numbers, and the numbers as a table; the same lab and live."""

from trx_core.report.fold import SHORT, Fold
from trx_core.report.lines import JsonLines
from trx_core.report.samples import Samples
from trx_core.report.summary import Distribution, GroupUse, PoolUse, Summary
from trx_core.report.table import render
from trx_core.report.timeline import Timeline

__all__ = [
    "SHORT",
    "Distribution",
    "Fold",
    "GroupUse",
    "JsonLines",
    "PoolUse",
    "Samples",
    "Summary",
    "Timeline",
    "render",
]
