"""Plugins and what they offer, as plain values that can be shown or written as JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from trx_core.errors import PluginError, describe
from trx_core.guard import blaming
from trx_core.limits import patience, within
from trx_core.parameters import ParameterInfo, model_of, parameters_of
from trx_core.plugins import Offer, PluginRecord, Registry
from trx_core.specs import CommandSpec, Spec

__all__ = [
    "Parameter",
    "describe_offer",
    "describe_parameters",
    "describe_plugin",
    "offers_of",
    "parameters",
]

_OF_EVERY_SPEC = frozenset(field.name for field in fields(Spec))

_ALWAYS: Final = ("name", "type", "default")

_STARS: Final[Mapping[int, str]] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


class Parameter(NamedTuple):
    """A parameter of what a spec points at.

    Attributes:
        name: as it is given to ``build``; with its stars where it stands for many.
        type: as the author wrote it; empty if he did not.
        default: its ``repr``, or as JSON has it where the class names its ``parameters``; ``None``
            where the parameter is required.
        unit: of its value; empty if it has none or it is not told, as the rest.
        range: what the value must keep to.
        description: what it does.
    """

    name: str
    type: str
    default: str | None
    unit: str = ""
    range: str = ""
    description: str = ""


def parameters(spec: Spec) -> list[Parameter]:
    """The parameters that ``spec.build`` takes; imports the target.

    They are the fields of the pydantic model in the target's attribute ``parameters``, if it has
    one, or else those of its signature.

    Raises:
        PluginError: ``TRX-P110``, it cannot be imported; ``TRX-P114``, it does not tell its
            parameters.
    """
    target, limit = spec.load(), patience()
    with blaming(partial(_untold, spec), passing=()):
        return within(limit, partial(_parameters, target))


def _untold(spec: Spec, error: BaseException) -> PluginError:
    return PluginError(
        f"the parameters of {spec.label} cannot be told: {describe(error)}.",
        code="TRX-P114",
        hint="Mend the plugin.",
    )


def _parameters(target: Any) -> list[Parameter]:
    model = model_of(target)
    if model is not None:
        return [_parameter(one) for one in parameters_of(model)]
    empty = inspect.Parameter.empty
    return [
        Parameter(
            _STARS.get(one.kind, "") + one.name,
            "" if one.annotation is empty else inspect.formatannotation(one.annotation).strip("'"),
            None if one.default is empty else repr(one.default),
        )
        for one in inspect.signature(target).parameters.values()
    ]


def _parameter(one: ParameterInfo) -> Parameter:
    default = None if one.required else json.dumps(one.default, ensure_ascii=False)
    return Parameter(one.name, one.type, default, one.unit, one.range, one.description)


def offers_of(record: PluginRecord, registry: Registry) -> dict[str, list[str]]:
    """What a plugin offers: short name of a hook → names."""
    named: dict[str, list[str]] = {}
    for offer in registry.offers:
        if offer.plugin is record:
            named.setdefault(offer.hook.plural, []).append(offer.spec.name)
    return named


def describe_plugin(record: PluginRecord, registry: Registry) -> dict[str, Any]:
    """All there is to say of a plugin."""
    return {
        "name": record.name,
        "distribution": record.distribution,
        "version": record.version,
        "state": str(record.state),
        "hooks": list(record.hooks),
        "offers": offers_of(record, registry),
        "problems": [str(problem) for problem in record.problems],
    }


def describe_offer(offer: Offer) -> dict[str, Any]:
    """All there is to say of a spec without importing its target."""
    spec = offer.spec
    own = {
        field.name: _plain(getattr(spec, field.name))
        for field in fields(spec)
        if field.name not in _OF_EVERY_SPEC
    }
    return {
        "kind": offer.hook.kind,
        "name": spec.name,
        "summary": spec.summary,
        "target": spec.target,
        "plugin": offer.plugin.name,
        "distribution": offer.plugin.distribution,
        "version": offer.plugin.version,
        **own,
    }


def describe_parameters(offer: Offer) -> dict[str, Any]:
    """The parameters of a spec's target; ``None``, and a note, where they cannot be told."""
    if isinstance(offer.spec, CommandSpec):
        return {"parameters": None, "note": f"See `trx {offer.spec.name} --help`."}
    try:
        return {"parameters": [_told(one) for one in parameters(offer.spec)]}
    except PluginError as error:
        return {"parameters": None, "note": str(error)}


def _told(one: Parameter) -> dict[str, Any]:
    return {key: value for key, value in one._asdict().items() if key in _ALWAYS or value}


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
