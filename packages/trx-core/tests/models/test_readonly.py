"""What policies see of tasks and pools cannot be changed, or is theirs alone."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from kernel_bench import pool, task

from trx_core.models import plain

GIVEN = {"tenant": "acme", "tags": ["a", {"b": [1]}], "limits": {"memory": 2}}


def test_the_metadata_of_a_task_are_read_only_all_the_way_down() -> None:
    given = copy.deepcopy(GIVEN)
    kept: Any = task(metadata=given).metadata
    for holds, does in (
        (kept, "clear"),
        (kept, "update"),
        (kept["tags"], "append"),
        (kept["limits"], "pop"),
        (kept["tags"][1], "popitem"),
    ):
        assert not hasattr(holds, does)
    with pytest.raises(TypeError):
        kept["tenant"] = "mine"
    given.clear()
    assert plain(kept) == GIVEN
    assert json.loads(json.dumps(plain(kept))) == GIVEN


@pytest.mark.parametrize("metadata", [{}, GIVEN])
def test_a_task_is_copied_and_pickled_as_it_is(metadata: dict[str, Any]) -> None:
    one = task(metadata=metadata, slots=2, deadline=3.0)
    assert copy.deepcopy(one) == one == pickle.loads(pickle.dumps(one))


def test_a_twin_shares_nothing_that_can_be_changed() -> None:
    one = pool("a", 2, worker={"kind": "test", "params": {"mean": 1.0, "by_type": {"x": 2.0}}})
    before, twin = one.model_dump(), one.twin()
    assert twin == one
    vars(twin.worker).update(kind="mine")
    vars(twin).update(capacity=9, worker=None)
    with pytest.raises(TypeError):
        one.twin().worker.params["by_type"]["x"] = 0.0
    assert one.model_dump() == before
