"""Wheels of our packages, built once, and an environment that holds them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fresh import ROOT, SERVICE, Environment, build_wheels


@pytest.fixture(scope="session")
def service_wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of everything but the dashboard."""
    folder = tmp_path_factory.mktemp("wheels")
    return build_wheels([ROOT / "packages" / name for name in SERVICE], folder)


@pytest.fixture(scope="session")
def environment(
    service_wheels: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """A fresh one with our wheels in it."""
    made = Environment(tmp_path_factory.mktemp("environment") / "venv")
    made.install(*service_wheels)
    return made
