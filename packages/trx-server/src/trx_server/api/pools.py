"""Pools as callers describe them, and whether their workers can be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from trx_core.errors import CallerError, InvalidParameters, PluginError
from trx_core.models import WorkerPool, WorkerSpec
from trx_core.plugins import Registry
from trx_server.api.problems import INVALID, Refusal, field_errors

__all__ = ["DESCRIPTION", "described", "worker_faults"]

_NOT_TOLD: Final = frozenset({"id", "name", "current_load"})

_FIELDS: Final[Mapping[str, Any]] = {
    name: (field.annotation, field)
    for name, field in WorkerPool.model_fields.items()
    if name not in _NOT_TOLD
}
_Description: Final[type[BaseModel]] = create_model(
    "PoolDescription",
    __config__=ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False),
    __doc__="A pool, but for its name.",
    **_FIELDS,
)

DESCRIPTION: Final[TypeAdapter[BaseModel]] = TypeAdapter(_Description)
"""What callers say of a pool: what the fleet file says of one, but for its name and id."""


def described(name: str, description: BaseModel) -> WorkerPool:
    """The pool of that name and description.

    Raises:
        Refusal: it cannot have this name.
    """
    try:
        return WorkerPool.model_validate({"name": name, **description.model_dump()})
    except ValidationError as error:
        errors = field_errors(error.errors(include_url=False))
        raise Refusal(INVALID, "A pool cannot be called that.", errors=errors) from None


def worker_faults(registry: Registry, worker: WorkerSpec) -> list[Mapping[str, Any]]:
    """The fields of ``worker`` for which no worker can be made; none: one has been."""
    try:
        spec = registry.worker(worker.kind)
    except CallerError as error:
        return [_fault("worker.kind", f"{error.message} {error.hint or ''}".strip())]
    try:
        spec.build(worker.params)
    except CallerError as error:
        if isinstance(error.__cause__, InvalidParameters):
            faults = error.__cause__.faults
            return [_fault(f"worker.params.{path}".rstrip("."), what) for path, what in faults]
        return [_fault("worker.params", error.message)]
    except PluginError as error:
        return [_fault("worker.kind", error.message)]
    return []


def _fault(field: str, message: str) -> Mapping[str, Any]:
    return {"field": field, "message": message}
