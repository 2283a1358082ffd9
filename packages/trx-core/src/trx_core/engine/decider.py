"""Runs an algorithm, and first-come-first-served in its place when it fails."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from math import inf
from traceback import walk_tb
from typing import Final, NamedTuple, TypeVar

from trx_core.engine.blame import Blame, DecisionWatcher, NamedAlgorithm, charge, log_blame
from trx_core.engine.budget import Budget
from trx_core.engine.calls import Answer, call, failure_of
from trx_core.engine.exhibit import Exhibit
from trx_core.errors import PluginError, trace_of, traceback_of
from trx_core.kernel import FALLBACK, Decide, Decided, Reject, Settle, Settlement
from trx_core.models import Task
from trx_core.policy import BreakerPolicy, CircuitBreaker
from trx_core.routing import (
    Best,
    Breaker,
    Outcomes,
    PoolState,
    RoutingProblem,
    first_come_first_served,
    place_in_turn,
)

__all__ = ["Decider"]

State = TypeVar("State", bound=PoolState)

LEFT_ALONE: Final = BreakerPolicy(failures=5, cooldown=30.0)
MOST_NEWS: Final = 100_000
MOST_TRACES: Final = 10


class Decider:
    """Answers :class:`~trx_core.kernel.Decide`. All of it belongs to one thread.

    Attributes:
        chosen: the algorithm that decides; may be replaced between rounds.
        failures: rounds that fell back, by algorithm and blame.
        seconds: time spent deciding, by algorithm; an answer that nobody waited for is not in it.
        rounds: rounds decided, by algorithm.
        budget: what a round may take.
        traces: where the algorithms raised, the first of each kind; at most ten.

    One that learns is told before each round how attempts have ended since the last one, so that in
    both engines it learns the same before the same round. If it is not called for long, it is told
    of the latest 100,000 only.

    An algorithm that fails round after round is not called for a while: its breaker is open.

    Args:
        chosen: see above.
        on_blame: gets every failure; the default writes it to the log.
        breaker: when an algorithm is left alone.
        watcher: is told of every decision.
        budget: wall-clock seconds that a round may take.
    """

    def __init__(
        self,
        chosen: NamedAlgorithm,
        on_blame: Callable[[NamedAlgorithm, Blame, PluginError], None] | None = None,
        *,
        breaker: BreakerPolicy = LEFT_ALONE,
        watcher: DecisionWatcher | None = None,
        budget: float = inf,
    ) -> None:
        self.chosen = chosen
        self.budget = Budget(budget)
        self.failures: Counter[tuple[str, Blame]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.rounds: Counter[str] = Counter()
        self.traces: dict[tuple[str, Blame, str, int], str] = {}
        self._on_blame = on_blame or log_blame
        self._policy = breaker
        self._watcher = watcher
        self._breakers: dict[str, CircuitBreaker] = {}
        self._decided = _Round(0, chosen, 0.0)
        self._failed = 0
        self._news: deque[Settlement] = deque(maxlen=MOST_NEWS)
        self._exhibit = (chosen, Exhibit())

    def decide(self, effect: Decide) -> Decided:
        """Run the chosen algorithm here and now; never raises for what the algorithm does."""
        chosen = self.chosen
        if (stand_in := self.spared(effect, chosen)) is not None:
            return stand_in
        self.budget.since = time.perf_counter()
        try:
            problem, news = self.shown(chosen, effect.problem), self.news(chosen)
            answer = call(chosen.algorithm, problem, news)
        finally:
            self.budget.since = inf
        return self.conclude(effect, chosen, answer)

    def shown(self, algorithm: NamedAlgorithm, problem: RoutingProblem) -> RoutingProblem:
        """A round as ``algorithm`` is to be shown it: nothing of it that can be changed is looked
        at by anyone else."""
        return self._exhibit_for(algorithm).problem(problem)

    def spared(self, effect: Decide, algorithm: NamedAlgorithm) -> Decided | None:
        """The decision in the place of an algorithm that is left alone; ``None`` if it is not."""
        return self.stand_in(effect) if self._is_spared(algorithm, effect.problem.now) else None

    def place(
        self,
        best: Best,
        number: int,
        now: float,
        line: Iterable[Task],
        pools: Callable[[Task], Sequence[State]],
        left: int,
    ) -> list[tuple[Task, State]] | None:
        """Have the chosen algorithm decide a round task by task; never raises for what it does.

        It must be one that :func:`~trx_core.routing.in_turn` knows, and that does not learn.

        Args:
            best: see there.
            number: of the round.
            now: when, seconds.
            line: see :func:`~trx_core.routing.place_in_turn`, as the others.
            pools: see there.
            left: see there.

        Returns:
            The tasks placed, unchecked; ``None`` if :meth:`stand_in` is to decide.
        """
        chosen, failure, budget = self.chosen, None, self.budget
        if (self._breakers or self._watcher is not None) and self._is_spared(chosen, now):
            return None
        placed: list[tuple[Task, State]] | None = None
        budget.since = started = time.perf_counter()
        try:
            placed = place_in_turn(best, line, pools, left)
        except BaseException as error:
            failure = failure_of(error)
        finally:
            budget.since = inf
        seconds = time.perf_counter() - started
        if seconds > budget.seconds:
            self._blame(_Round(number, chosen, now), Blame.OVERRAN, budget.overdrawn)
            return None
        self._ran(chosen, seconds)
        if failure is not None:
            self._blame(_Round(number, chosen, now), *failure)
        elif self._breakers:
            self._decided = _Round(number, chosen, now)
        return placed

    def stand_in(self, effect: Decide) -> Decided:
        """Decide first-come-first-served."""
        return Decided(effect.round, first_come_first_served(effect.problem), FALLBACK)

    def conclude(self, effect: Decide, algorithm: NamedAlgorithm, answer: Answer) -> Decided:
        """What ``algorithm`` answered as the round's decision, if it did so in time."""
        if answer.seconds > self.budget.seconds:
            return self.overran(effect, algorithm)
        self._ran(algorithm, answer.seconds)
        if answer.failure is not None:
            return self.fall_back(effect, algorithm, *answer.failure)
        assert answer.decision is not None
        self._decided = _Round(effect.round, algorithm, effect.problem.now)
        return Decided(effect.round, answer.decision, algorithm.name)

    def overran(self, effect: Decide, algorithm: NamedAlgorithm) -> Decided:
        """Decide first-come-first-served, since ``algorithm`` has not within its budget."""
        return self.fall_back(effect, algorithm, Blame.OVERRAN, self.budget.overdrawn)

    def settled(self, effect: Settle) -> None:
        """Attempts have ended; whoever learns is told before the next round."""
        if self.chosen.learns:
            self._news.extend(effect.settlements)

    def news(self, algorithm: NamedAlgorithm) -> Outcomes | None:
        """How attempts have ended since this was last asked; ``None`` for one that does not learn,
        and where there is nothing to tell.
        """
        if not self._news or not algorithm.learns:
            return None
        attempts, outcomes, at = zip(
            *((s.attempt, s.outcome, s.at) for s in self._news), strict=True
        )
        self._news.clear()
        show = self._exhibit_for(algorithm).attempt
        return Outcomes(list(map(show, attempts)), outcomes, at)

    def fall_back(
        self,
        effect: Decide,
        algorithm: NamedAlgorithm,
        blame: Blame,
        what: str,
        raised: BaseException | None = None,
    ) -> Decided:
        """Decide first-come-first-served, and put the blame on ``algorithm``."""
        self._blame(_Round(effect.round, algorithm, effect.problem.now), blame, what, raised)
        return self.stand_in(effect)

    def rejected(self, effect: Reject) -> None:
        """The kernel found that a decision broke the contract, and fell back by itself."""
        self._blame(self._decided, Blame.BROKE_CONTRACT, str(effect.violation))

    def _exhibit_for(self, algorithm: NamedAlgorithm) -> Exhibit:
        if self._exhibit[0] is not algorithm:
            self._exhibit = (algorithm, Exhibit())
        return self._exhibit[1]

    def _is_spared(self, algorithm: NamedAlgorithm, now: float) -> bool:
        """Whether it is left alone this round; such a round is counted."""
        if not self._breakers and self._watcher is None:
            return False
        self._acquit(now)
        if not self._is_left_alone(algorithm, now):
            return False
        self._count(algorithm, Blame.LEFT_ALONE)
        return True

    def _acquit(self, now: float) -> None:
        """The round decided last went well if no blame for it has come."""
        if self._decided.number > self._failed:
            self._breaker(self._decided.algorithm).observe(True, now)

    def _is_left_alone(self, algorithm: NamedAlgorithm, now: float) -> bool:
        breaker = self._breaker(algorithm)
        breaker.cool(now)
        self._tell_breaker(algorithm, breaker)
        return breaker.state is Breaker.OPEN

    def _ran(self, algorithm: NamedAlgorithm, seconds: float) -> None:
        self.seconds[algorithm.name] += seconds
        self.rounds[algorithm.name] += 1
        if self._watcher is not None:
            self._watcher.ran(algorithm, seconds)

    def _count(self, algorithm: NamedAlgorithm, blame: Blame) -> None:
        self.failures[algorithm.name, blame] += 1
        if self._watcher is not None:
            self._watcher.fell_back(algorithm, blame)

    def _tell_breaker(self, algorithm: NamedAlgorithm, breaker: CircuitBreaker) -> None:
        if self._watcher is not None:
            self._watcher.stands(algorithm, breaker.state)

    def _blame(
        self, round_: _Round, blame: Blame, what: str, raised: BaseException | None = None
    ) -> None:
        algorithm = round_.algorithm
        self._failed = round_.number
        self._count(algorithm, blame)
        breaker = self._breaker(algorithm)
        breaker.observe(False, round_.now)
        self._tell_breaker(algorithm, breaker)
        hint = "First-come-first-served decided this round."
        if breaker.state is Breaker.OPEN:
            hint += f" It is not asked again for {self._policy.cooldown:g} s."
        error = charge(algorithm, blame, what, hint)
        if raised is not None:
            error.trace = self._first_trace(algorithm, blame, raised)
        self._on_blame(algorithm, blame, error)

    def _first_trace(self, algorithm: NamedAlgorithm, blame: Blame, raised: BaseException) -> str:
        """Where it raised, if nothing of the kind has been told."""
        *_, (frame, line) = walk_tb(traceback_of(raised))
        kind = (algorithm.name, blame, frame.f_code.co_filename, line)
        if kind in self.traces or len(self.traces) >= MOST_TRACES:
            return ""
        self.traces[kind] = trace_of(raised)
        return self.traces[kind]

    def _breaker(self, algorithm: NamedAlgorithm) -> CircuitBreaker:
        breaker = self._breakers.get(algorithm.name)
        if breaker is None:
            breaker = self._breakers[algorithm.name] = CircuitBreaker(self._policy)
        return breaker


class _Round(NamedTuple):
    number: int
    algorithm: NamedAlgorithm
    now: float
