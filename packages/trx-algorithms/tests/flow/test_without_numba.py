"""Where numba is not installed everything works, if not as fast."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from trx_algorithms.flow import Problem, backends, prepare, solve

SCRIPT = """
import json, sys
sys.modules["numba"] = None
import numpy as np
from trx_algorithms.flow import Problem, certify, solve
from trx_algorithms.min_cost_flow import MinCostFlow
from trx_core.testing import ROUNDS, make_round

rng = np.random.default_rng(3)
wide = Problem.of(rng.integers(0, 99, (400, 5)), [50] * 5, rng.integers(20, 150, 400))
single = Problem.of(rng.integers(0, 99, (30, 40)), [1] * 40, rng.integers(20, 150, 30))
answers = [solve(one) for one in (wide, single)]
assert all(certify(one) == 0 for one in answers)
decision = MinCostFlow().route(make_round(ROUNDS[2]))
print(json.dumps([[one.backend, one.cost] for one in answers] + [len(decision.pool)]))
"""


def test_solves_with_what_pip_installs_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=True
    )
    rng = np.random.default_rng(3)
    wide = Problem.of(rng.integers(0, 99, (400, 5)), [50] * 5, rng.integers(20, 150, 400))
    single = Problem.of(rng.integers(0, 99, (30, 40)), [1] * 40, rng.integers(20, 150, 30))
    costs = [solve(one, "ortools").cost for one in (wide, single)]
    assert json.loads(done.stdout) == [["numpy", costs[0]], ["assignment", costs[1]], 60]


def test_says_what_is_missing_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = backends.Backend(backends.by_paths, ("no_such_module", "trx-algorithms[fast]"))
    monkeypatch.setitem(backends.BACKENDS, "ssp", nothing)
    with pytest.raises(ValueError, match=r"needs no_such_module: pip install trx-algorithms\[fast"):
        prepare("ssp")
