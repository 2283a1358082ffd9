"""Looking up what plugins offer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pluggy
import pytest
from throwaway import ALGORITHM, Site

from trx_core import builtin, hookimpl, hookspecs
from trx_core.errors import CallerError, PluginError
from trx_core.plugins import HOOKS, Registry, load_plugins, registry_of
from trx_core.specs import (
    AlgorithmSpec,
    CollectorSpec,
    CommandSpec,
    FleetReaderSpec,
    QueueSpec,
    ScenarioSpec,
    Spec,
    TraceReaderSpec,
    WorkerKindSpec,
)

LOOKUPS = {
    AlgorithmSpec: ("algorithms", Registry.algorithm),
    QueueSpec: ("queues", Registry.queue),
    WorkerKindSpec: ("workers", Registry.worker),
    CollectorSpec: ("collectors", Registry.collector),
    ScenarioSpec: ("scenarios", Registry.scenario),
    TraceReaderSpec: ("trace_readers", Registry.trace_reader),
    FleetReaderSpec: ("fleet_readers", Registry.fleet_reader),
    CommandSpec: ("commands", Registry.command),
}


def offering(*specs: Spec) -> Registry:
    plugin = SimpleNamespace()
    for hook in HOOKS:
        setattr(plugin, hook.name, hookimpl(_returning([s for s in specs if type(s) is hook.spec])))
    return registry_of({"acme": plugin})


def _returning(specs: list[Spec]) -> Callable[[], list[Spec]]:
    def implementation() -> list[Spec]:
        return specs

    return implementation


def test_every_hook_is_in_the_table() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    assert {hook.name for hook in HOOKS} == {name for name in vars(manager.hook) if name[0] != "_"}


@pytest.mark.parametrize("kind", LOOKUPS, ids=lambda kind: kind.__name__)
def test_a_spec_of_each_hook_is_found_by_name(kind: type[Spec]) -> None:
    registry = offering(kind(name="one", target="m:a", summary="One."))
    plural, look_up = LOOKUPS[kind]
    spec = getattr(registry, plural)["one"]
    assert look_up(registry, "one") is spec
    assert registry.provider(spec).name == "acme"
    assert [offer.hook.plural for offer in registry.offers] == [plural]
    with pytest.raises(CallerError, match=r"TRX-C120: there is no .+ 'two'\."):
        look_up(registry, "two")


def test_an_unknown_name_is_answered_with_near_ones_and_what_there_is() -> None:
    registry = offering(
        AlgorithmSpec(name="greedy", target="m:a", summary="Greedy."),
        AlgorithmSpec(name="fifo", target="m:b", summary="First in."),
    )
    with pytest.raises(CallerError) as caught:
        registry.algorithm("gredy")
    assert str(caught.value) == (
        "TRX-C120: there is no algorithm 'gredy'. Did you mean 'greedy'? There is: fifo, greedy."
    )


def test_an_unknown_name_is_told_when_nothing_is_installed() -> None:
    with pytest.raises(CallerError, match="None is installed"):
        registry_of({}).scenario("rush-hour")


def test_an_unknown_name_hints_at_plugins_that_failed(site: Site) -> None:
    site.install("acme", "import no_such_module")
    with pytest.raises(CallerError, match="Some plugins are not in use"):
        site.load().algorithm("ppo")


def test_a_spec_names_its_distribution_when_its_target_cannot_be_imported(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    with pytest.raises(PluginError, match=r"TRX-P110: 'ppo' \(acme-router 0\.3\.1\)"):
        site.load().algorithm("ppo").build()


def test_listing_imports_no_target(site: Site) -> None:
    site.module("heavy", "")
    source = ALGORITHM.format(name="ppo").replace("nowhere.at_all:Policy", "heavy:Policy")
    site.install("acme", source)
    registry = site.load()
    assert registry.algorithm("ppo").target == "heavy:Policy"
    assert "heavy" not in sys.modules


def test_the_mappings_cannot_be_changed() -> None:
    registry = registry_of({"core": builtin})
    with pytest.raises(TypeError):
        registry.queues["memory"] = None  # type: ignore[index]


def test_the_sdk_offers_a_queue_and_its_command_and_both_can_be_imported() -> None:
    registry = registry_of({"core": builtin})
    assert not registry.troubled
    for offer in registry.offers:
        assert offer.spec.load() is not None


def test_plugins_are_loaded_once_per_process() -> None:
    assert load_plugins() is load_plugins()
