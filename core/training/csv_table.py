"""Tables as CSV: one way to read them, which says where a table is not one."""

import csv
import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

PATH = "path"  # the column that names a file


def plain_path(path: str) -> str:
    """Return one spelling of a path for all of a file, so that it is one picture: "a.png" for "./a.png", "b//../a.png".

    What is empty stays so.
    """
    return posixpath.normpath(path) if path else path


def table_lines(path: Path, needed: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each line of a table as where it stands ("labels.csv line 3") and its cells by column.

    Headings and cells have no blanks around them; cells are "" where a line ends before a column that is not `needed`.
    A line of empty cells is none. What stands in the column `path` is as `plain_path` has it. Raises OSError,
    and ValueError for a missing column or one that is there twice, a line that ends before a needed one or has more
    cells than there are columns (a comma in a cell without quotes moves all behind it), what is no UTF-8, and
    what is no CSV, such as a quote that nothing closes: it would swallow all lines after it.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file, strict=True)
        begins = 1
        try:
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            absent = [name for name in needed if name not in names]
            if absent:
                raise ValueError(f"{path.name} has no column {', '.join(absent)}")
            twice = [name for name, times in Counter(names).items() if name and times > 1]
            if twice:
                raise ValueError(f"{path.name} has the column {twice[0]} twice")
            begins = 2
            for record in reader:
                where, begins = f"{path.name} line {reader.line_num}", reader.line_num + 1
                cells = {name: (cell or "").strip() for name, cell in record.items() if name is not None}
                has_more = any(cell.strip() for cell in record.get(None) or ())
                if not has_more and not any(cells.values()):  # as spreadsheets leave below a table
                    continue
                if short := [name for name in needed if record[name] is None]:
                    raise ValueError(f"{where} ends before the column {short[0]}")
                if has_more:
                    raise ValueError(f"{where} has more cells than columns: put a cell with a comma in quotes")
                if PATH in cells:
                    cells[PATH] = plain_path(cells[PATH])
                yield where, cells
        except UnicodeDecodeError as error:
            raise ValueError(f"{path.name} is no UTF-8: save it as that (spreadsheets call it CSV UTF-8)") from error
        except csv.Error as error:
            raise ValueError(f"{path.name} is no table from line {begins} on: {error}") from error
