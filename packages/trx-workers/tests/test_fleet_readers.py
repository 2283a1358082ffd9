"""Fleets out of lists of machines and of measured speeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from simulating import attempts, task

from trx_core.cli import main
from trx_core.errors import CallerError
from trx_core.fleets import default_fleet, open_fleet, read_fleet
from trx_core.models import Fleet
from trx_core.plugins import load_plugins
from trx_workers.simulators.kinds import Throughput

NODES = """sn,cpu_milli,memory_mib,gpu,model
n0,64000,262144,2,P100
n1,96000,524288,8,V100M32
n2,96000,524288,8,V100M32
n3,32000,262144,0,
n4,8500,262144,0,
n5,64000,262144,4,T4
"""
SPEEDS = """job_type,scale_factor,k80_steps_per_s,v100_steps_per_s,v100m16_steps_per_s
LM (batch size 5),1,2.0,10.0,8.0
LM (batch size 5),2,3.0,18.0,0.0
A3C,1,0.0,7.0,7.0
"""


def fleet(tmp_path: Path, text: str, **options: Any) -> Fleet:
    file = tmp_path / "list.csv"
    file.write_text(text)
    return open_fleet(load_plugins().fleet_readers, file, options=options)


def test_nodes_become_pools_by_model(tmp_path: Path) -> None:
    found = fleet(tmp_path, NODES, region="hz", prices={"V100M32": 2.5}, cores_per_slot=8)
    told = [(p.name, p.resource_type, p.region, p.capacity, p.cost_per_unit) for p in found.pools]
    assert told == [
        ("P100", "P100", "hz", 2, 1.0),
        ("T4", "T4", "hz", 4, 1.0),
        ("V100M32", "V100M32", "hz", 16, 2.5),
        ("cpu", "cpu", "hz", 5, 1.0),
    ]
    assert {pool.worker.kind for pool in found.pools} == {"recorded"}


def test_measured_speeds_go_to_the_models_that_they_tell_of(tmp_path: Path) -> None:
    speeds = tmp_path / "speeds.csv"
    speeds.write_text(SPEEDS)
    found = {p.name: p.worker for p in fleet(tmp_path, NODES, speeds=str(speeds)).pools}
    assert [name for name, one in found.items() if one.kind == "throughput"] == ["V100M32"]
    worker = Throughput(**found["V100M32"].params)
    (outcome,) = attempts(worker, 1, of=task(type="LM-batch-size-5", slots=2, cost=90.0))
    assert outcome.latency == 5.0


def test_speeds_become_pools_by_kind(tmp_path: Path) -> None:
    found = fleet(tmp_path, SPEEDS, capacity=4, prices={"V100": 3.0}, work="steps")
    told = [(p.name, p.capacity, p.cost_per_unit) for p in found.pools]
    assert told == [("k80", 4, 1.0), ("v100", 4, 3.0), ("v100m16", 4, 1.0)]
    k80 = Throughput(**found.pools[0].worker.params)
    steps = {"steps": 60}
    one, two, never = (
        attempts(k80, 1, of=task(metadata=steps, **fields))[0]
        for fields in (
            {"type": "LM-batch-size-5"},
            {"type": "LM-batch-size-5", "slots": 2},
            {"type": "A3C"},
        )
    )
    assert (one.latency, two.latency, never.success) == (30.0, 20.0, False)


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        (NODES + "n6,1,1,many,T4\n", {}, "TRX-C110: .*line 8: gpu 'many' is not a number"),
        (NODES + "n6,1,1,1.5,T4\n", {}, "TRX-C110: .*line 8: 1.5 accelerators"),
        (NODES + "n6,1,1,2,\n", {}, "TRX-C110: .*line 8: 2 accelerators of the model ''"),
        (NODES + "n6,1\n", {}, "TRX-C110: .*line 8: it has 2 fields"),
        (NODES.splitlines()[0], {}, "TRX-C110: .*no node"),
        (NODES, {"prices": {"T5": 1}}, "TRX-C112: .*prices names 'T5', which is no model.*T4"),
        (
            NODES,
            {"prices": {"T4": -1}},
            r"TRX-C112: .*prices\.T4: a price is from 0 to 1e.09, not -1",
        ),
        (SPEEDS, {"prices": {"v100": -2}}, r"TRX-C112: .*prices\.v100: .* from 0 to 1e.09, not -2"),
        (NODES, {"price": 1}, "TRX-C112: .*price: .*It takes cores_per_slot, prices"),
        (SPEEDS + "A3C,0,1,1,1\n", {}, "TRX-C110: .*line 5"),
        (SPEEDS + "A3C,1,1,fast,1\n", {}, "TRX-C110: .*line 5: v100_steps_per_s 'fast'"),
        (SPEEDS, {"capacity": 0}, "TRX-C112: .*capacity: "),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, text: str, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(CallerError, match=complaint):
        fleet(tmp_path, text, **options)


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_command_writes_a_file_that_gives_the_same_fleet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = tmp_path / "nodes.csv"
    nodes.write_text(NODES)
    for arguments, name, expected in (
        ([], "default.yaml", default_fleet()),
        (["--json"], "default.json", default_fleet()),
        ([str(nodes), "-p", "region=hz"], "nodes.yaml", fleet(tmp_path, NODES, region="hz")),
    ):
        text = ran(capsys, "pools", *arguments)
        (tmp_path / name).write_text(text)
        assert read_fleet(tmp_path / name) == expected
        told = json.loads(text) if "--json" in arguments else yaml.safe_load(text)
        assert "id" not in told["pools"][0]


def test_a_list_of_nodes_is_a_fleet_for_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes, trace = tmp_path / "nodes.csv", tmp_path / "trace.csv"
    nodes.write_text(NODES)
    trace.write_text("at,type,expected_duration\n0,a,5\n1,a,5\n")
    told = ran(capsys, "simulate", "--trace", str(trace), "--pools", str(nodes), "--json")
    assert json.loads(told)["summary"]["algorithms"] == {"greedy": 2}
