"""Answers of an algorithm that do something else than an answer does when they are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from trx_core.routing import Decision

__all__ = ["Interrupts", "Late", "Leaves", "Text", "TwoFaced"]


class Leaves:
    """Leaves the process, whatever is done with it."""

    def _leave(self, *_: object, **__: object) -> NoReturn:
        raise SystemExit(3)

    __str__ = __format__ = __bool__ = __len__ = __iter__ = __getitem__ = __array__ = _leave
    __index__ = __contains__ = _leave


class Interrupts:
    """A column that interrupts whoever makes an array of it."""

    def __array__(self, *_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt


class Late(Decision):
    """Leaves the process when it is asked for its reason."""

    def __init__(self, pool: Any) -> None:
        for name, value in (("pool", pool), ("order", None), ("propensity", None)):
            object.__setattr__(self, name, value)

    @property
    def reason(self) -> NoReturn:
        raise SystemExit("late")


class Text(str):
    """Leaves the process as soon as it is used as a string."""

    def _leave(self, *_: object) -> NoReturn:
        raise SystemExit(3)

    __str__ = __format__ = __eq__ = __hash__ = __bool__ = __len__ = encode = isascii = _leave  # type: ignore[assignment]


class TwoFaced(list[int]):
    """Is what it is the first time that it is iterated, and zeros from then on."""

    def __iter__(self) -> Iterator[int]:
        first, self.seen = not getattr(self, "seen", False), True
        return super().__iter__() if first else iter([0] * len(self))
