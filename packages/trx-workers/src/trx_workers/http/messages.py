"""What an endpoint is sent: the task, and the headers that tell attempts and traces apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any, Final
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags

from trx_core.models import Task, WorkerPool, plain

__all__ = ["body_of", "headers_of", "traced"]

TRACE_FIELDS: Final = ("traceparent", "tracestate")

_TRACER: Final = trace.get_tracer("trx_workers.http")


def body_of(task: Task, pool: WorkerPool) -> bytes:
    """The task as JSON; instants are RFC 3339, durations seconds."""
    message = {
        "id": str(task.id),
        "type": task.type,
        "priority": task.priority,
        "cost": task.cost,
        "region": task.region,
        "region_required": task.region_required,
        "metadata": plain(task.metadata),
        "attempt": task.attempt,
        "slots": task.slots,
        "resource_type": task.resource_type,
        "enqueued_at": _instant(task.enqueued_at),
        "deadline": None if task.deadline is None else _instant(task.deadline),
        "expected_duration": task.expected_duration,
        "pool": {"id": str(pool.id), "name": pool.name, "region": pool.region},
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(task: Task) -> dict[str, str]:
    """What names the attempt.

    ``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header) is the task's id and the number
    of the attempt; an endpoint that must not do a task's work twice goes by ``Trx-Task-Id``.
    """
    return {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Idempotency-Key": f'"{task.id}:{task.attempt}"',
        "Trx-Task-Id": str(task.id),
        "Trx-Attempt": str(task.attempt),
    }


@contextmanager
def traced(task: Task, pool: WorkerPool) -> Iterator[dict[str, str]]:
    """A span about an attempt; gives the headers that carry its context (W3C Trace Context).

    The trace is that of the submitter, if the task's metadata has its ``traceparent``. Where no
    OpenTelemetry SDK is installed the context is passed on as it came; if none came, the task's id
    is the trace, so that all attempts of a task are in one.
    """
    came = {name: task.metadata[name] for name in TRACE_FIELDS if _is_text(task.metadata, name)}
    parent = propagate.extract(came)
    attributes: dict[str, str | int] = {
        "trx.task.id": str(task.id),
        "trx.attempt": task.attempt,
        "trx.pool": pool.name,
    }
    with _TRACER.start_as_current_span(
        "trx.execute", context=parent, kind=SpanKind.CLIENT, attributes=attributes
    ) as span:
        known = span.get_span_context().is_valid
        shown = span if known else NonRecordingSpan(_made_up(task.id, task.attempt))
        headers: dict[str, str] = {}
        propagate.inject(headers, trace.set_span_in_context(shown, parent))
        yield headers


def _made_up(task: UUID, attempt: int) -> SpanContext:
    digest = blake2s(task.bytes + attempt.to_bytes(8), digest_size=8).digest()
    return SpanContext(
        trace_id=task.int,
        span_id=int.from_bytes(digest),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _is_text(metadata: Any, name: str) -> bool:
    return isinstance(metadata.get(name), str)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
