"""The conformance kit: does a plugin keep its contract? With pytest and without."""

from trx_core.testing.algorithms import ALGORITHM_CHECKS, check_algorithm
from trx_core.testing.checks import (
    Check,
    CheckFailure,
    CheckResult,
    NotApplicable,
    Subject,
    Verdict,
    run_check,
    run_checks,
)
from trx_core.testing.collectors import COLLECTOR_CHECKS, check_collector
from trx_core.testing.conformance import CHECKS, KITS, Kit, conformance_markdown
from trx_core.testing.offers import can_be_checked, check_spec, queue_consumers
from trx_core.testing.queues import QUEUE_CHECKS, QueueSubject, check_queue
from trx_core.testing.rounds import (
    BARREN_ROUNDS,
    EMPTY_ROUNDS,
    ROUNDS,
    RoundShape,
    make_round,
    rounds,
)
from trx_core.testing.samples import sample_log, sample_pools, sample_tasks
from trx_core.testing.suites import (
    AlgorithmSuite,
    CollectorSuite,
    QueueSuite,
    Suite,
    WorkerSuite,
    suites_of,
)
from trx_core.testing.workers import WORKER_CHECKS, check_worker

__all__ = [
    "ALGORITHM_CHECKS",
    "BARREN_ROUNDS",
    "CHECKS",
    "COLLECTOR_CHECKS",
    "EMPTY_ROUNDS",
    "KITS",
    "QUEUE_CHECKS",
    "ROUNDS",
    "WORKER_CHECKS",
    "AlgorithmSuite",
    "Check",
    "CheckFailure",
    "CheckResult",
    "CollectorSuite",
    "Kit",
    "NotApplicable",
    "QueueSubject",
    "QueueSuite",
    "RoundShape",
    "Subject",
    "Suite",
    "Verdict",
    "WorkerSuite",
    "can_be_checked",
    "check_algorithm",
    "check_collector",
    "check_queue",
    "check_spec",
    "check_worker",
    "conformance_markdown",
    "make_round",
    "queue_consumers",
    "rounds",
    "run_check",
    "run_checks",
    "sample_log",
    "sample_pools",
    "sample_tasks",
    "suites_of",
]
