"""JSON that cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

__all__ = ["NOTHING", "plain", "read_only", "read_only_object"]

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""An empty object."""

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def read_only(value: Any) -> Any:
    """A copy of a JSON value: its objects are mappings, its arrays tuples."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return read_only_object(value)
    return tuple(map(read_only, value)) if isinstance(value, list | tuple) else value


def read_only_object(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy of a JSON object, as of :func:`read_only`."""
    if not value:
        return NOTHING
    return MappingProxyType({key: read_only(item) for key, item in value.items()})


def plain(value: Any) -> Any:
    """A copy of dictionaries and lists, which can be changed and written as JSON by anything."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return list(map(plain, value)) if isinstance(value, list | tuple) else value
