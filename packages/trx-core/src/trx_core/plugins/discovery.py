"""Finds the plugins that are installed, and which of them the environment blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, NoReturn, Self

from trx_core.errors import OperatorError

__all__ = ["GROUP", "Candidate", "Selection", "discover", "installed", "name_of"]

GROUP: Final = "trx"
CORE: Final = "trx-core"
BUILT_IN: Final = (CORE, "trx-algorithms", "trx-workers", "trx-server", "trx-dashboard")
BLOCK: Final = "TRX_PLUGINS_BLOCK"
ONLY: Final = "TRX_PLUGINS_ONLY"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that could be loaded.

    Attributes:
        name: of its entry point.
        load: imports and returns the plugin object; may raise anything.
        distribution: what installed it; ``None`` for one that was passed in as an object.
        version: of the distribution; ``None`` where its metadata does not say.
    """

    name: str
    load: Callable[[], object]
    distribution: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which plugins to load, by the name of the plugin or of its distribution.

    Case does not matter, nor whether a name is written with ``-``, ``_`` or ``.``.

    Attributes:
        block: not these, but for the SDK's own, without which there is no telling what is wrong.
        only: none but these, and the SDK's own.
    """

    block: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """As ``TRX_PLUGINS_BLOCK`` and ``TRX_PLUGINS_ONLY`` say; both are comma-separated."""
        return cls(_names(environ.get(BLOCK, "")), _names(environ.get(ONLY, "")))

    def blocks(self, candidate: Candidate) -> bool:
        """Whether the candidate must not be loaded."""
        if candidate.distribution == CORE:
            return False
        called = _called(candidate)
        return bool(called & self.block or (self.only and not called & self.only))

    def futile(self, candidates: Iterable[Candidate]) -> list[OperatorError]:
        """``TRX-O112`` if the SDK's own plugin is to be left out."""
        own = [one for one in candidates if one.distribution == CORE and _called(one) & self.block]
        return [
            OperatorError(
                f"{BLOCK} names {one.name} of {CORE}, which cannot be left out; it is loaded.",
                code="TRX-O112",
                hint=f"Take it out of {BLOCK}.",
            )
            for one in own
        ]

    def strangers(self, candidates: Iterable[Candidate]) -> list[OperatorError]:
        """``TRX-O110`` for each variable that names something that is not installed."""
        known = frozenset[str]().union(*map(_called, candidates))
        return [
            OperatorError(
                f"{variable} names {', '.join(sorted(names - known))}, which is not installed.",
                code="TRX-O110",
                hint="See `trx plugins list` for the names.",
            )
            for variable, names in ((BLOCK, self.block), (ONLY, self.only))
            if names - known
        ]


def discover() -> list[Candidate]:
    """Every entry point of the group ``trx``: those of :data:`BUILT_IN` first, then by name.

    The first to come keeps a name, so nobody takes one away from what is built in.

    A distribution whose entry points cannot be read gives a candidate of its name that fails to
    load, rather than hiding everyone else's.
    """
    found = [one for dist in installed() for one in _candidates(dist)]
    return sorted(found, key=lambda one: (_rank(one), one.name, one.distribution or ""))


def installed() -> Iterator[Distribution]:
    """Each distribution once; the first on the path shadows the others, as with imports."""
    seen: set[str] = set()
    for dist in distributions():
        key = _canonical(name_of(dist))
        if key not in seen:
            seen.add(key)
            yield dist


def name_of(dist: Distribution) -> str:
    """As its metadata say, or as its folder is called where they cannot be read."""
    with suppress(Exception):
        if name := dist.metadata["Name"]:
            return name
    return Path(str(getattr(dist, "_path", "?"))).name.partition("-")[0]


def _candidates(dist: Distribution) -> list[Candidate]:
    name, version = name_of(dist), None
    try:
        version = dist.metadata["Version"]
        points = dist.entry_points.select(group=GROUP)
    except Exception as error:
        return [Candidate(name, partial(_fail, error), name, version)]
    return [Candidate(point.name, point.load, name, version) for point in points]


def _fail(error: Exception) -> NoReturn:
    raise error


def _rank(candidate: Candidate) -> int:
    ours = _canonical(candidate.distribution or "")
    return BUILT_IN.index(ours) if ours in BUILT_IN else len(BUILT_IN)


def _called(candidate: Candidate) -> frozenset[str]:
    return frozenset(_canonical(n) for n in (candidate.name, candidate.distribution) if n)


def _names(text: str) -> frozenset[str]:
    return frozenset(_canonical(name) for name in text.split(",") if name.strip())


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
