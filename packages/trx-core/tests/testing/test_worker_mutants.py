"""The kit passes simulators that keep the contract, and rejects each that breaks it by its rule."""

from __future__ import annotations

from typing import Any

import pytest

from trx_core.capabilities import WorkerCapabilities
from trx_core.testing import WORKER_CHECKS, check_worker

from . import worker_mutants as mutants

Can = WorkerCapabilities

MUTANTS: list[tuple[Any, WorkerCapabilities, str]] = [
    (mutants.AnswersInItsOwnWords, Can(), "outcome"),
    (mutants.IsNormallyDistributed, Can(), "latency"),
    (mutants.MayTakeForEver, Can(), "latency"),
    (mutants.GetsTiredOfFailures, Can(), "latency"),
    (mutants.PaysBack, Can(), "cost"),
    (mutants.LosesCount, Can(), "cost"),
    (mutants.FailsInSilence, Can(), "error"),
    (mutants.SucceedsWithAnError, Can(), "error"),
    (mutants.FailsInOtherWords, Can(), "error"),
    (mutants.MarksTheTask, Can(), "purity"),
    (mutants.MarksThePool, Can(), "purity"),
    (mutants.StampsItsWork, Can(), "clock"),
    (mutants.ThrowsTheCommonDice, Can(), "luck"),
    (mutants.ThrowsItsOwnDice, Can(stateful=True), "luck"),
    (mutants.ThrowsTheTasksDice, Can(), "luck"),
    (mutants.ThrowsTheHoursDice, Can(), "luck"),
    (mutants.ThrowsTheTasksDiceInColumns, Can(), "luck"),
    (mutants.KeepsADiary, Can(), "doors"),
    (mutants.CountsAllThereAre, Can(stateful=True), "determinism"),
    (mutants.HashesTheType, Can(), "hashing"),
    (mutants.WarmsUp, Can(), "memory"),
    (mutants.GrowsWithoutBounds, Can(), "varying"),
    (mutants.MovesAway, Can(), "varying"),
    (mutants.TossesForSlots, Can(), "varying"),
    (mutants.IsSurerInColumns, Can(), "timeless"),
    (mutants.RoundsLargeBatches, Can(), "timeless"),
    (mutants.DropsTheLastOfMany, Can(), "timeless"),
    (mutants.IsSlowerOnLargePools, Can(), "timeless"),
    (mutants.HasTodaysWeather, Can(), "seeded"),
    (mutants.HasCommonWeather, Can(), "seeded"),
    (mutants.TossesOnceItHasASeed, Can(), "seeded"),
    (mutants.ServesByTheMillion, Can(), "queueing"),
    (mutants.ServesNobodyWhereItIsSmall, Can(), "queueing"),
    (mutants.ServesByHalves, Can(), "queueing"),
]


def failed(kind: Any, declared: WorkerCapabilities) -> list[str]:
    def unpicklable() -> Any:
        return kind()

    picklable = kind is mutants.HashesTheType
    results = check_worker(kind if picklable else unpicklable, declared)
    assert [one.check for one in results] == list(WORKER_CHECKS)
    return [one.check.id for one in results if one.failed]


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (mutants.Plain, Can()),
        (mutants.Columns, Can()),
        (mutants.Derived, Can()),
        (mutants.Breathes, Can()),
        (mutants.Ahead, Can()),
        (mutants.HasWeather, Can()),
        (mutants.HasALine, Can()),
        (mutants.WarmsUp, Can(stateful=True)),
    ],
)
def test_what_keeps_the_contract_passes(kind: Any, declared: WorkerCapabilities) -> None:
    assert failed(kind, declared) == []


@pytest.mark.parametrize(("kind", "declared", "rule"), MUTANTS)
def test_what_breaks_it_is_rejected_by_that_rule_alone(
    kind: Any, declared: WorkerCapabilities, rule: str
) -> None:
    assert failed(kind, declared) == [f"worker.{rule}"]


def test_every_rule_has_a_mutant() -> None:
    assert {f"worker.{rule}" for _, _, rule in MUTANTS} == {check.id for check in WORKER_CHECKS}


def test_a_generator_of_its_own_is_luck_and_memory() -> None:
    assert failed(mutants.ThrowsItsOwnDice, Can()) == ["worker.luck", "worker.memory"]
