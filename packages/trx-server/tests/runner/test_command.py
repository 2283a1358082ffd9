"""``trx runner`` as an operator stops it."""

from __future__ import annotations

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
