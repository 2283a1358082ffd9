"""What a plugin registers: lazy, comparable, and blamed by name."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path
from textwrap import dedent

import pytest

from trx_core.capabilities import AlgorithmCapabilities
from trx_core.errors import CallerError, PluginError
from trx_core.protocols import Order
from trx_core.specs import (
    AlgorithmSpec,
    CollectorSpec,
    CommandSpec,
    QueueSpec,
    ScenarioSpec,
    Spec,
    TraceReaderSpec,
    WorkerKindSpec,
)

MODULE = """
    from pydantic import BaseModel

    class Policy:
        def __init__(self, alpha=1):
            if alpha < 0:
                raise ValueError("alpha must not be negative")
            if alpha == 13:
                raise OSError("no weights file")
            self.alpha = alpha

    class Careless:
        def __init__(self):
            first, second = ()

    class Mistyped:
        def __init__(self, alpha=1):
            "alpha" + alpha

    class Exits(type):
        @property
        def __signature__(cls):
            raise SystemExit

    class Signless(Mistyped, metaclass=Exits):
        pass

    class Leaving:
        def __init__(self):
            raise SystemExit(4)

    class Interrupting:
        def __init__(self):
            raise KeyboardInterrupt

    class Needy:
        def __init__(self, alpha):
            pass

    class Model(BaseModel):
        alpha: int

    class Modelled:
        def __init__(self, **params):
            Model(**params)

    CONSTANT = 7
"""
KINDS = (
    AlgorithmSpec,
    CollectorSpec,
    CommandSpec,
    QueueSpec,
    ScenarioSpec,
    TraceReaderSpec,
    WorkerKindSpec,
)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with a module, and another that cannot be imported."""
    (tmp_path / "spec_acme.py").write_text(dedent(MODULE))
    (tmp_path / "spec_broken.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "spec_acme", raising=False)
    return tmp_path


def spec(target: str = "spec_acme:Policy", provider: str = "acme-router 0.3.1") -> AlgorithmSpec:
    return AlgorithmSpec(name="ppo", target=target, summary="Learns.", provider=provider)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_needs_a_name_a_target_and_a_summary(kind: type[Spec]) -> None:
    made = kind(name="a", target="m:a", summary="An a.")
    assert (made.name, made.target, made.summary, made.provider) == ("a", "m:a", "An a.", "")
    with pytest.raises(TypeError, match="summary"):
        kind(name="a", target="m:a")  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        made.name = "b"  # type: ignore[misc]


def test_a_spec_is_itself_whoever_provides_it() -> None:
    assert spec(provider="") == spec(provider="acme 1.0")
    assert spec(target="spec_acme:CONSTANT") != spec()


def test_the_usual_is_not_said() -> None:
    assert spec().order is Order.PRIORITY
    assert spec().capabilities == AlgorithmCapabilities()
    assert WorkerKindSpec(name="a", target="m:a", summary="").simulator


def test_a_label_names_the_provider_where_it_is_known() -> None:
    assert spec().label == "'ppo' (acme-router 0.3.1)"
    assert spec(provider="").label == "'ppo'"


def test_nothing_is_imported_before_it_is_asked_for(acme: Path) -> None:
    lazy = spec()
    assert "spec_acme" not in sys.modules
    assert lazy.load().__name__ == "Policy"
    assert "spec_acme" in sys.modules


def test_parameters_are_passed_on(acme: Path) -> None:
    assert spec().build().alpha == 1
    assert spec().build({"alpha": 5}).alpha == 5


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("spec_acme:Missing", "AttributeError"),
        ("spec_acme", "AttributeError"),
        ("spec_broken:Policy", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("nowhere.at_all:Policy", "ModuleNotFoundError"),
        (":Policy", "ValueError"),
        ("", "ValueError"),
    ],
)
def test_a_target_that_cannot_be_imported_is_blamed_on_its_provider(
    acme: Path, target: str, told: str
) -> None:
    with pytest.raises(PluginError) as blamed:
        spec(target).build()
    assert str(blamed.value).startswith("TRX-P110: 'ppo' (acme-router 0.3.1) cannot be imported")
    assert told in str(blamed.value)


@pytest.mark.parametrize(
    ("params", "told"),
    [({"beta": 1}, "beta"), ({"alpha": -1}, "alpha must not be negative"), ({"alpha": "x"}, "<")],
)
def test_parameters_that_it_does_not_take_are_the_callers_fault(
    acme: Path, params: dict[str, object], told: str
) -> None:
    with pytest.raises(CallerError, match=r"^TRX-C111: 'ppo'") as refused:
        spec().build(params)
    assert told in str(refused.value)
    assert "trx plugins show ppo" in str(refused.value)


def test_a_failure_of_its_own_is_its_own_fault(acme: Path) -> None:
    with pytest.raises(PluginError, match=r"^TRX-P111: 'ppo' .*OSError: no weights file"):
        spec().build({"alpha": 13})


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("Careless", "ValueError: not enough values to unpack"),
        ("Mistyped", "TypeError: can only concatenate str"),
        ("Leaving", "SystemExit: 4"),
        ("Interrupting", "KeyboardInterrupt"),
        ("Signless", "TypeError: can only concatenate str"),
        ("CONSTANT", "'spec_acme:CONSTANT' is of type int, and no class or function"),
    ],
)
def test_a_failure_without_any_parameters_is_its_own_fault(
    acme: Path, target: str, told: str
) -> None:
    with pytest.raises(PluginError, match=r"^TRX-P111: 'ppo' \(acme-router 0.3.1\)") as blamed:
        spec(f"spec_acme:{target}").build()
    assert told in str(blamed.value)


@pytest.mark.parametrize(
    ("target", "told"), [("Needy", "missing a required argument|'alpha'"), ("Modelled", "alpha")]
)
def test_parameters_that_are_missing_are_the_callers_fault(
    acme: Path, target: str, told: str
) -> None:
    with pytest.raises(CallerError, match=rf"(?s)^TRX-C111: 'ppo' .*({told})"):
        spec(f"spec_acme:{target}").build()


class NeverReady:
    def __init__(self) -> None:
        while True:
            pass


def test_what_never_gets_ready_is_blamed_in_another_thread_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRX_PLUGINS_PATIENCE", "0.1")
    spec = Spec(name="slow", target=f"{__name__}:NeverReady", summary="S.", provider="acme 1.0")
    with (
        ThreadPoolExecutor(1) as thread,
        pytest.raises(PluginError, match=r"^TRX-P111: 'slow' \(acme 1.0\) .*within 0\.1 s"),
    ):
        thread.submit(spec.build).result()
