"""The ``trx`` command, which packages add sub-commands to."""

from trx_core.cli.main import main
from trx_core.cli.params import parse_named, parse_params, split_named
from trx_core.cli.traffic import (
    disruptions_of,
    named_disruptions,
    named_traffic,
    options_of,
    traffic_of,
)

__all__ = [
    "disruptions_of",
    "main",
    "named_disruptions",
    "named_traffic",
    "options_of",
    "parse_named",
    "parse_params",
    "split_named",
    "traffic_of",
]
