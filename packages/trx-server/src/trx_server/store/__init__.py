"""The ledger of record in PostgreSQL: one function per statement or transaction, all in batches.

Every function takes a pool of :func:`open_pool` first. When the server fails it, it raises
``AdapterError`` ``TRX-A302``: either nothing has been written or everything has, and it may be
called again with the same arguments; a ``NothingWrittenError`` says that nothing has. Without our
tables it raises ``OperatorError`` ``TRX-O307``. Ids of log rows come from an ``IdFactory``, ``now``
is in seconds.
"""

from trx_server.store.claims import LeaseLostError, claim
from trx_server.store.config import get_setting, put_setting
from trx_server.store.connect import Pool, open_pool
from trx_server.store.dead_letters import Poison, bury_poison
from trx_server.store.failures import NothingWrittenError
from trx_server.store.fleet import load_fleet, record_loads, save_fleet, save_pool
from trx_server.store.logs import LogFilter, list_logs
from trx_server.store.outbox import (
    Unpublished,
    mark_published,
    take_unpublished,
    unpublish,
)
from trx_server.store.runners import (
    Rescue,
    held_slots,
    leave,
    live_runners,
    register,
    renew,
    rescue,
)
from trx_server.store.settlements import settle
from trx_server.store.simulations import (
    Simulation,
    SimulationState,
    add_disruptions,
    add_simulation,
    end_simulation,
    get_simulation,
    list_simulations,
    load_disruptions,
    note_progress,
    stop_simulation,
)
from trx_server.store.stats import Stats, read_stats
from trx_server.store.tasks import (
    CancelOutcome,
    TaskFilter,
    cancel_task,
    get_task,
    insert_tasks,
    list_tasks,
)
from trx_server.store.users import Role, User, add_user, count_users, find_user, set_password

__all__ = [
    "CancelOutcome",
    "LeaseLostError",
    "LogFilter",
    "NothingWrittenError",
    "Poison",
    "Pool",
    "Rescue",
    "Role",
    "Simulation",
    "SimulationState",
    "Stats",
    "TaskFilter",
    "Unpublished",
    "User",
    "add_disruptions",
    "add_simulation",
    "add_user",
    "bury_poison",
    "cancel_task",
    "claim",
    "count_users",
    "end_simulation",
    "find_user",
    "get_setting",
    "get_simulation",
    "get_task",
    "held_slots",
    "insert_tasks",
    "leave",
    "list_logs",
    "list_simulations",
    "list_tasks",
    "live_runners",
    "load_disruptions",
    "load_fleet",
    "mark_published",
    "note_progress",
    "open_pool",
    "put_setting",
    "read_stats",
    "record_loads",
    "register",
    "renew",
    "rescue",
    "save_fleet",
    "save_pool",
    "set_password",
    "settle",
    "stop_simulation",
    "take_unpublished",
    "unpublish",
]
