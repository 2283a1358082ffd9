"""What became of each plugin that was found."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum

from trx_core.errors import PluginError

__all__ = ["PluginRecord", "PluginState"]


class PluginState(StrEnum):
    """Whether a plugin is in use, and if not, why."""

    LOADED = "loaded"
    BLOCKED = "blocked"
    FAILED = "failed"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """A plugin that was found.

    Attributes:
        name: of its entry point.
        distribution: what installed it; ``None`` for one that was passed in as an object.
        version: of the distribution; ``None`` where its metadata does not say.
        state: what became of it.
        hooks: the names of the hooks that it implements, as far as they are known.
        error: why it is not loaded; its traceback is kept.
        refused: why some of what it offers was refused, though it is loaded.
    """

    name: str
    distribution: str | None = None
    version: str | None = None
    state: PluginState = PluginState.LOADED
    hooks: tuple[str, ...] = ()
    error: PluginError | None = None
    refused: tuple[PluginError, ...] = ()

    @property
    def provider(self) -> str:
        """``distribution version``, as far as known; may be empty."""
        return " ".join(part for part in (self.distribution, self.version) if part)

    @property
    def label(self) -> str:
        """Its name and where it comes from, as errors tell it: ``'acme' (acme-router 0.3.1)``."""
        return f"{self.name!r} ({self.provider})" if self.provider else repr(self.name)

    @property
    def problems(self) -> tuple[PluginError, ...]:
        """Everything that is wrong with it."""
        return self.refused if self.error is None else (self.error, *self.refused)

    def traceback(self) -> str:
        """The tracebacks of its problems, causes included; empty if it has none."""
        return "\n".join("".join(traceback.format_exception(one)) for one in self.problems)
