"""The ``trx`` command, which packages add sub-commands to."""

from trx_core.cli.main import main
from trx_core.cli.params import parse_named, parse_params, split_named
from trx_core.cli.traffic import named_disruptions, named_traffic

__all__ = [
    "main",
    "named_disruptions",
    "named_traffic",
    "parse_named",
    "parse_params",
    "split_named",
]
