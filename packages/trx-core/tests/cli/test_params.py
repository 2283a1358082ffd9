"""Names with parameters, as people write them."""

from __future__ import annotations

import pytest

from trx_core.cli import parse_named, split_named


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("one", ["one"]),
        ("one, two", ["one", "two"]),
        ("one:a=1,b=2,two", ["one:a=1,b=2", "two"]),
        ("one,two:url=http://x:1/?q=2,three:c=3", ["one", "two:url=http://x:1/?q=2", "three:c=3"]),
    ],
)
def test_a_list_is_split_at_the_names(text: str, names: list[str]) -> None:
    assert split_named(text) == names


def test_parameters_are_read_as_on_the_command_line() -> None:
    assert parse_named("one") == ("one", {})
    assert parse_named("one:a=0.5,b=text,c=true") == ("one", {"a": 0.5, "b": "text", "c": True})
