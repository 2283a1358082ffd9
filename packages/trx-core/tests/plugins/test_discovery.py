"""Which plugins are found, and which of them the environment leaves aside."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest
from throwaway import ALGORITHM, Site

from trx_core.plugins import PluginState, Selection

LOADED, BLOCKED = PluginState.LOADED, PluginState.BLOCKED


def states(site: Site, **environ: str) -> dict[str, PluginState]:
    registry = site.load(Selection.from_environ(environ))
    return {record.name: record.state for record in registry.plugins}


@pytest.fixture
def two(site: Site) -> Site:
    site.install("acme", ALGORITHM.format(name="ppo"))
    site.install("zeta", ALGORITHM.format(name="round-robin"))
    return site


def test_the_sdk_registers_itself_through_an_entry_point_like_anyone() -> None:
    assert entry_points(group="trx", name="core")["core"].value == "trx_core.builtin"


def test_a_distribution_tells_its_name_and_version(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"), version="1.2.3")
    record = site.load().plugin("acme")
    assert record is not None
    assert (record.distribution, record.version, record.state) == ("acme-router", "1.2.3", LOADED)
    assert record.hooks == ("trx_register_algorithms",)


def test_without_variables_everything_is_loaded_the_sdk_first(two: Site) -> None:
    assert list(states(two)) == ["core", "acme", "zeta"]
    assert set(states(two).values()) == {LOADED}


def test_what_is_built_in_comes_before_strangers_whatever_they_are_called(site: Site) -> None:
    site.install("aaa", ALGORITHM.format(name="ppo"))
    for part in ("dashboard", "server", "workers", "algorithms"):
        site.install(part, "", distribution=f"trx-{part}")
    order = ["core", "algorithms", "workers", "server", "dashboard", "aaa"]
    assert [one.name for one in site.candidates()] == order


def test_a_name_that_is_built_in_is_not_taken_away(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="greedy"))
    site.install("algorithms", ALGORITHM.format(name="greedy"), distribution="trx-algorithms")
    site.install("algorithms", ALGORITHM.format(name="ppo"), distribution="acme-twin")
    registry = site.load()
    assert registry.provider(registry.algorithm("greedy")).distribution == "trx-algorithms"
    assert list(registry.algorithms) == ["greedy"]
    told = {one.provider: [str(fault) for fault in one.problems] for one in registry.troubled}
    (clash,), (twin,) = told["acme-router 0.3.1"], told["acme-twin 0.3.1"]
    assert clash.startswith("TRX-P125: plugin 'acme' (acme-router 0.3.1) offers the algorithm 'gre")
    assert "which plugin 'algorithms' (trx-algorithms 0.3.1) offers already" in clash
    assert twin.startswith("TRX-P126: plugin 'algorithms' (acme-twin 0.3.1) has the same name")


@pytest.mark.parametrize("name", ["acme", "acme-router", "ACME_Router", " acme , "])
def test_a_plugin_is_blocked_by_its_name_or_its_distributions(two: Site, name: str) -> None:
    assert states(two, TRX_PLUGINS_BLOCK=name) == {"core": LOADED, "acme": BLOCKED, "zeta": LOADED}


def test_only_keeps_the_sdks_own(two: Site) -> None:
    assert states(two, TRX_PLUGINS_ONLY="zeta") == {"core": LOADED, "acme": BLOCKED, "zeta": LOADED}


def test_block_outweighs_only(two: Site) -> None:
    chosen = states(two, TRX_PLUGINS_ONLY="acme,zeta", TRX_PLUGINS_BLOCK="zeta")
    assert chosen == {"core": LOADED, "acme": LOADED, "zeta": BLOCKED}


@pytest.mark.parametrize("name", ["core", "trx-core"])
def test_the_sdks_own_cannot_be_blocked_and_that_is_told(two: Site, name: str) -> None:
    registry = two.load(Selection.from_environ({"TRX_PLUGINS_BLOCK": f"{name},zeta"}))
    assert "plugins" in registry.commands
    assert [(one.name, one.state) for one in registry.plugins][::2] == [
        ("core", LOADED),
        ("zeta", BLOCKED),
    ]
    assert [str(one) for one in registry.warnings] == [
        "TRX-O112: TRX_PLUGINS_BLOCK names core of trx-core, which cannot be left out; it is "
        "loaded. Take it out of TRX_PLUGINS_BLOCK."
    ]


def test_a_blocked_plugin_is_not_imported(site: Site) -> None:
    site.install("acme", "raise SystemExit('imported')")
    assert states(site, TRX_PLUGINS_BLOCK="acme")["acme"] is BLOCKED


def test_a_variable_that_names_nothing_installed_is_told(two: Site) -> None:
    registry = two.load(Selection.from_environ({"TRX_PLUGINS_BLOCK": "acme,akme"}))
    assert [str(one) for one in registry.warnings] == [
        "TRX-O110: TRX_PLUGINS_BLOCK names akme, which is not installed. "
        "See `trx plugins list` for the names."
    ]


def test_metadata_that_cannot_be_read_harms_its_own_distribution_alone(two: Site) -> None:
    two.metadata("broken-dist", "2.0", "[trx]\nthis is no entry point\n")
    registry = two.load()
    assert {"ppo", "round-robin"} <= set(registry.algorithms)
    (troubled,) = registry.troubled
    assert troubled.state is PluginState.FAILED
    assert "'broken-dist' (broken-dist 2.0)" in str(troubled.error)


def test_the_first_of_two_installations_of_a_distribution_counts(
    two: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Site(tmp_path_factory.mktemp("older"))
    older.install("acme", ALGORITHM.format(name="ppo"), version="0.1.0")
    monkeypatch.syspath_prepend(older.folder)
    monkeypatch.syspath_prepend(two.folder)
    assert [one.version for one in two.candidates() if one.name == "acme"] == ["0.3.1"]


@pytest.mark.parametrize("metadata", [b"", b"Name: d\xffm\nVersion: 1\n"])
def test_a_distribution_with_damaged_metadata_is_called_by_its_folder(
    site: Site, metadata: bytes
) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    (folder,) = site.folder.glob("*.dist-info")
    (folder / "METADATA").write_bytes(metadata)
    site.installed.append("acme_router")
    site.install("zeta", ALGORITHM.format(name="behind"))
    registry = site.load()
    assert "behind" in registry.algorithms
    record = registry.plugin("acme") or registry.plugin("acme_router")
    assert record is not None
    assert record.distribution == "acme_router"
