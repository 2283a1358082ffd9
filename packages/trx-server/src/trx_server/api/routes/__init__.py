"""The routes, a module for each resource."""

from trx_server.api.routes import (
    algorithms,
    auth,
    health,
    logs,
    metrics,
    simulate,
    system,
    tasks,
    workers,
)

__all__ = ["ROUTERS"]

ROUTERS = (
    tasks.router,
    auth.router,
    workers.router,
    logs.router,
    algorithms.router,
    simulate.router,
    system.router,
    metrics.router,
    health.router,
)
