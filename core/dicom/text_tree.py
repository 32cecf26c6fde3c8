"""Rows of text with rows below them: what a header or a report is to a reader. Loads nothing of pydicom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row: its cells from left to right, the rows below it, and `names` by which it is found beside its cells."""

    cells: tuple[str, ...]
    children: tuple["TreeRow", ...] = ()
    names: str = ""


def search(rows: Iterable[TreeRow], wanted: str) -> tuple[TreeRow, ...]:
    """Return the rows that hold every word of `wanted` in their cells or names, with all below and the way to them.

    Upper and lower case are the same. No word finds every row.
    """
    words = wanted.casefold().split()
    return tuple(rows) if not words else tuple(_found(rows, words))


def count_rows(rows: Iterable[TreeRow]) -> int:
    """Return how many rows there are on all levels."""
    return sum(1 + count_rows(row.children) for row in rows)


def as_lines(rows: Iterable[TreeRow], depth: int = 0) -> Iterator[str]:
    """Yield each row as a line, its cells parted by two spaces and two spaces before it for each level."""
    for row in rows:
        yield "  " * depth + "  ".join(cell for cell in row.cells if cell)
        yield from as_lines(row.children, depth + 1)


def _found(rows: Iterable[TreeRow], words: list[str]) -> Iterator[TreeRow]:
    for row in rows:
        text = "\n".join((*row.cells, row.names)).casefold()
        if all(word in text for word in words):
            yield row
        elif below := tuple(_found(row.children, words)):
            yield replace(row, children=below)
