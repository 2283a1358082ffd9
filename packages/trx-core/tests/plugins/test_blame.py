"""A plugin that breaks something is blamed by name, and harms nobody else."""

from __future__ import annotations

import signal
from itertools import count
from typing import Any

import pytest
from throwaway import ALGORITHM, Site

from trx_core import hookimpl
from trx_core.errors import PluginError
from trx_core.plugins import PluginRecord, PluginState, registry_of
from trx_core.specs import AlgorithmSpec, QueueSpec

pytestmark = pytest.mark.usefixtures("usual_interrupts")


SPEC = "from trx_core import hookimpl\nfrom trx_core.specs import AlgorithmSpec, QueueSpec\n"
WHO = "'acme' (acme-router 0.3.1)"

BROKEN = {
    "import fails": ("import no_such_module", "TRX-P120"),
    "import exits": ("raise SystemExit(3)", "TRX-P120"),
    "import raises no Exception": ("class B(BaseException): pass\nraise B('boo')", "TRX-P120"),
    "message raises": (
        "class B(Exception):\n    def __str__(self): raise ValueError\nraise B",
        "TRX-P120",
    ),
    "attributes raise": ("def __getattr__(name): raise ImportError(name)", "TRX-P122"),
    "not Python": ("def (", "TRX-P120"),
    "newer API": ("trx_api_version = 2", "TRX-P121"),
    "older API": ("trx_api_version = 0", "TRX-P121"),
    "no version": ("trx_api_version = 'one'", "TRX-P121"),
    "truth is no version": ("trx_api_version = True", "TRX-P121"),
    "coroutine": ("@hookimpl\nasync def trx_register_queues(): return []", "TRX-P122"),
    "async generator": ("@hookimpl\nasync def trx_register_queues(): yield 1", "TRX-P122"),
    "misspelt": ("@hookimpl\ndef trx_register_algoritms(): return []", "TRX-P122"),
    "unmarked": ("def trx_register_algorithms(): return []", "TRX-P122"),
    "list for a hook": ("trx_register_algorithms = []", "TRX-P122"),
    "nothing for a hook": ("trx_register_algorithms = None", "TRX-P122"),
    "wrapper": ("@hookimpl(wrapper=True)\ndef trx_register_queues(): return (yield)", "TRX-P122"),
    "old wrapper": ("@hookimpl(hookwrapper=True)\ndef trx_register_queues(): yield", "TRX-P122"),
    "two for one hook": (
        "@hookimpl\ndef trx_register_queues(): return []\n"
        "@hookimpl(specname='trx_register_queues')\ndef more_queues(): return []",
        "TRX-P122",
    ),
    "argument": ("@hookimpl\ndef trx_register_queues(config): return []", "TRX-P122"),
    "hook raises": ("@hookimpl\ndef trx_register_queues(): return 1 / 0", "TRX-P123"),
    "hook exits": ("@hookimpl\ndef trx_register_queues(): raise SystemExit", "TRX-P123"),
    "import raises an interrupt": ("raise KeyboardInterrupt", "TRX-P120"),
    "attributes interrupt": ("def __getattr__(name): raise KeyboardInterrupt", "TRX-P122"),
    "hook interrupts": (
        "@hookimpl\ndef trx_register_queues(): raise KeyboardInterrupt",
        "TRX-P123",
    ),
    "hook is cancelled": (
        "import asyncio\n@hookimpl\ndef trx_register_queues(): raise asyncio.CancelledError",
        "TRX-P123",
    ),
    "list that raises": (
        "class L(list):\n    def __iter__(self): raise GeneratorExit\n"
        "@hookimpl\ndef trx_register_queues(): return L()",
        "TRX-P122",
    ),
    "spec without its fields": (
        "class S(QueueSpec):\n    def __init__(self): pass\n"
        "@hookimpl\ndef trx_register_queues(): return [S()]",
        "TRX-P122",
    ),
    "no capabilities": (
        "@hookimpl\ndef trx_register_queues():\n    return [QueueSpec(name='q', target='m:a', "
        "summary='A queue.', capabilities=None)]",
        "TRX-P124",
    ),
    "no order": (
        "@hookimpl\ndef trx_register_algorithms():\n    return [AlgorithmSpec(name='a', "
        "target='m:a', summary='An algorithm.', order='arrival')]",
        "TRX-P124",
    ),
    "nothing": ("@hookimpl\ndef trx_register_queues(): pass", "TRX-P124"),
    "one spec, no list": (
        "@hookimpl\ndef trx_register_queues():\n"
        "    return QueueSpec(name='q', target='m:a', summary='A queue.')",
        "TRX-P124",
    ),
    "strings": ("@hookimpl\ndef trx_register_queues(): return ['memory']", "TRX-P124"),
    "other hook's spec": (
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [AlgorithmSpec(name='a', target='m:a', summary='An algorithm.')]",
        "TRX-P124",
    ),
    "no name": (
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name='two words', target='m:a', summary='A queue.')]",
        "TRX-P124",
    ),
    "no target": (
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name='q', target='module.Class', summary='A queue.')]",
        "TRX-P124",
    ),
    "a name that cannot be hashed": (
        "class S(str):\n    def __hash__(self): raise RuntimeError\n"
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name=S('q'), target='m:a', summary='A queue.')]",
        "TRX-P124",
    ),
    "a name that exits when it is compared": (
        "class S(str):\n    __hash__ = str.__hash__\n    def __eq__(self, one): raise SystemExit\n"
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name=S('memory'), target='m:a', summary='A queue.')]",
        "TRX-P124",
    ),
    "a target with a mind of its own": (
        "class S(str):\n    def partition(self, by): raise SystemExit\n"
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name='q', target=S('m:a'), summary='A queue.')]",
        "TRX-P124",
    ),
    "a summary that exits when it is shown": (
        "class S(str):\n    def __str__(self): raise SystemExit(4)\n    translate = __str__\n"
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name='q', target='m:a', summary=S('A queue.'))]",
        "TRX-P124",
    ),
    "a summary of two lines": (
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name='q', target='m:a', summary='A\\rqueue.')]",
        "TRX-P124",
    ),
    "a field that raises": (
        "class S(QueueSpec):\n    summary = property(lambda self: 1 / 0)\n"
        "    def __init__(self): pass\n"
        "@hookimpl\ndef trx_register_queues(): return [S()]",
        "TRX-P122",
    ),
    "capabilities of other types": (
        "from trx_core.capabilities import QueueCapabilities\n"
        "@hookimpl\ndef trx_register_queues():\n    return [QueueSpec(name='q', target='m:a', "
        "summary='A queue.', capabilities=QueueCapabilities(lanes='yes'))]",
        "TRX-P124",
    ),
    "loads plugins when imported": (
        "from trx_core.plugins import load_plugins\nload_plugins.cache_clear()\nload_plugins()",
        "TRX-P120",
    ),
    "loads plugins in its hook": (
        "from trx_core.plugins import load_plugins\nload_plugins.cache_clear()\n"
        "@hookimpl\ndef trx_register_queues(): return [] if load_plugins() else []",
        "TRX-P123",
    ),
    "no summary": (
        "@hookimpl\ndef trx_register_queues():\n"
        "    return [QueueSpec(name='q', target='m:a', summary='')]",
        "TRX-P124",
    ),
}


