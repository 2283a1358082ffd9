"""Serves a runner's metrics over HTTP, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from trx_server.listening import not_bound

__all__ = ["serving_metrics"]

logger = logging.getLogger(__name__)


@contextmanager
def serving_metrics(registry: CollectorRegistry, host: str, port: int | None) -> Iterator[None]:
    """Serve ``/metrics`` for as long as the block lasts.

    Args:
        registry: the metrics.
        host: address to listen on.
        port: TCP port; ``None`` serves nothing, 0 takes a free one, which the log names.

    Raises:
        OperatorError: ``TRX-O105``, the port is taken; ``TRX-O106``, it cannot be bound.
    """
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise not_bound(host, port, "--metrics-port or TRX_METRICS_PORT", error) from error
    logger.info("metrics are served on port %d of %s", server.server_port, host)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
