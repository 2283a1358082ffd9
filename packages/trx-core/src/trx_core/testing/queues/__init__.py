"""What a task queue must keep to, as checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from trx_core.capabilities import QueueCapabilities
from trx_core.protocols import TaskQueue
from trx_core.testing.checks import Check, CheckResult, run_checks
from trx_core.testing.queues import delivery, living, order, settling, waiting
from trx_core.testing.queues.stage import Consumers, Poison, QueueSubject, shared

__all__ = ["QUEUE_CHECKS", "QueueSubject", "check_queue"]

QUEUE_CHECKS: Final[Sequence[Check[QueueSubject]]] = (
    Check("queue.delivery", "delivers every task once", delivery.delivers_once),
    Check("queue.fidelity", "delivers tasks as they were", delivery.keeps_tasks_whole),
    Check("queue.room", "gives no more than there is room for", delivery.keeps_to_room),
    Check("queue.consumers", "shares its tasks out among consumers", delivery.shares_out),
    Check("queue.again", "takes a task that it has had before", delivery.takes_tasks_again),
    Check("queue.backlog", "bears a long backlog", delivery.bears_a_backlog),
    Check("queue.emptiness", "bears empty batches", delivery.bears_emptiness),
    Check("queue.poison", "hands over what it cannot read", delivery.hands_over_poison),
    Check("queue.settling", "settles what is acknowledged, and no more", settling.settles),
    Check("queue.receipts", "ignores unknown receipts", settling.ignores_strangers),
    Check("queue.redelivery", "gives the lost consumer's tasks to another", settling.redelivers),
    Check("queue.keep_alive", "keeps what is kept alive from others", living.keeps_alive),
    Check("queue.epochs", "tells one epoch while it loses nothing", living.tells_epochs),
    Check("queue.forgetting", "forgets a consumer and no task", living.forgets),
    Check("queue.depth", "tells how much it holds", settling.tells_depth),
    Check("queue.arrival", "keeps the order of arrival", order.keeps_arrival),
    Check("queue.urgency", "lets urgent tasks overtake", order.lets_urgent_overtake),
    Check("queue.lanes", "keeps the order within a priority", order.keeps_lanes),
    Check("queue.starvation", "starves no priority", order.starves_nobody),
    Check("queue.due", "gives nothing before it is due", waiting.waits_until_due),
    Check("queue.waiting", "waits for the first task, and not for ever", waiting.waits),
    Check("queue.loop", "lets others run in its event loop", living.lets_others_run),
    Check("queue.cancelling", "loses nothing to a fetch that is given up", waiting.loses_nothing),
)


def check_queue(
    make: Callable[[], TaskQueue],
    capabilities: QueueCapabilities | None = None,
    *,
    consumers: Consumers | None = None,
    poison: Poison | None = None,
) -> list[CheckResult]:
    """Check a queue against its contract; starts an event loop for each check.

    Args:
        make: makes a new, empty queue at each call, within the loop. Its ``aclose()``, if it has
            one, is awaited at the end.
        capabilities: what it declares of itself; by default the defaults.
        consumers: called with a number, gives as many queues, each for a consumer of its own, that
            stand for one and the same new, empty queue; by default what ``make`` makes is shared.
        poison: puts an entry that cannot be read into a queue; without it, that is not checked.
    """
    declared = capabilities or QueueCapabilities()
    return run_checks(QUEUE_CHECKS, QueueSubject(consumers or shared(make), declared, poison))
