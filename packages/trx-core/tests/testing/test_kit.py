"""The kit itself: ids, the reference, pytest, other processes, and what it does not import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from textwrap import dedent

import numpy as np

from trx_core.routing import Breaker
from trx_core.testing import (
    BARREN_ROUNDS,
    CHECKS,
    EMPTY_ROUNDS,
    check_algorithm,
    conformance_markdown,
    rounds,
    sample_log,
    sample_tasks,
)
from trx_core.testing.watch import watch

from .algorithm_misconduct import WalksThroughASet
from .algorithm_mutants import Policy, hold_everything

OTHERS = ("hypothesis", "pytest")


def python(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, *args],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env=environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


def test_each_check_has_a_unique_id_a_title_and_a_paragraph() -> None:
    checks = [check for kit in CHECKS.values() for check in kit]
    assert len({check.id for check in checks}) == len(checks)
    for check in checks:
        assert re.fullmatch(r"(algorithm|queue|worker|collector)\.[a-z_]+", check.id)
        assert check.title and not check.title.endswith(".")
        assert check.about.endswith(".")


def test_the_reference_tells_every_check_and_every_capability() -> None:
    page = conformance_markdown()
    ids = re.findall(r"^### `([a-z_.]+)`", page, re.MULTILINE)
    assert ids == [check.id for kit in CHECKS.values() for check in kit]
    for capability in ("deterministic", "total_order", "adopts", "stateful", "numbers"):
        assert re.search(rf"^\| `{capability}` \| `\w+` \| .+ \|$", page, re.MULTILINE)


def test_the_kit_needs_neither_pytest_nor_hypothesis() -> None:
    code = (
        f"import sys, trx_core.testing.strategies; print([m for m in {OTHERS} if m in sys.modules])"
    )
    done = python("-c", code)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_pytest_finds_a_test_for_each_check(tmp_path: Path) -> None:
    tmp_path.joinpath("test_mine.py").write_text(
        dedent("""
            import pytest
            from trx_core.capabilities import AlgorithmCapabilities
            from trx_core.routing import Decision, HOLD
            from trx_core.testing import AlgorithmSuite

            class Lazy:
                def __init__(self, answer):
                    self.answer = answer

                def route(self, problem):
                    return Decision([self.answer] * len(problem.tasks))

            @pytest.fixture
            def answer():
                return HOLD

            class TestLazy(AlgorithmSuite):
                capabilities = AlgorithmCapabilities(bounded_hold=False)

                @pytest.fixture(autouse=True)
                def settings(self, answer):
                    self.answer = answer

                def make(self):
                    return Lazy(self.answer)

            class TestEager(AlgorithmSuite):
                def make(self):
                    return Lazy(0)
        """)
    )
    done = python("-m", "pytest", "-v", "-p", "no:cacheprovider", cwd=tmp_path)
    told = dict(re.findall(r"::(Test\w+::test_contract\[[\w.]+\]) (\w+)", done.stdout))
    assert told["TestLazy::test_contract[algorithm.limits]"] == "PASSED"
    assert told["TestLazy::test_contract[algorithm.hashing]"] == "PASSED"
    assert told["TestLazy::test_contract[algorithm.hold]"] == "SKIPPED"
    assert told["TestEager::test_contract[algorithm.limits]"] == "FAILED"
    assert "FAILED" not in {v for k, v in told.items() if k.startswith("TestLazy")}
    assert "CheckFailure: algorithm.limits: in the round 'one task, one pool'" not in done.stdout
    assert re.search(r"CheckFailure: algorithm\.limits: in the round '.+': \d+ slots'", done.stdout)


def test_a_script_is_seen_by_other_processes_too(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        dedent("""
            from trx_core.routing import Decision, first_come_first_served
            from trx_core.testing import check_algorithm

            class Mine:
                def route(self, problem):
                    rows = {str(task.id): row for row, task in enumerate(problem.tasks)}
                    order = [rows[key] for key in set(rows)]
                    return Decision(first_come_first_served(problem).pool, order)

            if __name__ == "__main__":
                print([one.check.id for one in check_algorithm(Mine) if one.failed])
        """)
    )
    done = python(str(script))
    assert (done.stdout.strip(), done.stderr) == ("['algorithm.hashing']", "")


def test_a_script_that_runs_the_kit_at_its_import_is_told_and_starts_no_process_after_another(
    tmp_path: Path,
) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        dedent("""
            from pathlib import Path
            from trx_core.routing import Decision, first_come_first_served
            from trx_core.testing import check_algorithm

            with Path(__file__).with_name("runs").open("a") as runs:
                runs.write("run ")

            class Mine:
                def route(self, problem):
                    return first_come_first_served(problem)

            print(*(one.message for one in check_algorithm(Mine) if one.failed))
        """)
    )
    done = python(str(script))
    assert "put that under `if __name__" in done.stdout
    assert (tmp_path / "runs").read_text() == "run " * 5, "its own, and two for each of two checks"


def test_what_cannot_be_sent_to_another_process_is_skipped_with_the_reason() -> None:
    results = {one.check.id: one for one in check_algorithm(lambda: WalksThroughASet())}  # noqa: PLW0108
    assert results["algorithm.hashing"].skipped
    assert "cannot be sent to another process" in results["algorithm.hashing"].message
    sent = {one.check.id: one for one in check_algorithm(partial(Policy, hold_everything))}
    assert sent["algorithm.hashing"].passed


def test_of_imports_and_log_messages_only_the_message_is_held_against_whoever_logs() -> None:
    import importlib
    import logging

    sys.modules.pop("this_is_not_loaded", None)
    logger = logging.getLogger("quiet")
    logger.addHandler(logging.NullHandler())
    with watch() as seen:
        sys.modules.pop("colorsys", None)
        importlib.import_module("colorsys")
        logger.debug("nobody hears it")
        logger.error("a message")
    assert (seen.clock, seen.luck) == ([], [])
    (door,) = seen.doors
    assert door.startswith(f"something is logged at {__file__}:")


def test_the_rounds_hold_what_algorithms_stumble_over() -> None:
    problems = [problem for _, problem in rounds()]
    assert any(view.breaker is Breaker.OPEN for p in problems for view in p.pools)
    assert any(view.pool.capacity == 0 for p in problems for view in p.pools)
    assert any((~p.eligible).all(axis=1).any() for p in problems)
    assert any((p.region_required.any() and not p.region_required.all()) for p in problems)
    assert any(p.slots.sum() > p.free.sum() > 0 for p in problems)
    assert all(p.shape[0] == 0 or p.shape[1] == 0 for _, p in rounds(EMPTY_ROUNDS))
    for name, problem in rounds(BARREN_ROUNDS):
        assert not (problem.eligible & (problem.free > 0)).any(), name


def test_the_rounds_are_in_order_of_arrival_and_the_same_every_time() -> None:
    for (_, problem), (_, again) in zip(rounds(), rounds(), strict=True):
        key = [(task.enqueued_at, task.id) for task in problem.tasks]
        assert key == sorted(key)
        assert problem.tasks == again.tasks
        assert np.array_equal(problem.cost, again.cost)


def test_the_samples_are_the_same_every_time_and_hold_every_kind() -> None:
    assert sample_tasks(20) == sample_tasks(20)
    assert sample_log() == sample_log()
    assert len({entry.event_type for entry in sample_log()}) == 7
