"""The end of the process, though threads that plugins have left behind go on."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

from trx_core.cli.faults import warn
from trx_core.errors import PluginError

__all__ = ["end_in_time"]

GRACE: Final = 2.0
"""Seconds that threads have to end after the command."""


def end_in_time(code: int) -> None:
    """See to it that this process, which is about to end with ``code``, does end.

    Python waits for threads that are no daemons. Those that still run when their time is over are
    broken off with the process, and told; handlers of its exit do not run then.
    """
    threading.Thread(target=_watch, args=(code,), daemon=True).start()


def _watch(code: int) -> None:
    time.sleep(GRACE)
    left = [one.name for one in threading.enumerate() if not (one.daemon or _is_main(one))]
    if left:
        warn(str(_told(left)))
        os._exit(code)


def _is_main(thread: threading.Thread) -> bool:
    return thread is threading.main_thread()


def _told(names: list[str]) -> PluginError:
    return PluginError(
        f"threads still ran {GRACE:g} s after the command had ended, and were broken off: "
        f"{', '.join(map(repr, names))}.",
        code="TRX-P115",
        hint="A plugin makes its threads daemons, or ends them.",
    )
