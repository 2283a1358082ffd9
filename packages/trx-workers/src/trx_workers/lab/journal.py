"""What a sweep has found so far, in a folder, so that it may be interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from trx_core.errors import CallerError
from trx_workers.files import replaced
from trx_workers.lab.account import Account

__all__ = ["Journal", "Kept"]

GRID: Final = "grid.json"


class Kept(NamedTuple):
    """What is kept of a run.

    Attributes:
        measures: its numbers.
        account: who decided, and what was left.
        origins: what it depended on, as :func:`~trx_workers.lab.origins.origins_of` tells it.
    """

    measures: Mapping[str, float]
    account: Account
    origins: Mapping[str, str]

    def outdated(self, origins: Mapping[str, str]) -> list[str]:
        """What has changed since, by name; empty if it is still what would be found."""
        names = self.origins.keys() | origins.keys()
        return sorted(name for name in names if self.origins.get(name) != origins.get(name))


class Journal:
    """A file per run that is done, written whole or not at all; and one that tells the grid.

    Args:
        folder: made if it is not there.
        grid: what is swept, as a JSON object.

    Raises:
        CallerError: ``TRX-C157``, the folder is the journal of another grid; ``TRX-C155``, it
            cannot be written.
    """

    def __init__(self, folder: Path, grid: Mapping[str, Any]) -> None:
        self.folder = folder
        wanted = json.loads(json.dumps(grid, default=str))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            known = folder / GRID
            if not known.exists():
                replaced(known, json.dumps(wanted, indent=2))
            found = json.loads(known.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CallerError(
                f"{str(folder)!r} cannot be a journal: {error}.",
                code="TRX-C155",
                hint="Name another folder.",
            ) from None
        changed = sorted(name for name in wanted if found.get(name) != wanted[name])
        if changed or found.keys() != wanted.keys():
            raise CallerError(
                f"{str(folder)!r} is the journal of another grid: it differs in "
                f"{', '.join(changed) or 'its fields'}.",
                code="TRX-C157",
                hint="Name another --journal, or remove this one.",
            )

    def read(self, keys: Iterable[str]) -> dict[str, Kept]:
        """The runs that are done, by key; a damaged file counts as not done."""
        found: dict[str, Kept] = {}
        for key in keys:
            try:
                told = json.loads(self._file(key).read_text(encoding="utf-8"))
                account = Account.from_dict(told["account"])
                found[key] = Kept(told["measures"], account, dict(told["origins"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return found

    def write(self, key: str, seed: int, setting: Mapping[str, Any], kept: Kept) -> None:
        """Note that a run is done."""
        entry = {
            "setting": dict(setting),
            "seed": seed,
            "measures": dict(kept.measures),
            "account": kept.account.to_dict(),
            "origins": dict(kept.origins),
        }
        replaced(self._file(key), json.dumps(entry, default=str))

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"
