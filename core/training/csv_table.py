"""Tables as CSV: one way to read them, which says where a table is not one."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path


def table_lines(path: Path, needed: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each line of a table as where it stands ("labels.csv line 3") and its cells by column.

    Cells have no blanks around them, and are "" where a line ends before a column that is not `needed`. Raises OSError,
    and ValueError for a missing column or one that is there twice, a line that ends before a needed one or has more
    cells than there are columns (a comma in a cell without quotes moves all behind it), what is no UTF-8, and
    what is no CSV, such as a quote that nothing closes: it would swallow all lines after it.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file, strict=True)
        begins = 1
        try:
            absent = [name for name in needed if name not in (reader.fieldnames or ())]
            if absent:
                raise ValueError(f"{path.name} has no column {', '.join(absent)}")
            twice = [name for name, times in Counter(reader.fieldnames or ()).items() if name and times > 1]
            if twice:
                raise ValueError(f"{path.name} has the column {twice[0]} twice")
            begins = 2
            for record in reader:
                where, begins = f"{path.name} line {reader.line_num}", reader.line_num + 1
                if short := [name for name in needed if record[name] is None]:
                    raise ValueError(f"{where} ends before the column {short[0]}")
                if any(cell.strip() for cell in record.get(None) or ()):
                    raise ValueError(f"{where} has more cells than columns: put a cell with a comma in quotes")
                yield where, {name: (cell or "").strip() for name, cell in record.items() if name is not None}
        except UnicodeDecodeError as error:
            raise ValueError(f"{path.name} is no UTF-8: save it as that (spreadsheets call it CSV UTF-8)") from error
        except csv.Error as error:
            raise ValueError(f"{path.name} is no table from line {begins} on: {error}") from error
