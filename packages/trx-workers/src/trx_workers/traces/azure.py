"""Traces of LLM inference requests as Azure publishes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from trx_core.models import TaskRequest
from trx_core.models.task import Name
from trx_core.protocols import Arrival, BadRow
from trx_workers.parameters import Parameters, param
from trx_workers.traces.options import ReaderOptions, instant, read_options
from trx_workers.traces.rows import converted
from trx_workers.traces.table import Row, first_line, header_of, open_table
from trx_workers.traces.timing import in_order
from trx_workers.traffic.mix import Priority

__all__ = ["AzureLlmReader"]

COLUMNS: Final = ("timestamp", "contexttokens", "generatedtokens")
FORMAT: Final = "azure-llm"
TOKENS_PER_UNIT: Final = 1000.0


class AzureLlmOptions(ReaderOptions):
    """Options of the reader, the same for every request of the trace."""

    type: Name = param("llm", "task type")
    priority: Priority = param(5, "priority of every task")
    region: Name | None = param(None, "where the tasks would like to run; null: anywhere")
    resource_type: Name | None = param(None, "the only resource type that will do; null: any")
    generated_weight: float = param(
        4.0, "context tokens that one generated token is worth", ge=0, le=1e6
    )


class AzureLlmReader:
    """Reads ``TIMESTAMP,ContextTokens,GeneratedTokens`` (P. Patel et al., "Splitwise: Efficient
    Generative LLM Inference Using Phase Splitting", ISCA 2024; Azure/AzurePublicDataset).

    A task's cost is ``(context + generated_weight · generated) / 1000`` work units: thousands of
    context tokens, a generated one counting as 4, about the ratio at which they are sold. Its
    metadata keeps both counts, as ``context_tokens`` and ``generated_tokens``. All requests are of
    one type, since how long an answer gets is not known when a request is routed. The first
    request arrives at 0; time is put in order as :func:`~trx_workers.traces.timing.in_order` says.
    """

    parameters: ClassVar[type[Parameters]] = AzureLlmOptions

    def sniff(self, path: Path, head: str) -> bool:
        """Whether the header has the format's columns."""
        return set(COLUMNS) <= set(header_of(first_line(head)))

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Arrival | BadRow]:
        """The requests, in the order of the file; see :class:`AzureLlmOptions`.

        Raises:
            CallerError: ``TRX-C130``, there is nothing to read; ``TRX-C131``, it is not text;
                ``TRX-C134``, it has no such header; ``TRX-C135``, an option is wrong.
        """
        given = read_options(AzureLlmOptions, options, FORMAT)
        rows = converted(open_table(path, COLUMNS).rows, _converter(given))
        return in_order(rows, jitter=given.jitter, rebase=True)


def _converter(options: AzureLlmOptions) -> Callable[[Row], tuple[float, TaskRequest]]:
    start: datetime | None = None

    def convert(row: Row) -> tuple[float, TaskRequest]:
        nonlocal start
        stamp = instant(row.cells["timestamp"])
        request = _request(row.cells, options)
        start = start or stamp
        return (stamp - start).total_seconds(), request

    return convert


def _request(cells: Mapping[str, str], options: AzureLlmOptions) -> TaskRequest:
    context = _tokens(cells, "contexttokens")
    generated = _tokens(cells, "generatedtokens")
    return TaskRequest(
        type=options.type,
        priority=options.priority,
        cost=(context + options.generated_weight * generated) / TOKENS_PER_UNIT,
        region=options.region,
        resource_type=options.resource_type,
        metadata={"context_tokens": context, "generated_tokens": generated},
    )


def _tokens(cells: Mapping[str, str], column: str) -> int:
    text = cells[column]
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError(f"{column} {text[:40]!r} is not a count of tokens")
    return int(text)