class Shifty(QueueSpec):
    """Offers another name each time that it is asked."""

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return f"{value}-{next(NUMBERS)}" if name == "name" else value


NUMBERS = count(1)


@pytest.mark.parametrize("fixture", ["loads plugins when imported", "loads plugins in its hook"])
def test_one_that_loads_plugins_while_it_is_loaded_is_told_when_to(
    site: Site, fixture: str
) -> None:
    error = acme(site, BROKEN[fixture][0]).error
    assert "TRX-P127" in str(error) and "A plugin calls it when what it offers is made" in str(
        error
    )


def test_a_spec_is_what_it_was_when_it_was_checked() -> None:
    class Plugin:
        @hookimpl
        def trx_register_queues(self) -> list[QueueSpec]:
            return [Shifty(name="q", target="m:a", summary="A queue.")]

    registry = registry_of({"shifty": Plugin()})
    ((name, spec),) = registry.queues.items()
    assert (type(spec), spec.name) == (QueueSpec, name)


def acme(site: Site, source: str) -> PluginRecord:
    site.install("acme", SPEC + source)
    record = site.load().plugin("acme")
    assert record is not None
    return record


@pytest.mark.parametrize(
    "source", ["{}", "@hookimpl\ndef trx_register_queues(): {}"], ids=["import", "hook"]
)
def test_an_interrupt_by_the_user_is_not_blamed_on_the_plugin(site: Site, source: str) -> None:
    sent = source.format("__import__('signal').raise_signal(2)")
    with pytest.raises(KeyboardInterrupt):
        acme(site, sent)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("raise KeyboardInterrupt", "TRX-P110"),
        ("def Made(): raise KeyboardInterrupt", "TRX-P111"),
    ],
)
def test_an_offer_that_raises_an_interrupt_is_blamed(site: Site, source: str, code: str) -> None:
    site.module("acme_made", source)
    spec = AlgorithmSpec(name="made", target="acme_made:Made", summary="Is made.")
    with pytest.raises(PluginError, match=f"{code}: 'made'.*KeyboardInterrupt"):
        spec.build()


