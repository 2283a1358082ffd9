"""The Python worker: awaits a function for every attempt."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, ClassVar

from pydantic import Field

from trx_core import PermanentError, TransientError
from trx_core.errors import describe
from trx_core.models import ErrorKind, Outcome, Task, WorkerPool
from trx_workers.parameters import Parameters

__all__ = ["PythonParameters", "PythonWorker"]

Function = Callable[[Task, WorkerPool], Awaitable[Any]]


class PythonParameters(Parameters):
    """Parameters of a pool's worker.

    Attributes:
        call: the function, as ``package.module:function``.
        timeout: seconds that an attempt may take; then it is cancelled.
    """

    call: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$")
    timeout: float = Field(default=60.0, gt=0, le=86_400)


class PythonWorker:
    """Tasks are carried out by an asynchronous function of the runner's own process.

    It is called with the task and the pool. What it returns is the money that the attempt cost,
    ``None`` for the price of the pool (``task.cost · pool.cost_per_unit``), or a whole
    :class:`~trx_core.models.Outcome`. An exception fails the attempt: ``trx_core.PermanentError``
    for good, any other one transiently, ``trx_core.TransientError`` with a delay if it names one;
    taking longer than ``timeout`` fails it with the kind ``timeout``.

    The function shares an event loop with all real workers of the runner and must not block it:
    what computes belongs in ``asyncio.to_thread`` or in a process.

    Args:
        params: as in :class:`PythonParameters`, by name.

    Raises:
        ValueError: naming the parameter that is wrong: the function is not there, or is not
            asynchronous.
    """

    parameters: ClassVar[type[Parameters]] = PythonParameters

    def __init__(self, **params: Any) -> None:
        given = PythonParameters.parse(params)
        self._function = _found(given.call)
        self._timeout = given.timeout

    async def execute(self, task: Task, pool: WorkerPool) -> Outcome:
        """One attempt."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        limit = asyncio.timeout(self._timeout)
        try:
            async with limit:
                result = await self._function(task, pool)
        except PermanentError as error:
            return _failed(loop.time() - began, ErrorKind.PERMANENT, error)
        except TransientError as error:
            failed = _failed(loop.time() - began, ErrorKind.TRANSIENT, error)
            return failed._replace(retry_after=error.retry_after)
        except Exception as error:
            if limit.expired():
                detail = f"not done within {self._timeout:g} s"
                return Outcome(loop.time() - began, False, 0.0, ErrorKind.TIMEOUT, detail)
            return _failed(loop.time() - began, ErrorKind.TRANSIENT, error)
        if isinstance(result, Outcome):
            return result
        price = task.cost * pool.cost_per_unit
        return Outcome(loop.time() - began, True, price if result is None else result)


def _found(path: str) -> Function:
    module, _, name = path.partition(":")
    try:
        found: Any = import_module(module)
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"call: the module {module!r} cannot be imported: {describe(error)}"
        ) from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise ValueError(f"call: the module {module!r} has no {name!r}")
        found = getattr(found, part)
    if not _is_asynchronous(found):
        raise ValueError(f"call: {path!r} is not an asynchronous function (async def)")
    function: Function = found
    return function


def _is_asynchronous(found: Any) -> bool:
    called = getattr(found, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(found) or inspect.iscoroutinefunction(called)


def _failed(seconds: float, kind: ErrorKind, error: Exception) -> Outcome:
    said = " ".join(str(error).split())
    detail = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return Outcome(seconds, False, 0.0, kind, detail[:1000])
