"""``trx plugins list``, ``show`` and ``check``."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from throwaway import Site

from trx_core.testing import ALGORITHM_CHECKS, QUEUE_CHECKS

PLUGIN = """
    from trx_core import hookimpl
    from trx_core.capabilities import AlgorithmCapabilities
    from trx_core.specs import AlgorithmSpec, WorkerKindSpec

    @hookimpl
    def trx_register_workers():
        return [
            WorkerKindSpec(name="fax", target="acme_policies:Fax", summary="Real.", simulator=False)
        ]

    @hookimpl
    def trx_register_algorithms():
        return [
            AlgorithmSpec(
                name="patient",
                target="acme_policies:Patient",
                summary="Holds all.",
                capabilities=AlgorithmCapabilities(bounded_hold=False),
            ),
            AlgorithmSpec(name="greedy", target="acme_policies:Careless", summary="Over-fills."),
            AlgorithmSpec(name="heavy", target="no_such_module:Heavy", summary="Needs more."),
        ]
"""
POLICIES = """
    import sys
    from trx_core.routing import HOLD, Decision
    print("policies imported", file=sys.stderr)

    class Patient:
        def __init__(self, extra: int = 0, *, name: str = "x") -> None:
            self.extra = extra

        def route(self, problem):
            return Decision([HOLD] * (len(problem.tasks) + self.extra))

    class Careless:
        def route(self, problem):
            return Decision([0 if problem.pools else HOLD] * len(problem.tasks))
"""


@pytest.fixture
def acme(site: Site) -> Site:
    site.install("acme", PLUGIN)
    site.module("acme_policies", POLICIES)
    site.install("broken", "def deep(): raise LookupError('lost')\ndeep()")
    return site


def test_list_tells_every_plugin_its_state_and_its_problem(acme: Site) -> None:
    acme.install("quiet", "")
    done = acme.trx("plugins", "list", TRX_PLUGINS_BLOCK="quiet")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line.split()[1:4] for line in done.stdout.splitlines() if line.strip()}
    assert rows["acme"] == ["acme-router", "0.3.1", "loaded"]
    assert rows["broken"] == ["broken-router", "0.3.1", "failed"]
    assert rows["quiet"] == ["quiet-router", "0.3.1", "blocked"]
    assert "algorithms: patient, greedy, heavy" in done.stdout
    assert "TRX-P120: plugin 'broken' (broken-router 0.3.1) cannot be imported" in done.stdout


@pytest.mark.parametrize("damaged", [b"[trx]\n\xff\xfe = x", b"[trx]\nno value"])
def test_a_distribution_with_a_damaged_file_of_entry_points_is_listed(
    site: Site, damaged: bytes
) -> None:
    site.metadata("torn-router", "0.3.1", "")
    site.folder.joinpath("torn_router-0.3.1.dist-info", "entry_points.txt").write_bytes(damaged)
    environ = {key: value for key, value in site.environ().items() if "PYDANTIC" not in key}
    done = subprocess.run(
        [sys.executable, "-c", "from trx_core.start import main; main()", "plugins", "list"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"torn-router +torn-router +0.3.1 +failed", done.stdout)
    assert "TRX-P120: plugin 'torn-router' (torn-router 0.3.1) cannot be imported" in done.stdout


def test_list_as_json(acme: Site) -> None:
    found = {one["name"]: one for one in json.loads(acme.trx("plugins", "list", "--json").stdout)}
    assert found["acme"]["offers"] == {
        "algorithms": ["patient", "greedy", "heavy"],
        "workers": ["fax"],
    }
    assert found["acme"]["hooks"] == ["trx_register_algorithms", "trx_register_workers"]
    assert found["core"]["offers"] == {
        "queues": ["memory"],
        "collectors": ["jsonl"],
        "commands": ["plugins", "scenarios"],
    }
    assert (found["broken"]["state"], len(found["broken"]["problems"])) == ("failed", 1)


LOUD = """
    import atexit
    import ctypes
    import os
    import sys
    from trx_core import hookimpl
    from trx_core.specs import AlgorithmSpec

    def talk(of):
        print("print", of)
        print("the first stdout", of, file=sys.__stdout__)
        os.write(1, f"the descriptor {of}\\n".encode())
        ctypes.CDLL(None).puts(f"compiled code {of}".encode())

    talk("in the module")
    atexit.register(talk, "at the end")

    @hookimpl
    def trx_register_algorithms():
        talk("in the hook")
        return [AlgorithmSpec(name="loud", target="acme_loud:Loud", summary="Talks.")]
"""
LOUD_POLICY = """
    from acme_router_plugin import talk
    from trx_core import ScoreAlgorithm
    talk("in the target")

    class Loud(ScoreAlgorithm):
        def __init__(self):
            talk("in the constructor")

        def score(self, task, pool):
            talk("in score")
            return 1.0
