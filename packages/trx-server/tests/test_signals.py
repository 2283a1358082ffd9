"""What asks a process to stop, and what only looks like it."""

from __future__ import annotations

import signal
from typing import Any

import anyio
import pytest
from hostile_answers import Interrupts

from trx_core.routing import ContractViolation, Decision, RoutingProblem, validate
from trx_server.signals import on_signals


@pytest.mark.usefixtures("usual_interrupts")
@pytest.mark.parametrize("uvloop", [True, False])
def test_an_interrupt_that_an_algorithms_answer_raises_stops_no_runner(uvloop: bool) -> None:
    empty: Any = Interrupts()
    came: list[signal.Signals] = []

    async def run() -> None:
        with on_signals(came.append):
            with pytest.raises(ContractViolation, match="KeyboardInterrupt"):
                validate(RoutingProblem([], [], now=0.0), Decision(empty))
            signal.raise_signal(signal.SIGINT)
            while not came:
                await anyio.sleep(0.01)

    anyio.run(run, backend_options={"use_uvloop": uvloop})
    assert came == [signal.SIGINT]
