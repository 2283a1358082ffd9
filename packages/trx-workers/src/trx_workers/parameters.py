"""Parameters of plugins: frozen, checked, described, and refused in one line."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from trx_core.errors import CallerError, InvalidParameters
from trx_core.parameters import UNIT

__all__ = ["Parameters", "faults", "options_of", "param", "reasons", "signature_of"]


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


def signature_of(*models: type[BaseModel], **more: str) -> inspect.Signature:
    """The parameters that a factory of ``**params`` takes: the fields of ``models``.

    Args:
        models: in this order; what a model adds to its bases before what they have.
        more: further parameters, optional ones, and how their types are written.
    """
    fields = {name: one for model in models for name, one in _fields(model).items()}
    ours = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if one.is_required() else _default(one),
            annotation=_written(one.annotation),
        )
        for name, one in fields.items()
    ]
    others = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=written)
        for name, written in more.items()
    ]
    return inspect.Signature([*ours, *others])


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's fields, its own first."""
    inherited = {name for base in model.__bases__ for name in getattr(base, "model_fields", ())}
    return dict(sorted(model.model_fields.items(), key=lambda item: item[0] in inherited))


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)


def _written(annotation: Any) -> str:
    """A type as people write it, without the bounds and modules of its parts."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _written(parts[0])
    if origin in (Union, UnionType):
        return " | ".join(map(_written, parts))
    name = "None" if annotation is NoneType else getattr(origin or annotation, "__name__", "Any")
    return f"{name}[{', '.join(map(_written, parts))}]" if parts else name
