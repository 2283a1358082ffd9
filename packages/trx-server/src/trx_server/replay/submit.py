"""Batches to the API: sent again when that is safe, cut down when a row of them is refused."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from trx_core.protocols import Arrival, BadRow
from trx_core.traffic import Faults
from trx_server.client import AnswerLost, Client, NotAccepted, Refused, ServerAway
from trx_server.replay.patience import patiently

__all__ = ["Submitter"]

SPLITTABLE: Final = frozenset({413, 422})


class Submitter:
    """Submits arrivals, and remembers what became of them.

    A batch is sent again only when it surely was not stored. When its fate is not known, it is
    counted as ``uncertain`` instead: sent twice, its tasks might run twice.

    Args:
        client: of the API.
        patience: seconds for which a server that takes nothing is asked again.
    """

    def __init__(self, client: Client, patience: float) -> None:
        self._client = client
        self._patience = patience
        self.accepted: set[UUID] = set()
        self.refused = Faults()
        self.uncertain = 0
        self.last_loss: str | None = None

    async def submit(self, arrivals: Sequence[Arrival]) -> None:
        """Submit a batch.

        Raises:
            NotAccepted: the server took nothing for as long as ``patience``.
            Refused: for a reason that lies in none of the rows.
            AdapterError: the server is none of ours.
        """
        waiting = [arrivals]
        while waiting:
            batch = waiting.pop()
            try:
                self.accepted.update(await self._send(batch))
            except Refused as error:
                waiting += self._remedy(batch, error)
            except (AnswerLost, ServerAway) as error:
                self.uncertain += len(batch)
                self.last_loss = str(error)

    async def _send(self, batch: Sequence[Arrival]) -> list[UUID]:
        requests = [arrival.request for arrival in batch]
        return await patiently(
            partial(self._client.submit, requests),
            self._patience,
            lambda error: isinstance(error, NotAccepted),
        )

    def _remedy(self, batch: Sequence[Arrival], error: Refused) -> list[Sequence[Arrival]]:
        """What to send instead of a batch that was refused whole."""
        errors = [e for e in error.errors if e.row is not None and e.row < len(batch)]
        faults = {e.row: e for e in reversed(errors)}
        if faults:
            for row, arrival in enumerate(batch):
                if fault := faults.get(row):
                    reason = f"{fault.field}: {fault.message}" if fault.field else fault.message
                    self.refused.add(BadRow(arrival.line, reason))
            rest = [arrival for row, arrival in enumerate(batch) if row not in faults]
            return [rest] if rest else []
        if error.status not in SPLITTABLE:
            raise error
        if len(batch) == 1:
            self.refused.add(BadRow(batch[0].line, error.message))
            return []
        half = len(batch) // 2
        return [batch[half:], batch[:half]]
