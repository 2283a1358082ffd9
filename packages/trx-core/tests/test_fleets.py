"""Fleets from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from trx_core.errors import CallerError
from trx_core.fleets import default_fleet, read_fleet

POOL = "{name: a, region: r, resource_type: cpu, cost_per_unit: 1, capacity: 2, worker: {kind: k}}"


def test_the_default_fleet_spans_regions_and_resource_types() -> None:
    fleet = default_fleet()
    assert fleet.regions == {"eu-west", "us-east", "ap-south"}
    assert {pool.resource_type for pool in fleet.pools} == {"cpu", "gpu"}


def test_the_default_fleet_has_the_same_ids_again() -> None:
    first = [pool.id for pool in default_fleet().pools]
    default_fleet.cache_clear()
    assert [pool.id for pool in default_fleet().pools] == first


def test_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(f"pools: [{POOL}]")
    assert [(pool.name, pool.capacity) for pool in read_fleet(path).pools] == [("a", 2)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"pools: []", "fleet.yaml does not describe a fleet: pools"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (None, "No such file or directory"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "fleet.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CallerError, match=f"TRX-C110: .*{reason}"):
        read_fleet(path)
