"""Submits tasks to a running service, watches them to their end, and tells one task's story.

Run the service, ``trx up``, and then, with the password that it printed::

    TRX_PASSWORD=... python examples/submit_and_watch.py http://127.0.0.1:8080

It needs trx-server, of which it uses the client alone.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from uuid import UUID

import anyio

from trx_core.models import TaskRequest
from trx_server.client import Client

TASKS = [
    TaskRequest(type="web", priority=1 + number % 10, cost=0.5, region="eu-west")
    for number in range(30)
]


async def main(url: str, password: str) -> None:
    """Submit, watch, tell."""
    async with Client(url, "admin", password) as client:
        ids = await client.submit(TASKS)
        print(f"submitted {len(ids)} tasks")
        await watch(client, ids)
        for entry in (await client.logs(task_id=str(ids[0]))).items:
            told = {
                key: entry.details[key] for key in ("pool", "algorithm") if key in entry.details
            }
            print(f"{entry.timestamp:.3f}  {entry.event_type:10} {told or ''}")


async def watch(client: Client, ids: list[UUID]) -> None:
    """Print how many tasks have which status, until each of them has ended."""
    before: Counter[str] = Counter()
    while True:
        tasks = [await client.task(one) for one in ids]
        now = Counter(task.status.value for task in tasks)
        if now != before:
            print(", ".join(f"{count} {status}" for status, count in sorted(now.items())))
        if all(task.status.ended for task in tasks):
            return
        before = now
        await anyio.sleep(0.2)


if __name__ == "__main__":
    where = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
    anyio.run(main, where, os.environ["TRX_PASSWORD"])
