"""Messages that cannot be read."""

from __future__ import annotations

from trx_server.store import Poison, bury_poison

from .harness import NOW, Ledger


async def test_a_queued_task_fails_with_the_message_that_names_it(ledger: Ledger) -> None:
    [task] = await ledger.accept()
    poison = Poison(task.id, {"task": "{broken"}, "message: not JSON")

    assert await bury_poison(ledger.pool, [poison], ledger.ids, NOW + 4) == {task.id}

    row = await ledger.row(task)
    assert (row["status"], row["completed_at"]) == ("failed", NOW + 4)
    assert await ledger.events(task) == ["enqueued", "dead_lettered"]
    letter = await ledger.pool.fetchrow("SELECT * FROM dead_letter")
    assert letter is not None
    assert (letter["task_id"], letter["reason"], letter["attempt"]) == (task.id, "poison", 0)
    assert (letter["raw"], letter["detail"]) == ({"task": "{broken"}, "message: not JSON")


async def test_others_are_kept_without_a_task(ledger: Ledger) -> None:
    [running] = await ledger.running()
    messages = [
        Poison(None, {"nonsense": "\0\ud800"}, "no id"),
        Poison(ledger.ids.one(NOW), {}, "unknown"),
        Poison(running.task.id, {}, "it runs"),
    ]

    assert await bury_poison(ledger.pool, messages, ledger.ids, NOW) == set()

    assert await ledger.count("dead_letter WHERE task_id IS NULL") == 3
    assert (await ledger.row(running.task))["status"] == "processing"
    assert await ledger.events(running.task) == ["enqueued", "dispatched"]


async def test_a_task_that_two_messages_name_fails_once(ledger: Ledger) -> None:
    [task] = await ledger.accept()

    await bury_poison(ledger.pool, [Poison(task.id, {}, "bad")] * 2, ledger.ids, NOW)

    assert await ledger.events(task) == ["enqueued", "dead_lettered"]
    assert await ledger.count("dead_letter") == 2
