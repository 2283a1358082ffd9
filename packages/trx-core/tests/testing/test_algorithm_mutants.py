"""The kit passes algorithms that keep the contract, and rejects each that breaks it by its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trx_core.capabilities import AlgorithmCapabilities
from trx_core.protocols import Algorithm
from trx_core.routing import first_come_first_served
from trx_core.testing import ALGORITHM_CHECKS, check_algorithm, checks
from trx_core.testing.algorithms import fairness

from . import algorithm_misconduct as misconduct
from . import algorithm_mutants as mutants
from . import algorithm_reluctance as reluctance

Can = AlgorithmCapabilities
LEARNS = Can(stateful=True, outcomes=True, multi_slot=False)
Case = tuple[Any, AlgorithmCapabilities]

SOUND: list[Case] = [
    (first_come_first_served, Can()),
    (mutants.as_arrays, Can()),
    (mutants.Cheapest, Can(ignores_pool_order=True)),
    (mutants.Dice, Can(stateful=True, propensities=True)),
    (mutants.is_sure_of_itself, Can(propensities=True)),
    (mutants.hold_everything, Can(bounded_hold=False, ignores_pool_order=True)),
    (mutants.holds_wide_tasks, Can(multi_slot=False)),
    (mutants.CountsFailures, LEARNS),
    (misconduct.TakesTurns, Can(stateful=True)),
    (misconduct.takes_turns_with_others, Can(deterministic=False)),
    (misconduct.builds_its_reason_in_memory, Can()),
]

MUTANTS: list[tuple[Any, AlgorithmCapabilities, str]] = [
    (mutants.drops_a_task, Can(), "decision"),
    (mutants.answers_with_a_list, Can(), "decision"),
    (mutants.names_pools_by_id, Can(), "decision"),
    (mutants.counts_pools_from_one, Can(), "decision"),
    (mutants.gives_a_number_as_its_reason, Can(), "decision"),
    (mutants.orders_one_task_only, Can(), "order"),
    (mutants.orders_all_but_one, Can(), "order"),
    (mutants.ignores_breakers, Can(), "eligibility"),
    (mutants.ignores_resources, Can(multi_slot=False), "eligibility"),
    (mutants.ignores_bounds_to_a_region, Can(multi_slot=False), "eligibility"),
    (mutants.counts_every_task_as_one_slot, Can(), "limits"),
    (mutants.ignores_load, Can(multi_slot=False), "limits"),
    (mutants.overfills_large_rounds, Can(), "limits"),
    (mutants.overfills_large_fleets, Can(), "limits"),
    (mutants.overfills_fleets_of_hundreds, Can(), "limits"),
    (mutants.needs_a_task, Can(), "empty"),
    (mutants.needs_a_pool, Can(), "empty"),
    (mutants.needs_room, Can(), "empty"),
    (mutants.holds_wide_tasks, Can(), "multi_slot"),
    (reluctance.holds_the_widest_tasks, Can(), "multi_slot"),
    (reluctance.holds_what_is_wider_than_eight, Can(), "multi_slot"),
    (reluctance.holds_what_is_seventeen_wide, Can(), "multi_slot"),
    (first_come_first_served, Can(multi_slot=False), "multi_slot"),
    (misconduct.takes_slots_itself, Can(), "purity"),
    (misconduct.unlocks_a_column, Can(), "purity"),
    (misconduct.marks_metadata, Can(), "purity"),
    (misconduct.sorts_tasks, Can(), "purity"),
    (misconduct.sets_a_parameter_of_the_pools, Can(), "purity"),
    (misconduct.reads_the_wall_clock, Can(), "clock"),
    (misconduct.reads_it_by_another_name, Can(), "clock"),
    (misconduct.reads_the_date, Can(), "clock"),
    (misconduct.reads_it_now_and_then, Can(), "clock"),
    (misconduct.reads_it_in_large_rounds, Can(), "clock"),
    (misconduct.has_a_clock_read, Can(), "clock+doors"),
    (misconduct.throws_the_common_dice, Can(), "luck"),
    (misconduct.throws_numpys_dice, Can(), "luck"),
    (misconduct.Unseeded, Can(), "luck"),
    (misconduct.keeps_a_diary, Can(), "doors"),
    (misconduct.asks_a_server, Can(), "doors"),
    (misconduct.has_a_diary_kept, Can(), "doors"),
    (misconduct.prints_what_it_does, Can(), "doors"),
    (misconduct.prints_by_another_name, Can(), "doors"),
    (misconduct.writes_to_stderr, Can(), "doors"),
    (misconduct.logs_what_it_does, Can(), "doors"),
    (misconduct.writes_on_in_its_diary, Can(), "doors"),
    (misconduct.writes_to_a_descriptor, Can(), "doors"),
    (misconduct.looks_at_a_file, Can(), "doors"),
    (misconduct.asks_whether_a_file_is_there, Can(), "doors"),
    (misconduct.starts_a_thread, Can(), "doors"),
    (misconduct.starts_a_bare_thread, Can(), "doors"),
    (misconduct.takes_turns_with_others, Can(stateful=True), "determinism"),
    (misconduct.WalksThroughASet, Can(), "hashing"),
    (misconduct.SortsByHash, Can(), "hashing"),
    (misconduct.TakesTurns, Can(), "memory"),
    (misconduct.RemembersForEveryone, Can(), "isolation"),
    (mutants.KnowsItsOwnPools, LEARNS, "outcomes"),
    (mutants.SortsWhatItIsTold, LEARNS, "outcomes"),
    (mutants.OverfillsOnceItHasLearnt, LEARNS, "outcomes"),
    (mutants.CountsForNobody, Can(stateful=True, multi_slot=False), "outcomes"),
    (mutants.CountsFailures, Can(outcomes=True, multi_slot=False), "outcomes"),
    (first_come_first_served, Can(stateful=True, outcomes=True), "outcomes"),
    (mutants.is_more_than_sure, Can(propensities=True), "propensity"),
    (mutants.tells_half_of_it, Can(propensities=True), "propensity"),
    (lambda: mutants.Dice(lie=0.7), Can(stateful=True, propensities=True), "propensity"),
    (mutants.is_sure_of_itself, Can(), "propensity"),
    (first_come_first_served, Can(propensities=True), "propensity"),
    (reluctance.never_pays_more_than_fifty, Can(), "hold"),
    (reluctance.puts_off_the_unimportant, Can(), "hold"),
    (reluctance.gives_up_on_what_has_failed, Can(), "hold"),
    (reluctance.waits_for_a_pool_nearby, Can(), "hold"),
    (reluctance.gives_up_on_what_is_overdue, Can(), "hold"),
    (reluctance.never_probes, Can(multi_slot=False), "hold"),
    (reluctance.puts_off_the_unimportant_among_others, Can(), "hold"),
    (reluctance.waits_for_another_resource, Can(), "hold"),
    (reluctance.shuns_what_is_bound_to_its_region, Can(), "hold"),
    (reluctance.waits_for_a_faster_pool, Can(), "hold"),
    (reluctance.waits_for_a_surer_pool, Can(), "hold"),
    (reluctance.puts_off_what_earns_nothing, Can(), "hold"),
    (reluctance.never_risks_a_fortune, Can(), "hold"),
    (reluctance.gives_up_after_four_attempts, Can(), "hold"),
    (reluctance.has_no_time_for_batches, Can(), "hold"),
    (reluctance.cannot_stand_one_tenant, Can(), "hold"),
    (mutants.WearsOut, Can(stateful=True), "endurance"),
    (mutants.FillsUp, Can(stateful=True, multi_slot=False), "endurance"),
    (first_come_first_served, Can(ignores_pool_order=True), "pool_order"),
]


def maker(what: Any) -> Callable[[], Algorithm]:
    """A class as it is; a function as the ``route`` of an algorithm."""
    if isinstance(what, type) or what.__name__ == "<lambda>":
        return what  # type: ignore[no-any-return]
    return lambda: mutants.Policy(what)


def failed(what: Any, declared: AlgorithmCapabilities) -> dict[str, str]:
    results = check_algorithm(maker(what), declared)
    assert [one.check for one in results] == list(ALGORITHM_CHECKS)
    return {one.check.id: one.message for one in results if one.failed}


def name(case: tuple[Any, ...]) -> str:
    rule = f"-{case[2]}" if len(case) > len(SOUND[0]) else ""
    return str(case[0].__name__).strip("<>") + rule


@pytest.mark.parametrize(("what", "declared"), SOUND, ids=map(name, SOUND))
def test_what_keeps_the_contract_passes(what: Any, declared: AlgorithmCapabilities) -> None:
    assert failed(what, declared) == {}


@pytest.mark.parametrize(("what", "declared", "rule"), MUTANTS, ids=map(name, MUTANTS))
def test_what_breaks_it_is_rejected_by_that_rule_alone(
    what: Any, declared: AlgorithmCapabilities, rule: str
) -> None:
    assert list(failed(what, declared)) == [f"algorithm.{one}" for one in rule.split("+")]


def test_what_is_far_too_slow_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "BUDGET", 0.1)
    assert list(failed(mutants.dawdles, Can())) == ["algorithm.pace"]


def test_what_never_answers_is_broken_off_and_looked_at_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRX_PLUGINS_PATIENCE", "0.05")
    first, *others = check_algorithm(maker(mutants.never_answers))
    assert (first.failed, first.message) == (True, "not done within 0.1 s")
    assert {(one.skipped, one.message) for one in others} == {(True, checks.NOT_LOOKED_AT)}


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (mutants.leaves, "raised SystemExit: 3"),
        (mutants.leaves_content, "raised SystemExit: 0"),
        (mutants.says_that_it_was_interrupted, "raised KeyboardInterrupt"),
    ],
)
def test_what_would_end_the_process_fails_each_check_by_name(what: Any, told: str) -> None:
    messages = failed(what, Can())
    assert messages["algorithm.decision"] == told
    assert {"algorithm.limits", "algorithm.hold", "algorithm.pace"} <= messages.keys()


def test_what_would_end_a_process_of_its_own_is_told() -> None:
    results = check_algorithm(mutants.Leaves)
    told = {one.check.id: one.message for one in results if one.failed}
    assert told["algorithm.hashing"] == (
        "it fails in a process of its own: RuntimeError: it raised SystemExit: 0"
    )


def test_every_rule_has_a_mutant() -> None:
    rules = {one for _, _, rule in MUTANTS for one in rule.split("+")}
    caught = {f"algorithm.{rule}" for rule in rules} | {"algorithm.pace"}
    assert caught == {check.id for check in ALGORITHM_CHECKS}


def test_the_message_names_the_round_and_what_is_wrong() -> None:
    told = failed(mutants.counts_every_task_as_one_slot, Can())["algorithm.limits"]
    assert told.startswith("in the round ")
    assert "slots' worth of tasks on pool" in told
    assert "algorithm_misconduct.py:" in failed(misconduct.reads_the_date, Can())["algorithm.clock"]


def test_one_that_cannot_be_made_fails_every_check() -> None:
    def make() -> Algorithm:
        raise RuntimeError("no weights")

    results = check_algorithm(make)
    verdicts = {one.message for one in results if not one.skipped}
    assert verdicts == {"raised RuntimeError: no weights"}
