"""The hooks, and the algorithms that come with us."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from reference.markdown import attributes_of, code, prose, summary_of, table
from trx_core import HOOK_API_VERSION, hookspecs
from trx_core.cli.describe import parameters
from trx_core.plugins import HOOKS, Hook, load_plugins
from trx_core.specs import AlgorithmSpec, Spec

__all__ = ["algorithms", "hooks", "signature"]


def hooks() -> Iterator[str]:
    """Every hook: its signature, and the fields of what it returns."""
    yield "# Hooks"
    yield ""
    yield (
        f"This is version {HOOK_API_VERSION} of the hook API. "
        "[Writing a plugin](../plugins.md) has an example of each hook."
    )
    yield ""
    rows = [
        [f"[`{h.name}`](#{h.name})", prose(_told(h)), code(h.spec.__name__), code(h.plural)]
        for h in HOOKS
    ]
    yield from table(["hook", "registers", "specs", "`trx plugins list --hook`"], rows)
    for hook in HOOKS:
        yield f"## `{hook.name}` {{ #{hook.name} }}"
        yield ""
        yield "```python"
        yield f"def {signature(hook)}: ..."
        yield "```"
        yield ""
        what = summary_of(hook.spec)
        yield f"{prose(_told(hook))} Each is a `{hook.spec.__name__}`: {what[0].lower()}{what[1:]}"
        yield ""
        yield from table(["field", "type", "default", "meaning"], _fields(hook.spec))


def algorithms() -> Iterator[str]:
    """Every algorithm that one of our own packages offers."""
    ours = [one for one in load_plugins().offers if one.plugin.provider.startswith("trx-")]
    specs = [one.spec for one in ours if isinstance(one.spec, AlgorithmSpec)]
    yield "# Algorithms"
    yield ""
    yield "What the installed packages of TaskRouterX offer through `trx_register_algorithms`."
    yield ""
    rows = [
        [f"[`{s.name}`](#{_anchor(s)})", s.summary, str(s.order), s.provider.partition(" ")[0]]
        for s in specs
    ]
    yield from table(["name", "what it does", "window", "package"], rows)
    for spec in specs:
        yield f"## `{spec.name}` {{ #{_anchor(spec)} }}"
        yield ""
        yield spec.summary
        yield ""
        yield from _parameters(spec)
        yield from _declared(spec)


def signature(hook: Hook) -> str:
    """A hook as it is called: ``trx_register_queues() -> Sequence[QueueSpec]``."""
    told = inspect.signature(getattr(hookspecs, hook.name))
    given = ", ".join(map(str, told.parameters.values()))
    return f"{hook.name}({given}) -> {told.return_annotation}"


def _told(hook: Hook) -> str:
    return inspect.getdoc(getattr(hookspecs, hook.name)) or ""


def _fields(spec: type[Spec]) -> Iterator[list[str]]:
    meaning = attributes_of(Spec) | attributes_of(spec)
    for field in fields(spec):
        if field.name != "provider":
            kind = str(field.type)
            yield [code(field.name), code(kind), code(_default(field)), meaning[field.name]]


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return ""
    return repr(str(field.default)) if isinstance(field.default, str) else repr(field.default)


def _anchor(spec: Spec) -> str:
    return spec.name.replace(".", "-")


def _parameters(spec: Spec) -> Iterator[str]:
    meaning = attributes_of(spec.load())
    rows = [
        [
            code(one.name),
            code(one.type.replace(" | ", " or ")),
            code(one.default or ""),
            meaning.get(one.name, ""),
        ]
        for one in parameters(spec)
    ]
    if rows:
        yield from table(["parameter", "type", "default", "meaning"], rows)
    else:
        yield "It takes no parameters."
        yield ""


def _declared(spec: AlgorithmSpec) -> Iterator[str]:
    declared = spec.capabilities
    usual = type(declared)()
    own = [
        f"`{field.name}={getattr(declared, field.name)!r}`"
        for field in fields(declared)
        if getattr(declared, field.name) != getattr(usual, field.name)
    ]
    if own:
        yield f"It declares {', '.join(own)}."
        yield ""
