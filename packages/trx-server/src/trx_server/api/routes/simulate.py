"""Simulated traffic: started, watched, stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.responses import Response

from trx_core.cli.describe import describe_parameters
from trx_core.errors import CallerError, InvalidParameters
from trx_core.models import check_disruptions
from trx_core.specs import ScenarioSpec
from trx_server.api.auth import Permission, Principal, grants
from trx_server.api.bodies import json_body
from trx_server.api.dependencies import NO_QUERY, PREFIX, Connected, May, answer
from trx_server.api.problems import (
    FORBIDDEN,
    NO_SCENARIO,
    NO_SIMULATION,
    TOO_MANY_SIMULATIONS,
    Refusal,
)
from trx_server.api.services import Services
from trx_server.api.views import Scenarios, ScenarioView, SimulationList, SimulationView
from trx_server.simulation import SimulationRequest, Traffic, build_traffic
from trx_server.store import (
    Simulation,
    add_simulation,
    get_simulation,
    list_simulations,
    load_fleet,
    stop_simulation,
)

__all__ = ["router"]

MOST_AT_ONCE: Final = 4
"""Simulations of the whole service."""

BODY: Final = TypeAdapter(SimulationRequest)
SCHEMA: Final = {"application/json": {"schema": SimulationRequest.model_json_schema()}}
MAY_READ: Final = Depends(May(Permission.TASKS_READ))
READ: Final = [MAY_READ, NO_QUERY]
RUN: Final = May(Permission.SIMULATIONS_RUN)


class SimulationQuery(BaseModel):
    """How many to list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=1000, description="The newest so many.")


router = APIRouter(prefix=PREFIX, tags=["simulated traffic"])


@router.get("/scenarios", response_model=Scenarios, dependencies=READ)
async def scenarios(services: Connected) -> Response:
    """The traffic patterns that are installed, and their parameters."""
    return answer(Scenarios(items=await to_thread.run_sync(_scenarios, services)))


@router.post(
    "/simulate",
    status_code=202,
    response_model=SimulationView,
    dependencies=[NO_QUERY],
    openapi_extra={"requestBody": {"required": True, "content": SCHEMA}},
)
async def simulate(
    request: Request, services: Connected, caller: Annotated[Principal, Depends(RUN)]
) -> Response:
    """Start a traffic pattern: its tasks are submitted at its times, `speed` times as fast.

    It ends by itself, at `max_tasks` or `max_seconds` at the latest. A pattern that acts on pools,
    such as a failing region, takes the permission `pools:disrupt`; what it does to them is over
    when the simulation ends. If the API process that runs it ends, the simulation counts as
    interrupted and is not taken up again; tasks that it submitted are carried out.
    """
    wanted = await json_body(request, BODY)
    traffic = await _traffic(services, wanted)
    if traffic.disruptions:
        await _check_disruptions(services, caller, traffic)
    now = services.clock.now()
    key = services.ids.one(now)
    noted = await add_simulation(
        services.pool, key, wanted.model_dump(), caller.name, now, MOST_AT_ONCE
    )
    if noted is None:
        raise Refusal(
            TOO_MANY_SIMULATIONS,
            f"{MOST_AT_ONCE} simulations run already.",
            hint="Stop one, or wait.",
        )
    services.simulations.start(key, wanted, traffic)
    return answer(_view(noted), 202, {"Location": f"{PREFIX}/simulate/{key}"})


@router.get("/simulate", response_model=SimulationList, dependencies=[MAY_READ])
async def listed(query: Annotated[SimulationQuery, Query()], services: Connected) -> Response:
    """The newest simulations, the newest first."""
    found = await list_simulations(services.pool, query.limit, services.clock.now())
    return answer(SimulationList(items=[_view(one) for one in found]))


@router.get("/simulate/{simulation_id}", response_model=SimulationView, dependencies=READ)
async def looked_up(simulation_id: UUID, services: Connected) -> Response:
    """How far a simulation is."""
    found = await get_simulation(services.pool, simulation_id, services.clock.now())
    return answer(_view(_known(found, simulation_id)))


@router.delete(
    "/simulate/{simulation_id}",
    status_code=202,
    response_model=SimulationView,
    dependencies=[Depends(RUN), NO_QUERY],
)
async def stop(simulation_id: UUID, services: Connected) -> Response:
    """Ask a simulation to stop, which it does within a second or two; tasks that it has submitted
    are carried out. One that has ended stays as it is."""
    found = await stop_simulation(services.pool, simulation_id, services.clock.now())
    return answer(_view(_known(found, simulation_id)), 202)


async def _traffic(services: Services, wanted: SimulationRequest) -> Traffic:
    try:
        return await to_thread.run_sync(build_traffic, services.registry, wanted)
    except CallerError as error:
        raise Refusal(
            NO_SCENARIO, "The traffic cannot be simulated.", errors=_errors(error)
        ) from None


def _errors(error: CallerError) -> Sequence[Mapping[str, Any]]:
    """The fields at fault."""
    cause = error.__cause__
    if isinstance(cause, InvalidParameters):
        return [
            {"field": ".".join(filter(None, ("params", path))), "message": message}
            for path, message in cause.faults
        ]
    wrong = "scenario" if error.code == "TRX-C120" else "params"
    return [{"field": wrong, "message": f"{error.message} {error.hint or ''}".strip()}]


async def _check_disruptions(services: Services, caller: Principal, traffic: Traffic) -> None:
    """Whether the caller may do this to the pools, and the pools are there."""
    if not grants(caller.role, Permission.POOLS_DISRUPT):
        raise Refusal(
            FORBIDDEN,
            f"The scenario acts on worker pools; the role {caller.role} may not do that, "
            f"it takes {Permission.POOLS_DISRUPT}.",
        )
    fleet = await load_fleet(services.pool)
    if fleet is not None:
        try:
            check_disruptions(traffic.disruptions, fleet)
        except CallerError as error:
            told = [{"field": "params", "message": f"{error.message} {error.hint}"}]
            raise Refusal(NO_SCENARIO, "The traffic cannot be simulated.", errors=told) from None


def _scenarios(services: Services) -> list[ScenarioView]:
    offers = [one for one in services.registry.offers if isinstance(one.spec, ScenarioSpec)]
    return [
        ScenarioView(name=offer.spec.name, summary=offer.spec.summary, **describe_parameters(offer))
        for offer in sorted(offers, key=lambda one: one.spec.name)
    ]


def _known(found: Simulation | None, key: UUID) -> Simulation:
    if found is None:
        raise Refusal(NO_SIMULATION, f"There is no simulation {key}.")
    return found


def _view(simulation: Simulation) -> SimulationView:
    return SimulationView.model_validate({**simulation.request, **simulation._asdict()})
