"""What asks a process to stop, and what only looks like it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from trx_core.routing import ContractViolation, Decision, RoutingProblem, validate
from trx_server.signals import on_signals


class Interrupts:
    def __array__(self, *_: object, **__: object) -> Any:
        raise KeyboardInterrupt


@pytest.fixture
def usual_interrupts() -> Iterator[None]:
    """SIGINT as Python handles it unless told otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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