"""
WAYS = ("print", "the first stdout", "the descriptor", "compiled code")


@pytest.fixture
def loud(site: Site) -> Site:
    site.install("acme", LOUD)
    site.module("acme_loud", LOUD_POLICY)
    return site


@pytest.mark.parametrize(
    ("args", "places"),
    [
        (("list",), ("module", "hook")),
        (("show", "loud"), ("module", "hook", "target")),
        (("check", "loud"), ("module", "hook", "target", "constructor", "score")),
    ],
)
def test_what_a_plugin_prints_does_not_spoil_json(
    loud: Site, args: tuple[str, ...], places: tuple[str, ...]
) -> None:
    done = loud.trx("plugins", *args, "--json")
    (*_, told) = json.loads(done.stdout)
    assert told["name"] in {"acme", "loud"}
    wanted = [f"in {place}" if place == "score" else f"in the {place}" for place in places]
    for place in (*wanted, "at the end"):
        for way in WAYS:
            assert f"{way} {place}\n" in done.stderr


def test_what_a_plugin_prints_does_not_spoil_a_table(loud: Site) -> None:
    done = loud.trx("plugins", "check", "loud")
    assert done.stdout.startswith("algorithm 'loud' (acme-router 0.3.1)\ncheck ")
    assert not [way for way in WAYS if f"{way} in score" in done.stdout]


def test_what_a_command_prints_is_its_own(site: Site) -> None:
    command = """
        import os
        from trx_core import hookimpl
        from trx_core.specs import CommandSpec

        def talk():
            print("hello")
            os.write(1, b"hello\\n")

        @hookimpl
        def trx_register_commands():
            return [CommandSpec(name="talk", target="acme_router_plugin:talk", summary="Talks.")]
    """
    site.install("acme", command)
    done = site.trx("talk")
    assert (done.stdout, done.stderr) == ("hello\nhello\n", "")


@pytest.mark.parametrize("hook", ["algorithms", "trx_register_algorithms"])
def test_list_by_hook_imports_no_target(acme: Site, hook: str) -> None:
    done = acme.trx("plugins", "list", "--hook", hook)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == [
        "greedy",
        "heavy",
        "patient",
    ]
    (first, *_) = json.loads(acme.trx("plugins", "list", "--hook", hook, "--json").stdout)
    assert (first["name"], first["plugin"], first["order"]) == ("greedy", "acme", "priority")


def test_list_by_a_hook_that_does_not_exist(acme: Site) -> None:
    done = acme.trx("plugins", "list", "--hook", "algoritms")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "TRX-C120: there is no hook 'algoritms'. Did you mean 'algorithms'?"
    )


def test_show_a_spec_with_its_parameters(acme: Site) -> None:
    done = acme.trx("plugins", "show", "patient")
    assert done.returncode == 0
    for shown in ("Holds all.", "acme_policies:Patient", "acme-router", "extra: int = 0"):
        assert shown in done.stdout
    (about,) = json.loads(acme.trx("plugins", "show", "patient", "--json").stdout)
    assert about["parameters"] == [
        {"name": "extra", "type": "int", "default": "0"},
        {"name": "name", "type": "str", "default": "'x'"},
    ]


def test_show_a_spec_whose_target_cannot_be_imported(acme: Site) -> None:
    done = acme.trx("plugins", "show", "heavy")
    assert done.returncode == 0
    assert "Needs more." in done.stdout
    assert "TRX-P110" in done.stdout


def test_show_a_plugin_and_what_shares_its_name(acme: Site) -> None:
    kinds = [
        one["kind"] for one in json.loads(acme.trx("plugins", "show", "acme", "--json").stdout)
    ]
    assert kinds == ["plugin"]
    kinds = [
        one["kind"] for one in json.loads(acme.trx("plugins", "show", "plugins", "--json").stdout)
    ]
    assert kinds == ["command"]


def test_show_keeps_the_traceback_for_those_who_ask(acme: Site) -> None:
    brief, full = (
        acme.trx("plugins", "show", "broken"),
        acme.trx("plugins", "show", "broken", "--traceback"),
    )
    assert "LookupError: lost" in brief.stdout
    assert "in deep" not in brief.stdout
    assert "in deep" in full.stdout


def test_show_an_unknown_name(acme: Site) -> None:
    done = acme.trx("plugins", "show", "acne")
    assert done.returncode == 2
    assert "Did you mean 'acme'?" in done.stderr


def test_check_passes_what_keeps_the_contract(acme: Site) -> None:
    done = acme.trx("plugins", "check", "patient")
    assert done.returncode == 0
    assert "algorithm 'patient' (acme-router 0.3.1)" in done.stdout
    assert done.stdout.count("passed") + done.stdout.count("skipped") == len(ALGORITHM_CHECKS)
    assert "it declares bounded_hold=False" in done.stdout
    assert "FAILED" not in done.stdout


def test_check_fails_what_breaks_it_and_says_how(acme: Site) -> None:
    done = acme.trx("plugins", "check", "greedy")
    assert done.returncode == 1
    assert done.stdout.count("FAILED") == 2
    assert "algorithm.eligibility: in the round " in done.stdout
    assert "algorithm.limits: in the round " in done.stdout
    assert "Traceback" not in done.stderr
    assert "Traceback" in acme.trx("plugins", "check", "greedy", "--traceback").stderr


def test_check_as_json(acme: Site) -> None:
    done = acme.trx("plugins", "check", "greedy", "--json")
    assert done.returncode == 1
    (about,) = json.loads(done.stdout)
    assert (about["kind"], about["provider"], about["passed"]) == (
        *("algorithm", "acme-router 0.3.1"),
        False,
    )
    results = {one["id"]: one["result"] for one in about["checks"]}
    assert list(results) == [check.id for check in ALGORITHM_CHECKS]
    assert results["algorithm.limits"] == "failed"
    assert results["algorithm.propensity"] == "skipped"


def test_check_of_a_queue(acme: Site) -> None:
    done = acme.trx("plugins", "check", "memory")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("passed") + done.stdout.count("skipped") == len(QUEUE_CHECKS)


def test_check_of_a_plugin_that_failed_says_how_to_see_why(acme: Site) -> None:
    acme.install("torn", "raise LookupError('lost')")
    done = acme.trx("plugins", "check", "torn")
    assert (done.returncode, done.stdout) == (2, "")
    assert "TRX-C123: the plugin 'torn' (torn-router 0.3.1) is failed" in done.stderr
    assert "`trx plugins show torn --traceback`" in done.stderr


HANGS = """
    import time
    from trx_core import hookimpl
    from trx_core.specs import AlgorithmSpec

    class Sleeps:
        def __init__(self):
            time.sleep(3600)

    @hookimpl
    def trx_register_algorithms():
        return [
            AlgorithmSpec(name="sleeps", target=f"{__name__}:Sleeps", summary="Sleeps."),
            AlgorithmSpec(name="looping", target="acme_looping:Loop", summary="Is not there."),
        ]
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sleeps", "TRX-P111: 'sleeps' (acme-router 0.3.1) could not be set up: OutOfTime: not "),
        ("looping", "TRX-P110: 'looping' (acme-router 0.3.1) cannot be imported from "),
    ],
)
def test_check_of_what_never_gets_ready_ends(site: Site, name: str, told: str) -> None:
    site.install("acme", HANGS)
    site.module("acme_looping", "while True: pass")
    done = site.trx("plugins", "check", name, TRX_PLUGINS_PATIENCE="8")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(told)
    assert "OutOfTime: not done within 8 s" in done.stderr


