"""The traffic patterns and trace formats that come with us."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from reference.markdown import code, prose, table
from trx_core.cli.describe import parameters
from trx_core.plugins import load_plugins
from trx_core.specs import ScenarioSpec, Spec, TraceReaderSpec

__all__ = ["traffic"]

SHOWN = 40
"""Characters; a longer default is told in words."""


def traffic() -> Iterator[str]:
    """Every scenario and every reader of our packages, with a table of what each takes."""
    ours = [o.spec for o in load_plugins().offers if o.plugin.provider.startswith("trx-")]
    scenarios = sorted((s for s in ours if isinstance(s, ScenarioSpec)), key=lambda s: s.name)
    readers = sorted((s for s in ours if isinstance(s, TraceReaderSpec)), key=lambda s: s.name)
    yield "## Scenarios"
    yield ""
    yield from _all(scenarios, "parameter", "scenario")
    yield "## Trace formats"
    yield ""
    yield from _all(readers, "option", "format")


def _all(specs: list[Any], what: str, anchor: str) -> Iterator[str]:
    rows = [[f"[`{s.name}`](#{anchor}-{s.name})", s.summary] for s in specs]
    yield from table(["name", "what it is"], rows)
    shared = _shared(specs)
    if shared:
        yield f"Every one of them takes these {what}s:"
        yield ""
        yield from table(_header(what), [_row(one) for one in shared.values()])
    for spec in specs:
        yield f"### `{spec.name}` {{ #{anchor}-{spec.name} }}"
        yield ""
        yield from _told(spec)
        own = [_row(one) for one in parameters(spec) if shared.get(one.name) != one]
        if own:
            yield from table(_header(what), own)


def _shared(specs: list[Spec]) -> dict[str, Any]:
    """Parameters that most of the specs have, alike."""
    seen: dict[Any, int] = {}
    for spec in specs:
        for one in parameters(spec):
            seen[one] = seen.get(one, 0) + 1
    return {one.name: one for one, count in seen.items() if count >= len(specs) - 1}


def _told(spec: Spec) -> Iterator[str]:
    """The docstring of the target, without the sections on arguments and errors."""
    text = (inspect.getdoc(spec.load()) or "").partition("\nArgs:")[0]
    for paragraph in text.strip().split("\n\n"):
        yield prose(paragraph)
        yield ""


def _header(what: str) -> list[str]:
    return [what, "type", "default", "unit", "range", "meaning"]


def _row(one: Any) -> list[str]:
    default = one.default if len(one.default or "") <= SHOWN else "see `trx plugins show`"
    plain = default == one.default
    shown = code(default) if plain else default
    return [code(one.name), one.type, shown, one.unit, one.range, one.description]
