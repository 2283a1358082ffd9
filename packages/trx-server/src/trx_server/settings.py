"""The configuration of the service: environment variables that start with ``TRX_``."""

from __future__ import annotations

import difflib
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from trx_core.cli import split_named
from trx_core.errors import OperatorError
from trx_core.models.task import Name
from trx_core.policy import BreakerPolicy, RetryPolicy
from trx_core.routing import Objective

__all__ = [
    "Settings",
    "Urls",
    "load_settings",
    "required_urls",
    "transport_of",
    "unknown_variables",
    "urls_of",
]

logger = logging.getLogger(__name__)

PREFIX: Final = "TRX_"
SHORTEST_SECRET: Final = 32
FOR_OTHERS: Final = ("TRX_TEST_", "TRX_SECRET_")
"""How variables begin that tests or worker kinds read."""

READ_ELSEWHERE: Final = frozenset(
    {
        "TRX_CACHE_DIR",
        "TRX_PASSWORD",
        "TRX_PLUGINS_BLOCK",
        "TRX_PLUGINS_ONLY",
        "TRX_PLUGINS_PATIENCE",
        "TRX_TRACEBACK",
    }
)
DATABASE_SCHEMES: Final = ("postgresql", "postgres")
REDIS_SCHEMES: Final = ("redis", "rediss", "unix")


def _database_url(url: str) -> str:
    return _with_scheme(url, DATABASE_SCHEMES)


def _redis_url(url: str) -> str:
    return _with_scheme(url, REDIS_SCHEMES)


def _any_url(url: str) -> str:
    if not urlsplit(url).scheme or "://" not in url:
        raise ValueError("must be a URL, SCHEME://…")
    return url


def _with_scheme(url: str, schemes: tuple[str, ...]) -> str:
    if urlsplit(url).scheme not in schemes:
        raise ValueError(f"must be a URL that starts with {'://, '.join(schemes)}://")
    return url


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
        raise ValueError(f"must hold at least {SHORTEST_SECRET} bytes (RFC 7518, section 3.2)")
    return secret


