"""Broken packages of other people's never take down ``trx``, the API or a runner."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fresh import Environment
from throwaway import ALGORITHM, Site

BROKEN = {
    "explodes": "def deep(): raise LookupError('lost')\ndeep()",
    "exits": "import sys\nsys.exit(3)",
    "newer": "trx_api_version = 99",
    "misspelt": "from trx_core import hookimpl\n@hookimpl\ndef trx_register_algoritms(): return []",
    "clashing": ALGORITHM.format(name="greedy"),
    "acme": """
        from trx_core import hookimpl
        from trx_core.specs import AlgorithmSpec, CommandSpec, QueueSpec

        def everywhere(spec, *names):
            return [spec(name=name, target="nowhere.at_all:X", summary="X.") for name in names]

        @hookimpl
        def trx_register_algorithms(): return everywhere(AlgorithmSpec, "greedy")

        @hookimpl
        def trx_register_commands(): return everywhere(CommandSpec, "demo", "simulate", "up")

        @hookimpl
        def trx_register_queues(): return everywhere(QueueSpec, "redis", "unix")
    """,
}
CLASHING = ("acme", "clashing")

RAISES = """
    from trx_core import hookimpl
    from trx_core.specs import AlgorithmSpec

    class Raises:
        def route(self, problem):
            raise LookupError("lost")

    @hookimpl
    def trx_register_algorithms():
        return [
            AlgorithmSpec(name="raises", target="raises_router_plugin:Raises", summary="Raises."),
            AlgorithmSpec(name="gone", target="nowhere.at_all:Gone", summary="Is gone."),
        ]
"""


@pytest.fixture(scope="module")
def broken(service_wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Our wheels, beside distributions that are broken in every way."""
    environment = Environment(tmp_path_factory.mktemp("broken") / "venv")
    environment.install(*service_wheels)
    (folder,) = environment.folder.glob("lib/python*/site-packages")
    site = Site(Path(folder))
    for name, source in BROKEN.items():
        site.install(name, source)
    site.install("raises", RAISES)
    return environment


def test_trx_works_and_says_that_there_are_problems(broken: Environment) -> None:
    done = broken.trx("simulate", "--scenario", "steady", "-p", "count=50", "-a", "greedy")
    assert done.returncode == 0
    (warning,) = done.stderr.splitlines()
    for name in BROKEN:
        assert f"'{name}' (" in warning
    assert "Traceback" not in done.stdout + done.stderr


def test_the_service_works(broken: Environment) -> None:
    done = broken.trx("demo", "--limit", "50")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "greedy           50  100.0 %" in done.stdout


def test_an_algorithm_that_raises_is_stood_in_for(broken: Environment) -> None:
    done = broken.trx("simulate", "--scenario", "steady", "-p", "count=50", "-a", "raises")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "TRX-P142: every round failed of raises of 'raises' (raises-router 0.3.1)" in done.stderr
    assert "because raises of 'raises' (raises-router 0.3.1) raised: " in done.stdout
    assert "fallback-fifo     50  100.0 %" in done.stdout


def test_the_demo_says_why_another_one_decided(broken: Environment) -> None:
    done = broken.trx("demo", "--limit", "50", "--algorithm", "raises")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fallback-fifo" in done.stdout
    said = " ".join(done.stdout.split())
    assert re.search(r"stood in because raises raised (once|\d+ times)\. TRX-P140: ", said), said
    assert "(raises-router 0.3.1)" in said and "LookupError: lost" in said


@pytest.mark.parametrize("command", ["simulate", "demo"])
def test_an_algorithm_that_cannot_be_imported_is_named(broken: Environment, command: str) -> None:
    done = broken.trx(command, "--scenario", "steady", "--algorithm", "gone")
    assert done.returncode == 1
    assert "TRX-P110: 'gone' (raises-router 0.3.1) cannot be imported" in done.stderr


def test_each_is_listed_with_what_is_wrong(broken: Environment) -> None:
    listed = broken.trx("plugins", "list")
    assert listed.returncode == 0
    rows = {line.split()[0]: line.split() for line in listed.stdout.splitlines() if line.strip()}
    for name in BROKEN:
        state = {"newer": "incompatible"} | dict.fromkeys(CLASHING, "loaded")
        assert rows[name][1:4] == [f"{name}-router", "0.3.1", state.get(name, "failed")]
    for code in ("TRX-P120", "TRX-P121", "TRX-P122", "TRX-P125"):
        assert code in listed.stdout


def test_what_is_built_in_keeps_its_names(broken: Environment) -> None:
    listed = broken.trx("plugins", "list").stdout
    for name in ("greedy", "demo", "simulate", "up", "redis", "unix"):
        assert re.search(f"plugin 'acme' .* '{name}', which plugin '\\w+' \\(trx-", listed), name


def test_its_traceback_is_one_flag_away(broken: Environment) -> None:
    brief = broken.trx("plugins", "show", "explodes")
    assert "TRX-P120: plugin 'explodes' (explodes-router 0.3.1)" in brief.stdout
    assert "in deep" not in brief.stdout
    full = broken.trx("plugins", "show", "explodes", "--traceback")
    assert full.returncode == 0
    assert "raise LookupError('lost')" in full.stdout
