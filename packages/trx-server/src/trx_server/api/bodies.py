"""From the bytes of a body to values: strict, and whatever the bytes are, refused politely."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from functools import reduce
from typing import Any, Final, TypeVar

import orjson
from anyio import to_thread
from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from trx_core.models import TaskRequest
from trx_server.api.problems import INVALID, MALFORMED, NOT_JSON, Refusal, field_errors

__all__ = ["ONE", "SEVERAL", "json_body", "parse"]

T = TypeVar("T")

ONE: Final = TypeAdapter(TaskRequest)
SEVERAL: Final = TypeAdapter(list[TaskRequest])

FREE: Final = (("metadata",), ("params",), ("worker", "params"))
"""Paths to fields that hold JSON of the caller's own."""

NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

BETWEEN: Final = " \t\r\n,["
"""What stands between the values of an array, its beginning included."""

LARGE: Final = 65_536
"""Bytes; longer bodies are parsed in a thread, so that others are answered meanwhile."""


async def json_body(request: Request, shape: TypeAdapter[T], most: int | None = None) -> T:
    """The body of ``request`` as a value of ``shape``, with at most ``most`` rows.

    Raises:
        Refusal: the media type is not JSON, the text is malformed, or a field is wrong.
    """
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if not media_type.lower().startswith("application/") or "json" not in media_type.lower():
        raise Refusal(NOT_JSON, f"The body is {media_type!r}.", hint="Send application/json.")
    body = await request.body()
    if len(body) > LARGE:
        return await to_thread.run_sync(parse, body, shape, most)
    return parse(body, shape, most)


def parse(body: bytes, shape: TypeAdapter[T], most: int | None = None) -> T:
    """``body`` as a value of ``shape``.

    An array of more than ``most`` rows is refused before any row is looked at. Beyond what the
    shape says, a key may be given once only, and numbers within must be ones that 64 bits can hold.

    Raises:
        Refusal: the text is malformed, or a field is wrong; it names every field and row.
    """
    if most is not None:
        _refuse_crowds(body, most)
    try:
        value = shape.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise Refusal(MALFORMED, found[0]["msg"] + ".") from None
        errors = field_errors(found, rows=shape is SEVERAL)
        raise Refusal(INVALID, "The body is not valid.", errors=errors) from None
    _refuse_duplicates(body.decode(), batch=shape is SEVERAL)
    _refuse_unstorable(value)
    return value


def _refuse_crowds(body: bytes, most: int) -> None:
    with suppress(orjson.JSONDecodeError):
        rows = orjson.loads(body)
        if isinstance(rows, list) and not 1 <= len(rows) <= most:
            raise Refusal(INVALID, f"A batch holds 1 to {most} tasks; this one has {len(rows)}.")


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len(dict(pairs)):
        times = Counter(name for name, _ in pairs)
        twice = min(name for name, count in times.items() if count > 1)
        raise GivenTwice(twice)


class GivenTwice(Exception):
    """A name stands twice in one object."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


DUPLICATES: Final = json.JSONDecoder(object_pairs_hook=_unique)


def _refuse_duplicates(text: str, *, batch: bool) -> None:
    """RFC 8259, section 4: names within an object should be unique; parsers differ on the rest."""
    row = 0
    try:
        if not batch:
            DUPLICATES.decode(text)
            return
        at = _next_value(text, 0)
        while text[at] != "]":
            _, end = DUPLICATES.raw_decode(text, at)
            row, at = row + 1, _next_value(text, end)
    except GivenTwice as twice:
        place = {"row": row} if batch else {}
        fault = {**place, "field": twice.name, "message": "is given twice in one object"}
        detail = f"The name {twice.name!r} is given twice in one object."
        raise Refusal(MALFORMED, detail, errors=[fault]) from None
    except ValueError as error:
        raise Refusal(MALFORMED, f"Invalid JSON: {error}.") from None


def _next_value(text: str, at: int) -> int:
    """Where the next value of an array begins, or its end."""
    while text[at] in BETWEEN:
        at += 1
    return at


def _refuse_unstorable(value: Any) -> None:
    batch = isinstance(value, list)
    errors = []
    for row, request in enumerate(value if batch else [value]):
        for path in FREE:
            content = reduce(_part, path, request)
            if content and (fault := _fault(content)):
                place = {"row": row} if batch else {}
                errors.append({**place, "field": ".".join(path), "message": fault})
    if errors:
        raise Refusal(INVALID, "The body is not valid.", errors=errors)


def _part(value: Any, name: str) -> Any:
    return getattr(value, name, None)


def _fault(content: Any) -> str | None:
    try:
        text = orjson.dumps(content)
    except TypeError as error:
        return f"cannot be stored: {error}"
    return "must not hold the character U+0000" if NUL.search(text) else None
