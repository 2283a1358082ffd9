"""What it costs to read a body: in proportion to its length, whatever is in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trx_server.api.bodies import ONE, SEVERAL, GivenTwice, _unique, parse
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
    with pytest.raises(GivenTwice):
        _unique([(Name(naming(number)), 1) for number in range(count)])
    assert Name.compared < 20 * count


def test_the_first_of_the_names_that_are_given_twice_is_told() -> None:
    body = b'{"type": "t", "metadata": {"b": 1, "c": 1, "a": 1, "b": 2, "a": 2, "c": 2}}'
    with pytest.raises(Refusal, match="The name 'a' is given twice"):
        parse(body, ONE)


@pytest.mark.parametrize("row", [0, 1, 2])
def test_the_row_that_gives_a_name_twice_is_told(row: int) -> None:
    rows = ['{"type": "t", "metadata": {"tags": [1, {"a": 2}]}}'] * 3
    rows[row] = '{"type": "t", "metadata": {"list": [{"a": 1, "a": 2}]}}'
    body = b" [ %s ] " % " ,\n".join(rows).encode()
    with pytest.raises(Refusal, match="The name 'a' is given twice") as refusal:
        parse(body, SEVERAL)
    message = "is given twice in one object"
    assert refusal.value.errors == [{"row": row, "field": "a", "message": message}]
