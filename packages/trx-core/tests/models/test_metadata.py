"""What a caller may put into a task's metadata."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trx_core.models import TaskRequest


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "metadata",
    [
        {"integers": [2**64 - 1, -(2**63)], "others": [None, True, 1.5, "ü", {}]},
        {"text": "\\u0000 is not U+0000"},
        nested(100),
    ],
)
def test_plain_json_is_taken(metadata: dict[str, Any]) -> None:
    assert TaskRequest(type="infer", metadata=metadata).metadata == metadata


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"a": [2**64]}, "64 bits"),
        ({"a": {"b": -(2**63) - 1}}, "64 bits"),
        ({"a": [{1: 2}]}, "strings for keys"),
        ({"a": float("inf")}, "JSON"),
        ({"a": "\0"}, r"U\+0000"),
        ({"a": "x" * 16_384}, "bytes"),
        ({"a": object()}, "JSON"),
        (nested(101), "nested"),
        (nested(2000), "metadata"),
    ],
)
def test_what_could_not_be_stored_is_refused(metadata: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TaskRequest(type="infer", metadata=metadata)
