"""Tables whose figures are always whole, however narrow the console is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

__all__ = ["Column", "FigureTable"]

_GAP: Final = 2
_LABEL: Final = 19
"""Letters of a label in one line, at least, where it has so many and the figures leave the room."""


class Column(NamedTuple):
    """Figures of one kind.

    Attributes:
        title: wrapped between words.
        cells: one for every label, never wrapped.
    """

    title: str
    cells: Sequence[Text]

    def width(self, lines: int) -> int:
        """Letters that its figures need, and its title in ``lines`` lines."""
        words = self.title.split()
        least = max((cell.cell_len for cell in self.cells), default=0)
        least = max(least, *map(len, words)) if words else least
        while _lines(words, least) > lines:
            least += 1
        return least


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Labels with their figures: columns that do not fit beside the others follow in a table
    below, under the same heading and with the same labels.

    Attributes:
        heading: above the labels.
        labels: wrapped where they are long.
        columns: of figures.
    """

    heading: str
    labels: Sequence[Text]
    columns: Sequence[Column]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The tables, as wide as ``options`` allow."""
        room = options.max_width
        longest = max((label.cell_len for label in self.labels), default=0)
        least = min(longest, max(_LABEL, room // 3))
        lines = 1 if self._total(self.columns, 1) + longest <= room else 2
        for block in self._blocks(max(room - least, 1), lines):
            left = room - self._total(block, lines)
            yield self._table(block, lines, min(max(longest, len(self.heading)), max(left, 1)))

    def _blocks(self, room: int, lines: int) -> Iterator[Sequence[Column]]:
        block: list[Column] = []
        for column in self.columns:
            if block and self._total([*block, column], lines) > room:
                yield block
                block = []
            block.append(column)
        yield block

    @staticmethod
    def _total(block: Sequence[Column], lines: int) -> int:
        return sum(_GAP + column.width(lines) for column in block)

    def _table(self, block: Sequence[Column], lines: int, label: int) -> Table:
        table = Table(
            box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bright_black"
        )
        heading = Text(self.heading, style="bold cyan")
        table.add_column(heading, width=label, overflow="fold")
        for column in block:
            table.add_column(column.title, justify="right", width=column.width(lines))
        for at, name in enumerate(self.labels):
            table.add_row(name, *(column.cells[at] for column in block))
        return table


def _lines(words: Sequence[str], width: int) -> int:
    """Lines that words take, none of which is longer than ``width``."""
    lines, used = 0, width
    for word in words:
        if used + 1 + len(word) > width:
            lines, used = lines + 1, len(word)
        else:
            used += 1 + len(word)
    return lines
