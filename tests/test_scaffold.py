"""What ``trx plugins new`` writes is installed, passes its own tests and is loaded, as it is."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from fresh import Environment

HOOK = {
    "algorithm": "algorithms",
    "queue": "queues",
    "worker": "workers",
    "collector": "collectors",
}


@pytest.mark.parametrize("kind", HOOK)
def test_a_new_plugin_passes_its_own_tests(
    environment: Environment, tmp_path: Path, kind: str
) -> None:
    name = f"my-{kind}"
    done = environment.trx("plugins", "new", name, "--kind", kind, "--dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    project = tmp_path / name
    environment.install("-e", project)

    tested = environment.run("python", "-m", "pytest", "-v", "-W", "error", folder=project)
    assert tested.returncode == 0, tested.stdout
    assert f"test_contract[{kind}." in tested.stdout
    assert environment.trx("plugins", "check", name).returncode == 0

    listed = json.loads(environment.trx("plugins", "list", "--json").stdout)
    (record,) = [one for one in listed if one["name"] == name]
    assert (record["distribution"], record["state"], record["problems"]) == (name, "loaded", [])
    assert record["offers"] == {HOOK[kind]: [name]}

    readme = (project / "README.md").read_text()
    if fleet := re.search(r"```yaml\n(.*?)```", readme, re.DOTALL):
        (project / "fleet.yaml").write_text(fleet[1])
    for command in re.findall(r"^\$ (trx simulate .+)$", readme, re.MULTILINE):
        simulated = environment.run(*shlex.split(command), folder=project)
        assert simulated.returncode == 0, simulated.stdout + simulated.stderr


def test_its_name_is_taken_from_then_on(environment: Environment, tmp_path: Path) -> None:
    again = ("plugins", "new", "my-algorithm", "--dir", str(tmp_path))
    first = environment.trx(*again)
    if first.returncode == 0:
        environment.install("-e", tmp_path / "my-algorithm")
    done = environment.trx(*again)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "TRX-C125: 'my-algorithm' is the name of the plugin 'my-algorithm' (my-algorithm 0.1.0)."
    )
