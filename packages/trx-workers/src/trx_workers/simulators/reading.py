"""From a pool's parameters to services by task type and the pool's conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from trx_core.errors import InvalidParameters
from trx_workers.parameters import faults
from trx_workers.simulators.service import Service, ServiceParameters
from trx_workers.weather.parameters import Conditions

__all__ = ["BY_TYPE", "Reading", "read"]

BY_TYPE: Final = "by_type"
_CONDITIONS: Final = frozenset(Conditions.model_fields)

Given = Mapping[str, Any]
Faults = list[tuple[str, str]]
M = TypeVar("M", bound=BaseModel)


class Reading(NamedTuple):
    """What a simulator is made of.

    Attributes:
        usual: of the types that nothing else is said of.
        by_type: of the others.
        conditions: of the pool.
    """

    usual: Service
    by_type: Mapping[str, Service]
    conditions: Conditions


def read(shape: type[ServiceParameters], params: Given) -> Reading:
    """Check parameters and compile them.

    Raises:
        InvalidParameters: naming each one that is wrong.
    """
    wrong: Faults = []
    usual = {k: v for k, v in params.items() if k not in _CONDITIONS and k != BY_TYPE}
    service = _service(shape, usual, wrong)
    conditions = _parsed(Conditions, {k: params[k] for k in params if k in _CONDITIONS}, wrong)
    by_type = params.get(BY_TYPE) or {}
    services = {}
    for name, given in _types(by_type, wrong).items():
        found: Faults = []
        services[name] = _service(shape, shape.merged(usual if service else {}, given), found)
        wrong += [(f"{BY_TYPE}.{name}.{field}".rstrip("."), what) for field, what in found]
    if wrong or service is None or conditions is None:
        raise InvalidParameters(wrong)
    return Reading(service, {k: v for k, v in services.items() if v is not None}, conditions)


def _types(by_type: Any, wrong: Faults) -> Mapping[str, Given]:
    if not isinstance(by_type, Mapping):
        wrong.append((BY_TYPE, "Input should map task types to parameters"))
        return {}
    good = {name: given for name, given in by_type.items() if isinstance(given, Mapping)}
    wrong += [
        (f"{BY_TYPE}.{name}", "Input should map names of parameters to values")
        for name in by_type
        if name not in good
    ]
    return good


def _service(shape: type[ServiceParameters], given: Given, wrong: Faults) -> Service | None:
    parsed = _parsed(shape, given, wrong)
    try:
        return None if parsed is None else parsed.service()
    except InvalidParameters as error:
        wrong += error.faults
        return None


def _parsed(shape: type[M], given: Given, wrong: Faults) -> M | None:
    try:
        return shape.model_validate(dict(given))
    except ValidationError as error:
        wrong += faults(error)
        return None