HANGING_HOOK = "def trx_register_queues():\n    while True: pass\n"


def test_list_of_what_never_gets_imported_ends(site: Site) -> None:
    site.install("acme", "from trx_core import hookimpl\n@hookimpl\n" + HANGING_HOOK)
    site.install("quick", "")
    done = site.trx("plugins", "list", "--json", TRX_PLUGINS_PATIENCE="8")
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert (found["acme"]["state"], found["quick"]["state"]) == ("failed", "loaded")
    (told,) = found["acme"]["problems"]
    assert told.startswith(
        "TRX-P123: plugin 'acme' (acme-router 0.3.1) raised in trx_register_queues: OutOfTime: not "
    )


def test_a_patience_that_is_no_time_is_told(acme: Site) -> None:
    done = acme.trx("plugins", "list", TRX_PLUGINS_PATIENCE="soon")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("TRX-O113: TRX_PLUGINS_PATIENCE is 'soon', which is no number")


def test_check_sets_parameters(acme: Site) -> None:
    done = acme.trx("plugins", "check", "patient", "-p", "extra=1")
    assert done.returncode == 1
    assert "TRX-P101" in done.stdout


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("patient", "-p", "extra"), 2, "TRX-C122: 'extra' is not a parameter. Write it as"),
        (("patient", "-p", "a=1", "-p", "a=2"), 2, "TRX-C122: 'a=2' is not a parameter. 'a' is"),
        (("patient", "-p", "extra=["), 2, "TRX-C122: 'extra=[' is not a parameter. Write its"),
        (("patient", "-p", "colour=red"), 2, "TRX-C111: 'patient' (acme-router 0.3.1) does not"),
        (("plugins",), 2, "TRX-C123: 'plugins' is a command, and there are checks for"),
        (("fax",), 2, "TRX-C123: 'fax' is a kind of worker, and there are checks for"),
        (("memory", "--url", "x:"), 2, "TRX-C111: 'memory' (trx-core"),
        (("patent",), 2, "TRX-C120: there is no algorithm, queue, worker simulator or metric"),
        (("heavy",), 1, "TRX-P110: 'heavy' (acme-router 0.3.1) cannot be imported"),
    ],
)
def test_check_of_what_cannot_be_checked(
    acme: Site, args: tuple[str, ...], code: int, told: str
) -> None:
    done = acme.trx("plugins", "check", *args)
    assert done.returncode == code
    assert told in done.stderr