@pytest.mark.parametrize(("source", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_named_and_the_others_load(site: Site, source: str, code: str) -> None:
    site.install("aaa", ALGORITHM.format(name="before"))
    site.install("zeta", ALGORITHM.format(name="behind"))
    site.install("acme", SPEC + source)
    registry = site.load()
    assert list(registry.algorithms) == ["before", "behind"]
    assert list(registry.queues) == ["memory"]
    (record,) = registry.troubled
    incompatible = code == "TRX-P121"
    assert record.state is (PluginState.INCOMPATIBLE if incompatible else PluginState.FAILED)
    assert record.error is not None
    assert (record.error.code, WHO in str(record.error)) == (code, True)


@pytest.mark.parametrize("plugin", [None, 5, [], ALGORITHM])
def test_what_is_no_module_and_has_no_hooks_is_no_plugin(plugin: object) -> None:
    (record,) = registry_of({"acme": plugin}).troubled
    assert record.state is PluginState.FAILED
    assert f"it is a {type(plugin).__name__} without hooks" in str(record.error)


def test_everything_wrong_with_the_hooks_is_told_at_once(site: Site) -> None:
    record = acme(
        site,
        "@hookimpl\ndef trx_register_algoritms(): return []\n"
        "@hookimpl\nasync def trx_register_queues(): return []\n",
    )
    assert "did you mean 'trx_register_algorithms'?" in str(record.error)
    assert "'trx_register_queues' is a coroutine" in str(record.error)


def test_two_functions_for_one_hook_are_both_named(site: Site) -> None:
    record = acme(
        site,
        "@hookimpl\ndef trx_register_queues(): return []\n"
        "@hookimpl(specname='trx_register_queues')\ndef more_queues(): return []\n",
    )
    assert (
        "'trx_register_queues' has 2 implementations (more_queues, trx_register_queues)"
    ) in str(record.error)


def test_what_a_half_broken_plugin_offers_is_not_taken(site: Site) -> None:
    source = ALGORITHM.format(name="ppo")
    site.install("acme", f"{source}\n    @hookimpl\n    def trx_register_queues(): return 7\n")
    registry = site.load()
    assert registry.troubled
    assert not registry.algorithms


def test_the_traceback_of_the_cause_is_kept(site: Site) -> None:
    record = acme(site, "def deep(): raise LookupError('lost')\ndeep()")
    assert "acme_router_plugin.py" in record.traceback()
    assert "LookupError: lost" in record.traceback()


def test_an_optional_hook_that_we_do_not_have_is_no_fault(site: Site) -> None:
    record = acme(site, "@hookimpl(optionalhook=True)\ndef trx_register_moons(): return []")
    assert (record.state, record.hooks) == (PluginState.LOADED, ())


def test_our_own_api_version_is_compatible(site: Site) -> None:
    assert acme(site, "trx_api_version = 1").state is PluginState.LOADED


def test_a_second_spec_of_a_name_is_refused_and_both_plugins_are_named(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    site.install("zeta", ALGORITHM.format(name="ppo"), version="2.0")
    registry = site.load()
    assert registry.provider(registry.algorithm("ppo")).name == "acme"
    (record,) = registry.troubled
    assert (record.name, record.state, record.error) == ("zeta", PluginState.LOADED, None)
    (refusal,) = record.refused
    assert refusal.code == "TRX-P125"
    assert "'zeta' (zeta-router 2.0)" in str(refusal)
    assert WHO in str(refusal)


def test_what_else_the_second_plugin_offers_is_taken(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    more = "AlgorithmSpec(name='own', target='m:a', summary='Its own.')"
    site.install("zeta", ALGORITHM.format(name="ppo").replace("[Algo", f"[{more}, Algo"))
    assert set(site.load().algorithms) == {"ppo", "own"}


def test_a_name_that_one_plugin_offers_twice_is_refused_once(site: Site) -> None:
    source = ALGORITHM.format(name="ppo").replace("[Algo", "2 * [Algo")
    site.install("acme", source)
    registry = site.load()
    assert list(registry.algorithms) == ["ppo"]
    assert [len(record.refused) for record in registry.troubled] == [1]


def test_one_name_may_stand_for_things_of_different_hooks(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="memory"))
    registry = site.load()
    assert not registry.troubled
    assert [offer.hook.plural for offer in registry.find("memory")] == ["queues", "algorithms"]


def test_two_distributions_with_a_plugin_of_one_name_are_both_named(site: Site) -> None:
    site.install("acme", ALGORITHM.format(name="ppo"))
    site.install("acme", ALGORITHM.format(name="sac"), distribution="zeta-router")
    registry = site.load()
    assert list(registry.algorithms) == ["ppo"]
    (record,) = registry.troubled
    assert record.error is not None
    assert record.error.code == "TRX-P126"
    assert WHO in str(record.error)
    assert "'acme' (zeta-router 0.3.1)" in str(record.error)


def test_what_would_steer_a_terminal_is_written_out(site: Site) -> None:
    record = acme(site, r"raise RuntimeError('\x1b[31mred\x1b]0;title\x07')")
    assert r"RuntimeError: \x1b[31mred\x1b]0;title\x07." in str(record.error)
