"""What the operator must mend: one clear sentence each, and nothing is changed or left running."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from trx_core.errors import OperatorError
from trx_server.embedded import EmbeddedServers
from trx_server.embedded.datadir import DataDir, open_data_dir

from .conftest import RunProgram
from .harness import needs_no_root, needs_root, processes_on, start_and_stop

Damage = Callable[[Path], object]


async def refusal(data_dir: Path, code: str) -> str:
    """What starting on ``data_dir`` is refused with; no process is left then."""
    with pytest.raises(OperatorError) as caught:
        await start_and_stop(data_dir)
    assert caught.value.code == code
    assert processes_on(data_dir) == []
    return str(caught.value)


async def test_a_data_directory_in_use_is_left_to_its_user(data_dir: Path) -> None:
    async with EmbeddedServers(data_dir, durable=False) as servers:
        running = servers.pids()
        with pytest.raises(OperatorError) as caught:
            await start_and_stop(data_dir)
        assert str(caught.value) == (
            f"TRX-O203: data directory {data_dir} is in use by process {os.getpid()}. "
            "Stop that process, or name another folder with --data-dir or TRX_DATA_DIR."
        )
        assert servers.pids() == running
    await start_and_stop(data_dir)


async def test_data_of_another_postgresql_is_not_touched(data_dir: Path) -> None:
    cluster = data_dir / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("15\n")
    said = await refusal(data_dir, "TRX-O205")
    assert re.search(r"holds data of PostgreSQL 15, and this .* has PostgreSQL \d\d\.", said)
    assert "pg_dumpall" in said
    assert os.listdir(cluster) == ["PG_VERSION"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda cluster: cluster.touch(), id="a file"),
        pytest.param(lambda cluster: cluster.mkdir(), id="an empty folder"),
        pytest.param(lambda cluster: (cluster / "PG_VERSION").mkdir(parents=True), id="a folder"),
        pytest.param(lambda cluster: _write(cluster / "PG_VERSION", b"\xff\x00"), id="rubbish"),
        pytest.param(lambda cluster: cluster.symlink_to("nowhere"), id="a dead link"),
    ],
)
async def test_what_is_no_cluster_is_not_replaced(data_dir: Path, damage: Damage) -> None:
    data_dir.mkdir()
    damage(data_dir / "postgres")
    said = await refusal(data_dir, "TRX-O205")
    assert f"{data_dir / 'postgres'} is not a whole PostgreSQL cluster" in said
    assert "Restore it from a backup, or move it away" in said
    assert os.path.lexists(data_dir / "postgres")


async def test_a_broken_cluster_is_reported_with_what_postgresql_says(data_dir: Path) -> None:
    await start_and_stop(data_dir)
    (data_dir / "postgres" / "global" / "pg_control").unlink()
    said = await refusal(data_dir, "TRX-O207")
    assert "postgres ended with exit code" in said
    assert "restore" in said
    assert re.search(r"last lines of .*postgres\.log:\n.*pg_control", said, re.DOTALL)


async def test_a_broken_append_only_file_is_reported_with_the_way_out(data_dir: Path) -> None:
    await start_and_stop(data_dir)
    (base,) = (data_dir / "valkey").rglob("*.base.*")
    base.write_bytes(b"REDIS-this it is not")
    said = await refusal(data_dir, "TRX-O207")
    assert f"move {data_dir / 'valkey'} away" in said
    shutil.rmtree(data_dir / "valkey")
    await start_and_stop(data_dir)


@pytest.mark.parametrize("name", ["", "logs", "valkey", "run", "trx.lock"])
async def test_a_file_or_link_in_the_place_of_our_own_is_named(data_dir: Path, name: str) -> None:
    target = data_dir.with_name("elsewhere")
    target.write_text("precious")
    if name:
        data_dir.mkdir()
    (data_dir / name).symlink_to(target)
    said = await refusal(data_dir, "TRX-O202")
    assert str(data_dir / name if name else target) in said
    assert target.read_text() == "precious"


async def test_a_data_directory_below_a_file_names_the_file(folder: Path) -> None:
    (folder / "file").touch()
    said = await refusal(folder / "file" / "a" / "b", "TRX-O202")
    assert f"{folder / 'file'} is not a folder" in said


@needs_no_root
async def test_a_data_directory_that_cannot_be_made_names_the_obstacle(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    said = await refusal(folder / "closed" / "a" / "b", "TRX-O202")
    assert f"{folder / 'closed' / 'a'}: Permission denied" in said


@needs_root
async def test_the_data_of_another_user_is_refused(data_dir: Path) -> None:
    await start_and_stop(data_dir)
    os.chown(data_dir / "valkey", 54321, 54321)
    assert "is not a folder of user id" in await refusal(data_dir, "TRX-O202")


@needs_root
async def test_a_parent_that_the_account_cannot_enter_is_named_and_left_alone(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    said = await refusal(closed / "data", "TRX-O204")
    assert f"that user cannot enter {closed}." in said
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
async def test_a_private_folder_with_other_things_in_it_is_not_opened(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "secret").touch()
    assert f"cannot enter {home}." in await refusal(home, "TRX-O204")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert os.listdir(home) == ["secret"]


@needs_root
def test_a_private_folder_of_our_own_lets_pass_but_not_look(folder: Path) -> None:
    ours = folder / "ours"
    ours.mkdir(mode=0o700)
    for _ in range(2):
        with open_data_dir(ours):
            assert stat.S_IMODE(ours.stat().st_mode) == 0o711
        ours.chmod(0o700)


@needs_root
def test_what_the_servers_run_as_owns_their_folders(folder: Path) -> None:
    def owners(data: DataDir) -> set[int]:
        return {path.stat().st_uid for path in (data.valkey, data.sockets)}

    with open_data_dir(folder / "new") as data:
        assert data.account is not None
        assert data.account.name in ("postgres", "nobody")
        assert owners(data) == {data.account.uid}
    kept = folder / "kept"
    (kept / "postgres").mkdir(parents=True)
    os.chown(kept / "postgres", 54321, 54321)
    with open_data_dir(kept) as data:
        assert owners(data) == {54321}


def test_a_root_that_may_not_change_users_says_so(run_program: RunProgram) -> None:
    wrapper = ("unshare", "--user", "--map-root-user", "--")
    if not _can_run(*wrapper, "true"):
        pytest.skip("this system makes no user namespaces")
    code, said = run_program(*wrapper).end()
    assert code == 1
    assert said.startswith("TRX-O204: PostgreSQL refuses to run as root, and this system does not")
    assert said.count("\n") == 1


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)


def _can_run(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
