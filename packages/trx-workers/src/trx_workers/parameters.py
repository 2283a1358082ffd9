"""Parameters of plugins: frozen, checked, described, and refused in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trx_core.errors import InvalidParameters
from trx_core.parameters import UNIT

__all__ = ["Parameters", "param", "reasons"]


class Parameters(BaseModel):
    """Base of every set of parameters: no unknown names, no NaN, no infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Self:
        """Check ``params``.

        Raises:
            InvalidParameters: a ``ValueError`` that names each parameter that is wrong.
        """
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            raise InvalidParameters(_faults(error)) from None


def param(default: Any, description: str, *, unit: str = "", **bounds: Any) -> Any:
    """A field of a set of parameters: its default, what it does, its unit, and its bounds as of
    ``pydantic.Field``."""
    given: dict[str, Any] = {"description": description, **bounds}
    given["default_factory" if callable(default) else "default"] = default
    if unit:
        given["json_schema_extra"] = {UNIT: unit}
    return Field(**given)


def reasons(error: ValidationError) -> str:
    """What is wrong with each field, in one line."""
    return str(InvalidParameters(_faults(error)))


def _faults(error: ValidationError) -> list[tuple[str, str]]:
    return [
        (".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "))
        for item in error.errors(include_url=False)
    ]
