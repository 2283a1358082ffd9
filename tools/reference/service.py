"""The settings and the metrics of the service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from prometheus_client import Metric
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from reference.markdown import attributes_of, code, table
from trx_core.engine import Blame, Loss, NamedAlgorithm, NamedCollector
from trx_core.fleets import default_fleet
from trx_core.models import Attempt, EventType, TaskStatus
from trx_core.protocols import QueueDepth
from trx_core.routing import Breaker, Composed
from trx_core.testing import sample_log, sample_tasks
from trx_server.api.metrics import ApiMetrics
from trx_server.api.observation import Reading
from trx_server.api.routes.metrics import service_gauges
from trx_server.collectors.tasks import TaskMetrics
from trx_server.runner.metrics import RunnerMetrics
from trx_server.settings import PREFIX, Settings
from trx_server.store import Stats

__all__ = ["metrics", "settings"]

SIGN: Mapping[type, tuple[str, str]] = {
    Ge: ("ge", "≥"),
    Gt: ("gt", ">"),
    Le: ("le", "≤"),
    Lt: ("lt", "<"),
}

PLAIN = {"str": "text", "int": "integer", "float": "number", "bool": "true or false"}


def settings() -> Iterator[str]:
    """Every environment variable that the service reads."""
    yield "# Settings"
    yield ""
    yield (
        "Environment variables of the service. A wrong value is refused at the start, with the "
        "name of the variable; a variable that nobody reads is named in the log."
    )
    yield ""
    meaning = {
        name: text.replace("`None`", "unset").replace("`False`", "`false`")
        for name, text in attributes_of(Settings).items()
    }
    rows: list[list[str]] = []
    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        if isinstance(field.default, BaseModel):
            rows.append([code(variable), "JSON object", "", meaning[name]])
            rows += _parts(variable, field.default)
        else:
            rows.append([code(variable), *_kind(field), meaning[name]])
    yield from table(["variable", "type", "default", "meaning"], rows)


def metrics() -> Iterator[str]:
    """Every metric that the service tells Prometheus."""
    yield "# Metrics"
    yield ""
    yield "## The API { #api }"
    yield ""
    yield "What `GET /api/v1/metrics` answers. Counters and histograms are the API process's own;"
    yield "gauges are of the whole service, and left out while the server that tells them is away."
    yield ""
    yield from _metric_table(_families())
    yield "## A runner { #runner }"
    yield ""
    yield "What `/metrics` answers on a runner's port: `trx runner --metrics-port`, or"
    yield "`TRX_METRICS_PORT`. The numbers are those of one runner since it started."
    yield ""
    yield from _metric_table(_runner_families())
    yield "## The collector `prometheus` { #prometheus }"
    yield ""
    yield "What a runner shows besides with `TRX_COLLECTORS=prometheus`, and the lab prints with"
    yield "`--collector prometheus`: its part of the schedule log in numbers."
    yield ""
    collector = TaskMetrics()
    collector.observe(sample_log())
    yield from _metric_table(collector.collect())


def _metric_table(families: Iterable[Metric]) -> Iterator[str]:
    rows = [
        [code(_name(one)), one.type, ", ".join(map(code, _labels(one))), one.documentation]
        for one in sorted(families, key=lambda one: one.name)
    ]
    yield from table(["metric", "type", "labels", "meaning"], rows)


def _parts(variable: str, default: BaseModel) -> Iterator[list[str]]:
    meaning = attributes_of(type(default))
    for name, field in type(default).model_fields.items():
        yield [code(f"{variable}__{name.upper()}"), *_kind(field), meaning[name]]


def _kind(field: FieldInfo) -> tuple[str, str]:
    """Type with range, and default, in words."""
    bounds = [
        f"{sign} {getattr(one, attribute):,}"
        for one in field.metadata
        for kind, (attribute, sign) in SIGN.items()
        if isinstance(one, kind)
    ]
    default = "" if field.default is None else str(field.default)
    if isinstance(field.default, bool):
        default = default.lower()
    return ", ".join([_named(field.annotation), *bounds]), code(default)


def _named(annotation: Any) -> str:
    """What people call a type."""
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_named(one) for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Literal:
        return " or ".join(map(str, get_args(annotation)))
    if annotated := getattr(annotation, "__metadata__", None):
        return _named(get_args(annotation)[0]) if annotated else ""
    name = str(annotation.__name__)
    return PLAIN.get(name, name.removesuffix("Str").lower())


def _families() -> list[Metric]:
    """Of a process that has done a bit of everything, in a service that is well."""
    process = ApiMetrics()
    process.observe("GET", "/", 200, 0.1)
    process.accepted(1)
    process.published(1)
    counts = Stats(dict.fromkeys(TaskStatus, 0), dict.fromkeys(EventType, 0), 0, 0, None, 0, 0)
    gauges = service_gauges(
        Reading(counts, None, 0.0),
        Reading(default_fleet(), None, 0.0),
        Reading(QueueDepth(0, 0, 0), None, 0.0),
        0,
    )
    return [*process.registry.collect(), *gauges]


def _runner_families() -> list[Metric]:
    """Of a runner that has done a bit of everything."""
    process = RunnerMetrics()
    policy = NamedAlgorithm("fifo", "", Composed(), distribution="trx-algorithms")
    process.offered(policy, 1)
    process.ran(policy, 0.1)
    process.fell_back(policy, Blame.RAISED)
    process.stands(policy, Breaker.CLOSED)
    collector = NamedCollector("jsonl", "", TaskMetrics(), distribution="trx-core")
    process.collected(collector, 1)
    process.lost(collector, 1, Loss.RAISED)
    pool, task = default_fleet().pools[0], sample_tasks(1)[0]
    process.started([Attempt(task, pool, 1, "fifo", 0.0)])
    return list(process.registry.collect())


def _name(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def _labels(metric: Metric) -> list[str]:
    named = dict.fromkeys(label for sample in metric.samples for label in sample.labels)
    return [label for label in named if label != "le"]
