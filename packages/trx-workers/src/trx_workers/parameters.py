"""Parameters of plugins: frozen, checked, described, and refused in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trx_core.errors import CallerError, InvalidParameters
from trx_core.parameters import UNIT

__all__ = ["Parameters", "faults", "options_of", "param", "reasons"]


P = TypeVar("P", bound="Parameters")


class Parameters(BaseModel):
    """Base of every set of parameters: no unknown names, no NaN, no infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> Self:
        """Check ``params``.

        Raises:
            InvalidParameters: a ``ValueError`` of one line, naming each parameter that is wrong.
        """
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            raise InvalidParameters(faults(error)) from None


def param(default: Any, description: str, *, unit: str = "", **bounds: Any) -> Any:
    """A field of a set of parameters: its default, what it does, its unit, and its bounds as of
    ``pydantic.Field``."""
    given: dict[str, Any] = {"description": description, **bounds}
    given["default_factory" if callable(default) else "default"] = default
    if unit:
        given["json_schema_extra"] = {UNIT: unit}
    return Field(**given)


def faults(error: ValidationError, *within: str) -> list[tuple[str, str]]:
    """Each field that is wrong, as a dotted path below ``within``, and what is wrong with it."""
    return [
        (".".join((*within, *map(str, item["loc"]))), item["msg"].removeprefix("Value error, "))
        for item in error.errors(include_url=False)
    ]


def options_of(model: type[P], options: Mapping[str, Any], what: str, code: str) -> P:
    """Check the options that somebody gives for ``what``.

    Raises:
        CallerError: of that code, naming each option that is wrong.
    """
    try:
        return model.parse(options)
    except ValueError as error:
        raise CallerError(
            f"the {what} does not take these options: {error}.",
            code=code,
            hint=f"It takes {', '.join(sorted(model.model_fields))}.",
        ) from None


def reasons(error: ValidationError) -> str:
    """What is wrong with each field, in one line."""
    return str(InvalidParameters(faults(error)))
