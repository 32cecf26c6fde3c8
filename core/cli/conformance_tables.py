"""The tables of a folder with references: tab-separated, without quoting; the first line names the columns."""

from pathlib import Path

MANIFEST = ("path", "sop_class", "ts_uid")
ORACLE = ("path", "frame", "window", "status", "reason", "oracle", "full_w", "full_h", "x0", "y0", "w", "h")
ORDER = ("file", "frame")

_NUMBERS = frozenset({"frame", "full_w", "full_h", "x0", "y0", "w", "h"})

Row = dict[str, str]


def read_table(path: Path, needed: tuple[str, ...]) -> list[Row]:
    """Return the rows of a table, which may have more columns than are `needed`.

    Raises OSError, and ValueError with a sentence for a table that lacks what is needed.
    """
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text.") from None
    columns = header.split("\t")
    if missing := [name for name in needed if name not in columns]:
        raise ValueError(f"{path} lacks the columns {', '.join(missing)}.")
    rows = []
    for number, line in enumerate(lines, 2):
        if line:
            row = dict(zip(columns, line.split("\t"), strict=False))
            if any(name not in row or (name in _NUMBERS and not row[name].isdecimal()) for name in needed):
                raise ValueError(f"{path}: line {number} lacks a value, or a number where one is due.")
            rows.append(row)
    return rows
