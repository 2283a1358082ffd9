"""The routes, a module for each resource."""

from trx_server.api.routes import algorithms, auth, health, logs, metrics, system, tasks, workers

__all__ = ["ROUTERS"]

ROUTERS = (
    tasks.router,
    auth.router,
    workers.router,
    logs.router,
    algorithms.router,
    system.router,
    metrics.router,
    health.router,
)
