"""What a plugin's parameters are: named, typed, bounded, and described to people."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

__all__ = ["ParameterInfo", "model_of", "parameters_of"]

UNIT: Final = "unit"
"""Key of ``json_schema_extra`` that holds a parameter's unit."""

_BOUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "min_length": "at least {}"}
)


class ParameterInfo(NamedTuple):
    """A parameter, as people are told of it.

    Attributes:
        name: as it is given.
        type: of its value.
        default: its value where it is not given, as JSON has it; ``None`` where that is nothing.
        unit: of its value; empty if it has none.
        range: what the value must keep to; empty if its type says it all.
        description: what it does, one line.
        required: whether it must be given.
    """

    name: str
    type: str
    default: Any
    unit: str = ""
    range: str = ""
    description: str = ""
    required: bool = False


def model_of(target: Any) -> type[BaseModel] | None:
    """The pydantic model in the attribute ``parameters`` of a plugin's class, if it has one."""
    model = getattr(target, "parameters", None)
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def parameters_of(model: type[BaseModel]) -> list[ParameterInfo]:
    """The fields of a model of parameters: its own first, then those of each base."""
    defaults = _defaults(model)
    declared = [name for base in model.__mro__ for name in inspect.get_annotations(base)]
    ordered = [name for name in dict.fromkeys(declared) if name in model.model_fields]
    fields = {name: model.model_fields[name] for name in ordered}
    return [
        ParameterInfo(
            name=name,
            type=_type(field.annotation),
            default=defaults.get(name),
            unit=_unit(field),
            range=", ".join(_ranges(field.metadata)),
            description=field.description or "",
            required=field.is_required(),
        )
        for name, field in fields.items()
    ]


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    given = {
        name: field.get_default(call_default_factory=True, validated_data={})
        for name, field in model.model_fields.items()
        if not field.is_required()
    }
    return model.model_construct(**given).model_dump(mode="json", include=set(given))


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get(UNIT, "")) if isinstance(extra, Mapping) else ""


def _ranges(metadata: Iterable[Any]) -> Iterable[str]:
    for item in metadata:
        for bound, words in _BOUNDS.items():
            value = getattr(item, bound, None)
            if value is not None:
                yield words.format(f"{value:g}")


def _type(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(parts[0])
    if origin is Literal:
        return f"one of {', '.join(map(repr, parts))}"
    if origin in (Union, UnionType):
        return " or ".join("null" if one is NoneType else _type(one) for one in parts)
    if isinstance(origin, type):
        return "mapping" if issubclass(origin, Mapping) else "list"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return f"one of {', '.join(repr(one.value) for one in annotation)}"
    return str(getattr(annotation, "__name__", annotation))
