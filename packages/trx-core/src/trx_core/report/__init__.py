"""The schedule log folded into numbers, and the numbers as a table; the same lab and live."""

from trx_core.report.fold import Fold
from trx_core.report.lines import JsonLines
from trx_core.report.summary import PoolUse, Quantiles, Summary
from trx_core.report.table import render

__all__ = ["Fold", "JsonLines", "PoolUse", "Quantiles", "Summary", "render"]
