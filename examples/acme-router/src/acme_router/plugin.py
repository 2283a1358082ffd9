"""What this package registers with TaskRouterX."""

from __future__ import annotations

from trx_core import hookimpl
from trx_core.capabilities import AlgorithmCapabilities
from trx_core.specs import AlgorithmSpec

trx_api_version = 1


@hookimpl
def trx_register_algorithms() -> list[AlgorithmSpec]:
    """One routing algorithm."""
    return [
        AlgorithmSpec(
            name="acme-budget",
            target="acme_router.router:BudgetRouter",
            summary="Least cost by the objective, within a budget per hour.",
            capabilities=AlgorithmCapabilities(stateful=True),
        )
    ]
