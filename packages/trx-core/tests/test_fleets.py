"""Fleets from files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trx_core.errors import CallerError, PluginError
from trx_core.fleets import default_fleet, open_fleet, read_fleet
from trx_core.models import Fleet
from trx_core.specs import FleetReaderSpec

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


class Racks:
    """Takes what begins with ``rack``, and makes the first pools of the default fleet of it."""

    def sniff(self, path: Path, head: str) -> bool:
        return head.startswith("rack")

    def read(self, path: Path, options: Mapping[str, Any]) -> Fleet:
        return Fleet(pools=default_fleet().pools[: options["pools"]])


class TakesAll(Racks):
    def sniff(self, path: Path, head: str) -> bool:
        return True


class FallsOver(Racks):
    def sniff(self, path: Path, head: str) -> bool:
        raise LookupError("no such rack")


class Leaves(Racks):
    def sniff(self, path: Path, head: str) -> bool:
        sys.exit(7)


class Interrupts(Racks):
    def sniff(self, path: Path, head: str) -> bool:
        raise KeyboardInterrupt


class Answer:
    def __bool__(self) -> bool:
        raise LookupError("no truth")


class Undecided(Racks):
    def sniff(self, path: Path, head: str) -> bool:
        return Answer()  # type: ignore[return-value]


class Absent(Racks):
    def read(self, path: Path, options: Mapping[str, Any]) -> Fleet:
        return None  # type: ignore[return-value]


def reader(made: type[Racks]) -> FleetReaderSpec:
    target = f"{__name__}:{made.__name__}"
    return FleetReaderSpec(name=made.__name__.lower(), target=target, summary="For tests.")


RACKS, ALL = {"racks": reader(Racks)}, {"racks": reader(Racks), "takesall": reader(TakesAll)}


@pytest.fixture
def racks(tmp_path: Path) -> Path:
    path = tmp_path / "racks.csv"
    path.write_text("rack,cores\n")
    return path


def test_a_reader_takes_its_own_files_and_the_rest_is_ours(racks: Path, tmp_path: Path) -> None:
    assert len(open_fleet(RACKS, racks, options={"pools": 2}).pools) == 2
    for name in ("fleet.json", "fleet.yml", "fleet"):
        ours = tmp_path / name
        ours.write_text(f"pools: [{POOL}]")
        readers = RACKS if name == "fleet" else ALL
        assert [pool.name for pool in open_fleet(readers, ours).pools] == ["a"]


def test_the_format_may_be_named(racks: Path) -> None:
    fleet = open_fleet(ALL, racks, format="takesall", options={"pools": 1})
    assert len(fleet.pools) == 1
    with pytest.raises(CallerError, match=r"TRX-C112: .*of the formats racks, takesall"):
        open_fleet(ALL, racks)
    with pytest.raises(CallerError, match=r"TRX-C112: .*'shelves'.* There is: racks"):
        open_fleet(RACKS, racks, format="shelves")


def test_a_file_of_our_own_takes_no_options(tmp_path: Path) -> None:
    ours = tmp_path / "fleet.yaml"
    ours.write_text(f"pools: [{POOL}]")
    with pytest.raises(CallerError, match="TRX-C112"):
        open_fleet(RACKS, ours, options={"pools": 2})
    with pytest.raises(CallerError, match="TRX-C110"):
        open_fleet(RACKS, tmp_path / "nothing.csv")


def test_a_reader_that_raises_is_blamed(racks: Path) -> None:
    with pytest.raises(PluginError, match=r"TRX-P134: .*'racks'.*KeyError: 'pools'"):
        open_fleet(RACKS, racks)
    with pytest.raises(PluginError, match=r"TRX-P134: .*'fallsover'.*no such rack"):
        open_fleet({"fallsover": reader(FallsOver)}, racks)


@pytest.mark.parametrize("broken", [FallsOver, Leaves, Interrupts, Undecided])
def test_a_reader_that_cannot_tell_is_passed_over_and_told(
    racks: Path, tmp_path: Path, broken: type[Racks], caplog: pytest.LogCaptureFixture
) -> None:
    readers = {"broken": reader(broken), **RACKS}
    ours = tmp_path / "fleet"
    ours.write_text(f"pools: [{POOL}]")
    assert len(open_fleet(readers, racks, options={"pools": 1}).pools) == 1
    assert [pool.name for pool in open_fleet(readers, ours).pools] == ["a"]
    name = broken.__name__.lower()
    told = [message.partition(":")[0] for message in caplog.messages if repr(name) in message]
    assert told == ["TRX-P134"] * 2


def test_the_same_trouble_with_a_reader_is_told_once(
    racks: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        open_fleet({"fallsover": reader(FallsOver), **RACKS}, racks, options={"pools": 1})
    assert len(caplog.messages) == 1


def test_a_reader_that_makes_no_fleet_is_blamed(racks: Path) -> None:
    with pytest.raises(PluginError, match=r"TRX-P134: .*'absent'.*a NoneType, and no fleet"):
        open_fleet({"absent": reader(Absent)}, racks)
