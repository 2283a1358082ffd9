"""Chooses the task queue by the scheme of its URL, among those that plugins offer."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from trx_core.errors import OperatorError, PluginError
from trx_core.plugins import Registry
from trx_core.protocols import QUEUE_OPTIONS
from trx_core.specs import QueueSpec
from trx_server.queue.live import PluginQueue

__all__ = ["NEEDED", "make_queue", "queue_spec"]

NEEDED: Final = ("shared", "adopts", "keeps_alive")
"""What a queue must declare: several processes use it, and one that dies must not lose tasks."""


def queue_spec(registry: Registry, url: str) -> QueueSpec:
    """The queue of a URL.

    Raises:
        OperatorError: ``TRX-O220``, no plugin offers the scheme; ``TRX-O221``, the queue cannot do
            what the service needs.
    """
    scheme = urlsplit(url).scheme
    able = sorted(name for name, spec in registry.queues.items() if not _lacking(spec))
    there = f"There is: {', '.join(able) or 'none'}."
    spec = registry.queues.get(scheme)
    if spec is None:
        raise OperatorError(
            f"no plugin offers a queue for URLs that start with '{scheme}://'.",
            code="TRX-O220",
            hint=f"Install the package that does, or correct TRX_QUEUE_URL. {there}",
        )
    if lacking := _lacking(spec):
        raise OperatorError(
            f"the queue {spec.label} cannot serve here: it does not declare {_and(lacking)}.",
            code="TRX-O221",
            hint=f"Set TRX_QUEUE_URL to another one. {there}",
        )
    return spec


def make_queue(
    registry: Registry, url: str, *, namespace: str, partitions: int, consumer: str
) -> PluginQueue:
    """The queue of a URL; its server is not asked yet.

    Args:
        registry: the plugins.
        url: its scheme chooses.
        namespace: queues of different ones share nothing.
        partitions: parts, for a queue that has parts.
        consumer: who fetches.

    Raises:
        OperatorError: as :func:`queue_spec`, and what the queue itself says of the URL.
        PluginError: ``TRX-P110``, ``TRX-P111``, it cannot be imported or made; ``TRX-P160``, it has
            not what it declares.
    """
    spec = queue_spec(registry, url)
    params: dict[str, Any] = {"url": url, "namespace": namespace, "consumer": consumer}
    if spec.capabilities.partitioned:
        params["partitions"] = partitions
    queue = spec.build(params)
    for capability, methods in QUEUE_OPTIONS.items():
        for name in methods if getattr(spec.capabilities, capability) else ():
            if not callable(getattr(queue, name, None)):
                raise PluginError(
                    f"the queue {spec.label} declares {capability} and has no {name}().",
                    code="TRX-P160",
                    hint="Mend the plugin: `trx plugins check` tells more.",
                )
    return PluginQueue(queue, spec, f"{spec.name}/{namespace}")


def _lacking(spec: QueueSpec) -> list[str]:
    return [name for name in NEEDED if not getattr(spec.capabilities, name)]


def _and(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
