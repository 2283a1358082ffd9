"""Libraries that read the entry points of everything, beside a distribution whose are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from throwaway import ALGORITHM, Site

from trx_core.errors import OperatorError
from trx_core.plugins import blaming_damage

AS_TRX_STARTS = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""What `trx` sets before it imports anything: pydantic trips on damage, too."""

NOT_UTF_8 = b"[trx]\nfoo = \xff\n"
NOT_A_PAIR = b"[trx]\nfoo\n"

READS_EVERYTHING = """
    from importlib.metadata import entry_points

    entry_points(group="of.some.library")

    def run():
        "Say hello."
"""

OFFER = """
    from trx_core import hookimpl
    from trx_core.specs import CommandSpec

    @hookimpl
    def trx_register_commands():
        return [CommandSpec(name="hello", target="reads_everything:run", summary="Hello.")]
"""


def damage(site: Site, entry_points: bytes) -> Path:
    site.metadata("dam", "1", "")
    file = site.folder / "dam-1.dist-info" / "entry_points.txt"
    file.write_bytes(entry_points)
    return file


@pytest.mark.parametrize("entry_points", [NOT_UTF_8, NOT_A_PAIR])
def test_a_command_that_trips_on_it_names_the_distribution_and_the_file(
    site: Site, entry_points: bytes
) -> None:
    site.module("reads_everything", READS_EVERYTHING)
    site.install("greeter", OFFER)
    assert site.trx("hello", "--help", **AS_TRX_STARTS).returncode == 0
    file = damage(site, entry_points)
    done = site.trx("hello", "--help", **AS_TRX_STARTS)
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if not line.startswith("warning"))
    assert line.startswith("TRX-O111: command 'hello' (greeter-router 0.3.1) cannot be imported")
    assert f"those of dam ({file}) are damaged. Install dam again, or remove it." in line


def test_what_fails_for_another_reason_is_blamed_on_nobody(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    damage(site, NOT_A_PAIR)
    with pytest.raises(ModuleNotFoundError), blaming_damage("nowhere"):
        import nowhere_at_all  # type: ignore[import-not-found] # noqa: F401


def test_a_failure_to_read_with_nothing_damaged_stays_what_it_is() -> None:
    from importlib.metadata import PackageNotFoundError, version

    with pytest.raises(PackageNotFoundError), blaming_damage("a version"):
        version("no-such-distribution")


def test_it_is_blamed_on_the_damaged_one(site: Site) -> None:
    from importlib.metadata import entry_points

    damage(site, NOT_A_PAIR)
    told = r"TRX-O111: Alembic cannot .* those of dam \("
    with pytest.raises(OperatorError, match=told), blaming_damage("Alembic"):
        entry_points(group="alembic.plugins")