def _names(value: Any) -> Any:
    return split_named(value) if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """Every setting, with its unit, range and default.

    A setting ``x`` is read from ``TRX_X``, a part of a nested one from ``TRX_X__PART``.

    Attributes:
        database_url: PostgreSQL 15 or later; ``None``: ``trx up`` runs one of its own.
        redis_url: Redis 7.0 or later, or Valkey; ``None``: ``trx up`` runs one of its own.
        queue_url: the task queue, by the scheme of a queue that a plugin offers; ``None``: Redis
            streams on ``redis_url``, which keeps the ledger of slots in any case.
        data_dir: where the servers of ``trx up`` keep their data.
        host: address that the API, and a runner's metrics, are served on.
        port: its TCP port, 0 to 65535; 0 takes a free one.
        metrics_port: TCP port of a runner's metrics, on the same address; ``None``: it serves
            none; 0 takes a free one, which the log names. ``trx up`` gives its first runner this
            one, and the next ones those that follow.
        jwt_secret: key that access tokens are signed with, at least 32 bytes.
        token_minutes: how long an access token is good for.
        max_body_bytes: largest body of a request.
        max_batch: most tasks in one request.
        max_waiting: most tasks that wait to be written; further ones are answered 503.
        partitions: parts of the queue, at least 1; every process must have the same number.
        namespace: start of every key in Redis.
        algorithm: who decides until the first switch.
        collectors: metric collectors that a runner feeds the schedule log to, separated by
            commas: ``NAME`` or ``NAME:param=value,param=value``.
        window: most undecided tasks that a runner holds.
        min_interval: seconds between two decision rounds at least.
        decision_budget: seconds that an algorithm may take.
        lease_seconds: a runner that is silent for so long is taken for dead.
        retry: when a failed task is tried again.
        breaker: when a failing pool is left alone.
        objective: weights of what a decision costs.
        seed: of every random number that a run depends on.
        time_scale: simulated service runs so many times faster than the clock.
        log_level: least severity that is logged.
        log_json: one JSON object a line; ``False``: text for people.
        db_pool_size: connections to PostgreSQL that a process holds at most.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    database_url: Annotated[str, AfterValidator(_database_url)] | None = None
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = None
    queue_url: Annotated[str, AfterValidator(_any_url)] | None = None
    data_dir: Path | None = None
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    jwt_secret: Annotated[SecretStr, AfterValidator(_long_enough)] | None = None
    token_minutes: float = Field(default=60, gt=0, le=60 * 24 * 366)
    max_body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024)
    max_batch: int = Field(default=10_000, ge=1, le=100_000)
    max_waiting: int = Field(default=100_000, ge=1)
    partitions: int = Field(default=1, ge=1, le=1024)
    namespace: str = Field(default="trx", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    algorithm: Name = "greedy"
    collectors: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = ()
    window: int = Field(default=1000, ge=1, le=100_000)
    min_interval: float = Field(default=0.01, ge=0, le=60)
    decision_budget: float = Field(default=0.25, gt=0, le=60)
    lease_seconds: float = Field(default=6.0, ge=0.5, le=3600)
    retry: RetryPolicy = RetryPolicy()
    breaker: BreakerPolicy = BreakerPolicy()
    objective: Objective = Objective()
    seed: int = 0
    time_scale: float = Field(default=1.0, gt=0)
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = "INFO"
    log_json: bool = True
    db_pool_size: int = Field(default=10, ge=2, le=1000)


class Urls(NamedTuple):
    """Where the servers are: the ledger of record, the ledger of slots, and the task queue."""

    database: str
    redis: str
    queue: str


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment; ``overrides`` that are not ``None`` go before it.

    Raises:
        OperatorError: ``TRX-O101``, a value is wrong; it names the variable.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    for variable, advice in unknown_variables(os.environ).items():
        logger.warning(
            "the environment variable %s is not a setting and is ignored.%s", variable, advice
        )
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(_wrong(item, given) for item in error.errors())
    except SettingsError as error:
        wrong = f"{_unparsed(error)}: must be a JSON object"
    raise OperatorError(
        f"the configuration is wrong: {wrong}.",
        code="TRX-O101",
        hint="Correct it, or leave it out to get the default.",
    ) from None


def _wrong(item: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """What is wrong, by the name of the option or of the environment variable at fault."""
    place = item["loc"]
    option = f"--{str(place[0]).replace('_', '-')}" if place and place[0] in given else None
    return f"{option or _variable(place)}: {item['msg'].removeprefix('Value error, ')}"


def unknown_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables ``TRX_…`` that nobody reads, each with a suggestion or ``""``."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | READ_ELSEWHERE
    unknown = {}
    for variable in sorted(environ):
        ours = variable.startswith(PREFIX) and not variable.startswith(FOR_OTHERS)
        if ours and variable.partition("__")[0] not in known:
            close = difflib.get_close_matches(variable, known, n=1)
            unknown[variable] = f" Did you mean {close[0]}?" if close else ""
    return unknown


def required_urls(settings: Settings) -> Urls:
    """The URLs of both servers.

    Raises:
        OperatorError: ``TRX-O102``, one is missing.
    """
    urls = {"TRX_DATABASE_URL": settings.database_url, "TRX_REDIS_URL": settings.redis_url}
    missing = [name for name, url in urls.items() if url is None]
    if missing:
        raise OperatorError(
            f"no server is configured: {' and '.join(missing)} must be set.",
            code="TRX-O102",
            hint="Name the server by its URL, or start everything with `trx up`.",
        )
    return urls_of(settings, settings.database_url or "", settings.redis_url or "")


def urls_of(settings: Settings, database: str, redis: str) -> Urls:
    """The URLs when those two servers are known."""
    return Urls(database, redis, settings.queue_url or redis)


def transport_of(queue_url: str) -> str:
    """What people call the server of the queue: ``redis``, or the scheme of the URL."""
    scheme = urlsplit(queue_url).scheme
    return "redis" if scheme in REDIS_SCHEMES else scheme


def _unparsed(error: SettingsError) -> str:
    """The variable of a nested setting whose value is no JSON."""
    named = re.search(r'field "(\w+)"', str(error))
    return _variable((named[1],)) if named else str(error)


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(str(part) for part in location).upper()
