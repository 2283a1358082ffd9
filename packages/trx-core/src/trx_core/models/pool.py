"""Worker pools, and the fleet that they make up."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from trx_core.errors import CallerError
from trx_core.models.readonly import read_only
from trx_core.models.task import MAX_COST, Name

__all__ = ["Fleet", "WorkerPool", "WorkerSpec"]

Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _as_json(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """As they come back from storage: keys that are numbers in YAML become strings."""
    try:
        stored: Mapping[str, Any] = json.loads(json.dumps(params))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"must be a JSON object: {error}") from None
    wrong = [
        f"{path}: {number} is no finite number"
        for path, number in _numbers(stored)
        if not math.isfinite(number)
    ]
    if wrong:
        raise ValueError("; ".join(wrong))
    return stored


def _numbers(value: object, *path: object) -> Iterator[tuple[str, float]]:
    """Every floating-point number within, and its dotted path."""
    if isinstance(value, float):
        yield ".".join(map(str, path)), value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _numbers(part, *path, key)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _numbers(part, *path, at)


class WorkerSpec(BaseModel):
    """Which kind of worker a pool has, and that kind's own parameters, a JSON object."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name
    params: Annotated[Mapping[str, Any], AfterValidator(_as_json)] = Field(default_factory=dict)


class WorkerPool(BaseModel):
    """A pool of interchangeable slots.

    Attributes:
        id: UUID; by default a function of the name, so that a fleet file gives the same ids again.
        name: unique within the fleet.
        region: where it stands.
        resource_type: what it is made of (``cpu``, ``gpu``, …).
        cost_per_unit: money per work unit of a task, 0 to ``MAX_COST``.
        capacity: slots, at least 0 (0 drains the pool).
        current_load: slots occupied now.
        expected_latency: seconds per task, assumed until outcomes tell.
        expected_success: probability that an attempt succeeds, assumed until outcomes tell.
        worker: what carries out its tasks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: UUID
    name: Name
    region: Name
    resource_type: Name
    cost_per_unit: float = Field(ge=0, le=MAX_COST)
    capacity: int = Field(ge=0, le=1_000_000)
    current_load: int = Field(default=0, ge=0)
    expected_latency: float = Field(default=1.0, gt=0, le=MAX_COST)
    expected_success: float = Field(default=0.99, ge=0, le=1)
    worker: WorkerSpec

    def twin(self) -> WorkerPool:
        """An equal pool, to be shown to others: whatever is done to it, this one stays as it is."""
        spec = self.worker
        worker = WorkerSpec.model_construct(kind=spec.kind, params=read_only(spec.params))
        return self.model_copy(update={"worker": worker})

    @model_validator(mode="before")
    @classmethod
    def _id_from_name(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "id" not in data:
            return {**data, "id": uuid5(NAMESPACE_URL, f"trx:pool:{data.get('name')}")}
        return data


class Fleet(BaseModel):
    """The pools that tasks are routed to.

    Attributes:
        pools: at least one, names and ids unique.
        distance: a task's region → a pool's region → distance, finite and not negative; where one
            direction is not given it is as the other, or 1; 0 within a region.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pools: tuple[WorkerPool, ...] = Field(min_length=1)
    distance: Mapping[Name, Mapping[Name, Distance]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        names = [pool.name for pool in self.pools]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"pool names must be unique; given twice: {', '.join(twice)}")
        if len({pool.id for pool in self.pools}) < len(self.pools):
            raise ValueError("pool ids must be unique; leave them out to have them made")
        return self

    @property
    def regions(self) -> frozenset[str]:
        """Every region that a pool stands in or a distance names."""
        far = {name for row in self.distance.values() for name in row}
        return frozenset({pool.region for pool in self.pools} | set(self.distance) | far)

    @classmethod
    def from_yaml(cls, text: str, source: str = "fleet") -> Fleet:
        """Read a fleet from YAML text.

        Raises:
            CallerError: ``TRX-C110``, naming each field that is wrong.
        """
        try:
            return cls.model_validate(yaml.safe_load(text))
        except ValidationError as error:
            found = {item["loc"]: item["msg"] for item in error.errors()}
            where = "; ".join(
                f"{'.'.join(map(str, place)) or 'document'}: {message}"
                for place, message in found.items()
                if not any(other[: len(place)] == place != other for other in found)
            )
            raise CallerError(
                f"{source} does not describe a fleet: {where}", code="TRX-C110"
            ) from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            reason = " ".join(str(error).split())
            raise CallerError(f"{source} is not YAML: {reason}", code="TRX-C110") from None
