"""The kit passes collectors that keep the contract, and rejects each that breaks it by its rule."""

from __future__ import annotations

import re
from typing import Any

import pytest

from trx_core.capabilities import CollectorCapabilities
from trx_core.report import Fold
from trx_core.testing import COLLECTOR_CHECKS, CheckResult, check_collector
from trx_core.testing.collectors import pace

from . import collector_mutants as mutants

Can = CollectorCapabilities

MUTANTS: list[tuple[Any, str]] = [
    (mutants.KnowsNoRecovery, "events"),
    (mutants.NeedsEveryDetail, "strangers"),
    (mutants.KnowsEveryKind, "strangers"),
    (mutants.TakesDetailsOut, "purity"),
    (mutants.SortsItsBatch, "purity"),
    (mutants.CountsNothing, "numbers"),
    (mutants.ForgetsWhenItIsRead, "numbers"),
    (mutants.SharesItsNumbers, "numbers"),
    (mutants.FillsUp, "volume"),
    (mutants.OverlooksSingleEntries, "batches"),
    (mutants.BelievesTheLast, "order"),
    (mutants.CountsEveryEntry, "repeats"),
    (mutants.AddsUpLater, "reuse"),
    (mutants.Dozes, "pace"),
]


def failed(results: list[CheckResult]) -> list[str]:
    assert [one.check for one in results] == list(COLLECTOR_CHECKS)
    return [one.check.id for one in results if one.failed]


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        (Fold, Can(numbers="summary")),
        (mutants.Endings, Can(numbers="numbers")),
        (mutants.Endings, Can(numbers="ended")),
        (mutants.BelievesTheLast, Can(numbers="numbers", any_order=False)),
        (mutants.CountsEveryEntry, Can(numbers="numbers", idempotent=False)),
        (mutants.CountsNothing, Can()),
    ],
)
def test_what_keeps_the_contract_passes(kind: Any, declared: CollectorCapabilities) -> None:
    assert failed(check_collector(kind, declared)) == []


@pytest.mark.parametrize(("kind", "rule"), MUTANTS)
def test_what_breaks_it_is_rejected_by_that_rule_alone(kind: Any, rule: str) -> None:
    assert failed(check_collector(kind, Can(numbers="numbers"))) == [f"collector.{rule}"]


def test_what_takes_ever_longer_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "BUDGET", 50e-6)
    found = check_collector(mutants.AddsUpAgainAndAgain, Can(numbers="numbers"))
    assert failed(found) == ["collector.pace"]
    assert re.match(r"after [\d,]+ entries it takes \d+\.\d ms for each", found[-1].message)


def test_every_rule_has_a_mutant() -> None:
    assert {f"collector.{rule}" for _, rule in MUTANTS} == {c.id for c in COLLECTOR_CHECKS}


def test_numbers_must_be_where_they_are_declared() -> None:
    results = check_collector(mutants.Endings, Can(numbers="totals"))
    told = {one.message for one in results if one.failed}
    assert told == {"it declares numbers='totals', and has no such attribute"}
