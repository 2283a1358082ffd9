"""What it costs to read a body: in proportion to its length, whatever is in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trx_server.api.bodies import ONE, _unique, parse
from trx_server.api.problems import Refusal


class Name(str):
    """A name that counts how often it is compared with another."""

    compared = 0

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)


def equal(number: int) -> str:
    return "a"


def in_pairs(number: int) -> str:
    return f"{number // 2:06}"


@pytest.mark.parametrize("naming", [equal, in_pairs])
def test_names_given_twice_are_found_in_linear_work(naming: Callable[[int], str]) -> None:
    count = 2_000
    Name.compared = 0
    with pytest.raises(Refusal, match="given twice in one object"):
        _unique([(Name(naming(number)), 1) for number in range(count)])
    assert Name.compared < 20 * count


def test_the_first_of_the_names_that_are_given_twice_is_told() -> None:
    body = b'{"type": "t", "metadata": {"b": 1, "c": 1, "a": 1, "b": 2, "a": 2, "c": 2}}'
    with pytest.raises(Refusal, match="The name 'a' is given twice"):
        parse(body, ONE)
