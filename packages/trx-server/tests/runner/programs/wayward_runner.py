"""``trx runner`` with a plugin whose algorithms misbehave."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

import trx_algorithms.plugin
import trx_server.plugin
import trx_workers.plugin
from trx_core.plugins import registry_of
from trx_server.commands import runner

sys.path.append(str(Path(__file__).parents[2] / "support"))

import wayward

REGISTRY = registry_of(
    {
        "algorithms": trx_algorithms.plugin,
        "server": trx_server.plugin,
        "workers": trx_workers.plugin,
        "wayward": wayward,
    }
)

if __name__ == "__main__":
    with patch.object(runner, "load_plugins", return_value=REGISTRY):
        runner.runner(grace=5.0)
