"""``trx runner`` as an operator stops it."""

from __future__ import annotations

import os
import signal
import subprocess

import anyio
import pytest
from live_site import TRX_RUNNER, Site, environment, until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_start_that_hangs_can_be_broken_off(site: Site, number: signal.Signals) -> None:
    async def hangs() -> bool:
        return bool(
            await site.pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )

    async with site.pool.acquire() as locker, locker.transaction():
        await locker.execute("LOCK TABLE runner IN ACCESS EXCLUSIVE MODE")
        process = subprocess.Popen(
            TRX_RUNNER, env=environment(site.settings), stderr=subprocess.PIPE
        )
        try:
            await until(hangs)
            process.send_signal(number)
            _, said = await anyio.to_thread.run_sync(process.communicate)
        finally:
            process.kill()
            process.wait()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_what_runs_is_run_to_its_end(site: Site, number: signal.Signals) -> None:
    async with site.process() as process:
        tasks = await site.accept(30)
        await until(site.has_begun)
        process.send_signal(number)
        assert await anyio.to_thread.run_sync(process.wait) == 0
        assert "processing" not in await site.status()
    async with site.runner():
        await site.audit(tasks)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--database-url", "postgresql://u:p@127.0.0.1:1/x", "--redis-url", "unix:///nowhere"),
            "correct --database-url or TRX_DATABASE_URL",
        ),
        (("--redis-url", "redis://127.0.0.1:1"), "correct --redis-url or TRX_REDIS_URL"),
        (("--redis-url", "redis://127.0.0.1:x"), "Set --redis-url or TRX_REDIS_URL"),
    ],
)
def test_advice_names_the_option_and_the_variable(
    options: tuple[str, ...], said: str, migrated: str
) -> None:
    others = {name: value for name, value in os.environ.items() if not name.startswith("TRX_")}
    env = {**others, "TRX_DATABASE_URL": migrated}
    done = subprocess.run(
        [*TRX_RUNNER, *options], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
