"""Steady traffic while something befalls the pools: a region fails, prices rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from trx_core.models import Disruption, WorkerSpec
from trx_core.models.task import Name
from trx_workers.parameters import Parameters, param
from trx_workers.traffic.scenario import PoissonTraffic, RatedParameters

__all__ = ["CostShock", "CostShockParameters", "RegionalFailure", "RegionalFailureParameters"]


class RegionalFailureParameters(RatedParameters):
    """Parameters of a regional failure."""

    region: Name = param("eu-west", "the region that fails")
    start: float = param(20.0, "when it fails", unit="s", ge=0, le=1e9)
    lasts: float = param(20.0, "how long", unit="s", gt=0, le=1e9)
    after: float = param(
        1.0, "how long an attempt there takes until it fails", unit="s", ge=0, le=1e6
    )


class RegionalFailure(PoissonTraffic[RegionalFailureParameters]):
    """Poisson arrivals, and a region where for a time every attempt fails, as if nothing answered.

    Args:
        params: as in :class:`RegionalFailureParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = RegionalFailureParameters

    def disruptions(self) -> Sequence[Disruption]:
        """The failure."""
        given = self.given
        worker = WorkerSpec(kind="unreachable", params={"after": given.after})
        end = given.start + given.lasts
        return [Disruption(start=given.start, end=end, region=given.region, worker=worker)]


class CostShockParameters(RatedParameters):
    """Parameters of a cost shock."""

    factor: float = param(5.0, "how many times the usual price is asked", ge=0, le=1e6)
    region: Name | None = param("us-east", "region of the pools that it hits; null: every one")
    resource_type: Name | None = param(None, "resource type of those pools; null: every one")
    start: float = param(20.0, "when prices change", unit="s", ge=0, le=1e9)
    lasts: float = param(20.0, "how long", unit="s", gt=0, le=1e9)


class CostShock(PoissonTraffic[CostShockParameters]):
    """Poisson arrivals, and pools that for a time ask another price.

    Args:
        params: as in :class:`CostShockParameters`, by name.

    Raises:
        InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
    """

    parameters: ClassVar[type[Parameters]] = CostShockParameters

    def disruptions(self) -> Sequence[Disruption]:
        """The change of prices."""
        given = self.given
        return [
            Disruption(
                start=given.start,
                end=given.start + given.lasts,
                region=given.region,
                resource_type=given.resource_type,
                price=given.factor,
            )
        ]
