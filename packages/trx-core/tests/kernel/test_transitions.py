"""The table by which a task moves."""

from __future__ import annotations

import itertools

import pytest

from trx_core.errors import KernelError
from trx_core.kernel import TRANSITIONS, Phase, Signal, after

ENDED = {Phase.COMPLETED, Phase.RETRYING, Phase.DEAD, Phase.DROPPED}


def test_every_phase_can_be_reached_and_left_unless_it_is_an_end() -> None:
    reached = {Phase.WAITING, *TRANSITIONS.values()}
    left = {phase for phase, _ in TRANSITIONS}
    assert reached == set(Phase)
    assert left == set(Phase) - ENDED


def test_every_signal_is_used() -> None:
    assert {signal for _, signal in TRANSITIONS} == set(Signal)


@pytest.mark.parametrize(
    ("phase", "signal"),
    [pair for pair in itertools.product(Phase, Signal) if pair not in TRANSITIONS],
)
def test_what_the_table_does_not_know_is_refused(phase: Phase, signal: Signal) -> None:
    with pytest.raises(KernelError, match="TRX-K100"):
        after(phase, signal)
