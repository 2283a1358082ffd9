"""A package of somebody else's, installed from its wheel, routes by its name in both engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fresh import ROOT, Environment, build_wheels

ACME = ROOT / "examples" / "acme-router"
NAME = "acme-budget"


@pytest.fixture(scope="module")
def acme(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment.install(*build_wheels([ACME], tmp_path_factory.mktemp("acme")))
    return environment


def test_it_is_listed_and_keeps_its_contract(acme: Environment) -> None:
    listed = json.loads(acme.trx("plugins", "list", "--json").stdout)
    (record,) = [one for one in listed if one["name"] == "acme"]
    assert (record["distribution"], record["state"]) == ("acme-router", "loaded")
    assert record["offers"] == {"algorithms": [NAME]}
    checked = acme.trx("plugins", "check", NAME)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_its_own_tests_pass(acme: Environment, tmp_path: Path) -> None:
    place = (ACME / "tests", "-c", ACME / "pyproject.toml", "--rootdir", tmp_path)
    done = acme.run("python", "-m", "pytest", *place, "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout


def test_it_routes_in_the_lab(acme: Environment) -> None:
    done = acme.trx("simulate", "--scenario", "steady", "-p", "count=500", "-a", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    assert decided(done.stdout) == [NAME, "500", "100.0", "%"]


def test_it_routes_in_the_service(acme: Environment) -> None:
    done = acme.trx("demo", "--algorithm", NAME, "--limit", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert decided(done.stdout) == [NAME, "100", "100.0", "%"]


def decided(table: str) -> list[str]:
    """The one row of the table that tells who decided."""
    (row,) = table.split("Decided by")[1].strip().splitlines()[1:2]
    return row.split()
