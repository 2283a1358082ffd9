"""The line in which tasks wait for a policy that chooses for one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kernel_bench import task

from trx_core.kernel.line import Line
from trx_core.models import Task
from trx_core.routing import ByArrival, ByPriority

MOVES = st.lists(st.tuples(st.integers(1, 10), st.integers(0, 3), st.booleans()), max_size=40)


@given(MOVES, st.sampled_from([ByArrival().urgency, ByPriority().urgency]), st.randoms())
def test_a_line_is_sorted_whoever_comes_and_goes(
    moves: list[tuple[int, int, bool]], urgency: object, luck: object
) -> None:
    assert callable(urgency)
    line, here = Line(urgency), list[Task]()
    for priority, at, leaves in moves:
        if leaves and here:
            gone = here.pop(priority % len(here))
            line.leave(gone)
        else:
            here.append(task(float(at), priority=priority))
            line.join(here[-1])
        assert line.tasks == sorted(here, key=urgency)
