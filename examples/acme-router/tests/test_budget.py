"""The arithmetic of the budget."""

from __future__ import annotations

from acme_router.budget import Budget


def test_what_comes_in_pays_off_what_is_owed() -> None:
    budget = Budget(per_hour=3600.0)
    budget.advance(100.0)
    budget.spend(10.0)
    budget.advance(104.0)
    assert budget.owed == 6.0


def test_what_is_not_spent_is_not_saved_up() -> None:
    budget = Budget(per_hour=3600.0)
    budget.advance(0.0)
    budget.advance(1000.0)
    budget.spend(10.0)
    assert budget.owed == 10.0


def test_a_clock_that_runs_backwards_brings_no_money() -> None:
    budget = Budget(per_hour=3600.0)
    budget.advance(100.0)
    budget.spend(10.0)
    budget.advance(50.0)
    assert budget.owed == 10.0
