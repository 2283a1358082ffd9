"""What a worker simulator must keep to, as checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from trx_core.capabilities import WorkerCapabilities
from trx_core.protocols import WorkerSimulator
from trx_core.testing.checks import Check, CheckResult, run_checks
from trx_core.testing.workers import batches, changes, conduct, outcomes
from trx_core.testing.workers.subject import WorkerSubject

__all__ = ["WORKER_CHECKS", "WorkerSubject", "check_worker"]

WORKER_CHECKS: Final[Sequence[Check[WorkerSubject]]] = (
    Check("worker.outcome", "answers with an Outcome", outcomes.are_outcomes),
    Check("worker.latency", "takes a finite time", outcomes.take_time),
    Check("worker.cost", "charges a finite sum", outcomes.charge),
    Check("worker.error", "tells an error exactly when it fails", outcomes.tell_errors),
    Check("worker.purity", "changes neither task nor pool", conduct.leaves_alone),
    Check("worker.clock", "reads no clock", conduct.reads_no_clock),
    Check("worker.luck", "draws from the given generator alone", conduct.draws_from_what_is_given),
    Check("worker.doors", "does no input or output", conduct.opens_no_door),
    Check("worker.determinism", "gives the same outcome for the same luck", conduct.repeats_itself),
    Check("worker.hashing", "does not depend on the hash seed", conduct.ignores_hashes),
    Check("worker.memory", "remembers nothing it did not declare", conduct.forgets),
    Check("worker.varying", "varies capacity and price alone", changes.vary_soundly),
    Check("worker.timeless", "draws many as it draws one", batches.samples_many_alike),
    Check("worker.seeded", "has no luck but its seed", changes.agree_when_seeded),
    Check("worker.queueing", "serves within the capacity", changes.serve_within_capacity),
)


def check_worker(
    make: Callable[[], WorkerSimulator], capabilities: WorkerCapabilities | None = None
) -> list[CheckResult]:
    """Check a worker simulator against its contract.

    Args:
        make: makes a fresh one at each call, always set up in the same way.
        capabilities: what it declares of itself; by default the defaults.
    """
    return run_checks(WORKER_CHECKS, WorkerSubject(make, capabilities or WorkerCapabilities()))
