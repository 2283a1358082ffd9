"""Calls that take too long, or for ever."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

import pytest
from hangs import sleep, spin, swallow, wait

from trx_core.errors import OperatorError
from trx_core.limits import OutOfTime, patience, within

SHORT = 0.1


@pytest.fixture(autouse=True)
def usual_alarms() -> Iterator[None]:
    """SIGALRM as Python finds it, before and after."""
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    signal.signal(signal.SIGALRM, before)


def elsewhere(call: Callable[[], object], seconds: float = SHORT) -> object:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, within, seconds, call).result()


@pytest.mark.parametrize("call", [spin, sleep, wait, swallow])
def test_a_call_that_never_returns_is_broken_off(call: Callable[[], None]) -> None:
    with pytest.raises(OutOfTime, match=r"^not done within 0\.1 s$"):
        within(SHORT, call)


@pytest.mark.parametrize("call", [spin, wait])
def test_in_another_thread_it_is_left_behind(call: Callable[[], None]) -> None:
    with pytest.raises(OutOfTime, match=r"^not done within 0\.1 s$"):
        elsewhere(call)


def test_what_is_left_behind_ends_when_it_next_runs_python() -> None:
    ended = threading.Event()

    def call() -> None:
        try:
            spin()
        finally:
            ended.set()

    with pytest.raises(OutOfTime):
        elsewhere(call)
    assert ended.wait(60.0)


@pytest.mark.parametrize(
    "run",
    [lambda call: within(60.0, call), lambda call: elsewhere(call, 60.0)],
    ids=["here", "elsewhere"],
)
def test_what_a_call_in_time_returns_or_raises_comes_through(
    run: Callable[[Callable[[], object]], object],
) -> None:
    told = ContextVar[str]("told")
    told.set("context")
    assert run(told.get) == "context"
    assert run(lambda: 7) == 7
    with pytest.raises(TimeoutError, match="mine"):
        run(lambda: (_ for _ in ()).throw(TimeoutError("mine")))
    with pytest.raises(SystemExit):
        run(lambda: (_ for _ in ()).throw(SystemExit(3)))


def test_of_a_call_within_a_call_the_outer_ones_time_counts() -> None:
    assert within(60.0, lambda: within(1e-9, lambda: time.sleep(0.01))) is None
    with pytest.raises(OutOfTime, match=r"0\.1 s"):
        within(SHORT, lambda: within(60.0, spin))
    with pytest.raises(OutOfTime, match=r"0\.1 s"):
        within(SHORT, spin)


def test_without_a_limit_nothing_is_watched() -> None:
    assert within(float("inf"), lambda: signal.getsignal(signal.SIGALRM)) is signal.SIG_DFL


def test_an_alarm_of_somebody_else_is_left_to_them() -> None:
    mine = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        theirs = signal.getsignal(signal.SIGALRM)
        assert within(SHORT, lambda: signal.getsignal(signal.SIGALRM)) is theirs
    finally:
        signal.signal(signal.SIGALRM, mine)


@pytest.mark.parametrize(("said", "seconds"), [("", 60.0), ("0.5", 0.5), ("inf", float("inf"))])
def test_the_patience_is_said_by_a_variable(
    said: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRX_PLUGINS_PATIENCE", said)
    assert patience() == seconds


@pytest.mark.parametrize("said", ["soon", "0", "-1", "nan"])
def test_what_is_no_time_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRX_PLUGINS_PATIENCE", said)
    with pytest.raises(OperatorError, match=f"^TRX-O113: TRX_PLUGINS_PATIENCE is '{said}'"):
        patience()
