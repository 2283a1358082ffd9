"""The kit passes queues that keep the contract, and rejects each that breaks it by its rule."""

from __future__ import annotations

from typing import Any

import pytest

from trx_core.capabilities import QueueCapabilities
from trx_core.protocols import TaskQueue
from trx_core.queues import MemoryQueue
from trx_core.testing import QUEUE_CHECKS, CheckResult, check_queue

from . import queue_mutants as mutants
from .sound_queues import Adopting, Legible, consumers_of

Can = QueueCapabilities

MUTANTS: list[tuple[Any, str]] = [
    (mutants.LosesTheEndOfLargeBatches, "delivery"),
    (mutants.LosesTheEndOfBatchesOfHundreds, "delivery"),
    (mutants.CountsSevenDeliveries, "delivery"),
    (mutants.SendsLargeBatchesTwice, "delivery"),
    (mutants.RoundsCosts, "fidelity"),
    (mutants.GivesUpAfterFiveAttempts, "fidelity"),
    (mutants.NarrowsWideTasks, "fidelity"),
    (mutants.KeepsTextOnly, "fidelity"),
    (mutants.EmptiesTheBatch, "fidelity"),
    (mutants.TakesNoRoomForNoLimit, "room"),
    (mutants.ToEverybody, "consumers"),
    (mutants.NeverForgets, "again"),
    (mutants.ForgetsWhenItIsSettled, "again"),
    (mutants.KeepsFiveThousand, "backlog"),
    (mutants.RefusesEmptyBatches, "emptiness"),
    (mutants.SwallowsPoison, "poison"),
    (mutants.ChokesOnPoison, "poison"),
    (mutants.SettlesAllBefore, "settling"),
    (mutants.SettlesAllButOneOfMany, "settling"),
    (mutants.SettlesFiveHundredAtMost, "settling"),
    (mutants.InsistsOnKnownReceipts, "receipts"),
    (mutants.GivesAwayAtOnce, "redelivery"),
    (mutants.GivesAwayWhatIsSettled, "redelivery"),
    (mutants.CountsNoDeliveries, "redelivery"),
    (mutants.KeepsNobodyAlive, "keep_alive"),
    (mutants.TellsNoLoss, "keep_alive"),
    (mutants.NewEpochEachTime, "epochs"),
    (mutants.AppendsNothing, "epochs"),
    (mutants.ForgetsTheOthers, "forgetting"),
    (mutants.ForgetsTheDelayed, "depth"),
    (mutants.CountsThePendingTwice, "depth"),
    (mutants.UrgentFirstOnArrival, "arrival"),
    (mutants.LeastUrgentFirst, "urgency"),
    (mutants.LastInFirstOut, "lanes"),
    (mutants.MostUrgentFirst, "starvation"),
    (mutants.CutsDueTimesToSeconds, "due"),
    (mutants.HasOneDueTimeForABatch, "due"),
    (mutants.DoesNotWait, "waiting"),
    (mutants.SleepsInTheLoop, "loop"),
    (mutants.WaitsInTheLoop, "loop"),
    (mutants.ReadsOnForNobody, "cancelling"),
    (mutants.LingersWithWhatItTook, "cancelling"),
]


async def poison(queue: TaskQueue) -> None:
    assert isinstance(queue, Legible)
    await queue.poison()


def results(kind: Any) -> list[CheckResult]:
    if kind is mutants.ToEverybody:
        return check_queue(MemoryQueue, consumers=mutants.everybody)
    if issubclass(kind, Adopting):
        declared = Can(adopts=True, keeps_alive=True, epochs=True, forgets=True)
        return check_queue(MemoryQueue, declared, consumers=consumers_of(kind))
    if issubclass(kind, Legible):
        return check_queue(kind, poison=poison)
    return check_queue(mutants.over(kind) if issubclass(kind, mutants.Lanes) else kind)


def failed(found: list[CheckResult]) -> list[str]:
    assert [one.check for one in found] == list(QUEUE_CHECKS)
    return [one.check.id for one in found if one.failed]


@pytest.mark.parametrize("kind", [MemoryQueue, Legible, Adopting])
def test_what_keeps_the_contract_passes(kind: Any) -> None:
    assert failed(results(kind)) == []


@pytest.mark.parametrize(("kind", "rule"), MUTANTS)
def test_what_breaks_it_is_rejected_by_that_rule_alone(kind: Any, rule: str) -> None:
    assert failed(results(kind)) == [f"queue.{rule}"]


def test_every_rule_has_a_mutant() -> None:
    assert {f"queue.{rule}" for _, rule in MUTANTS} == {check.id for check in QUEUE_CHECKS}


def test_what_is_not_declared_is_not_checked() -> None:
    bare = Can(total_order=False, lanes=False)
    found = {one.check.id: one for one in check_queue(MemoryQueue, bare) if one.skipped}
    assert list(found) == [
        *("queue.poison", "queue.redelivery"),
        *("queue.keep_alive", "queue.epochs", "queue.forgetting"),
        *("queue.arrival", "queue.urgency", "queue.lanes", "queue.starvation"),
    ]
    assert found["queue.arrival"].message == "it declares total_order=False"


@pytest.mark.parametrize(
    ("capability", "rule"),
    [
        ("adopts", "redelivery"),
        ("keeps_alive", "keep_alive"),
        ("epochs", "epochs"),
        ("forgets", "forgetting"),
    ],
)
def test_what_a_queue_claims_it_must_be_able_to_do(capability: str, rule: str) -> None:
    assert failed(check_queue(MemoryQueue, Can(**{capability: True}))) == [f"queue.{rule}"]
