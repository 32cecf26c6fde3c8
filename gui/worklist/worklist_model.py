"""The list of work as a table model: columns are data, rows are triage rows, urgent first."""

from bisect import bisect_left, insort
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.findings.wording import probability_text, reason_text
from core.refusal import Reason, Refusal
from core.triage.rows import Priority, State, TriageRow, sort_key
from gui.elided_label import plain_tip
from gui.theme import color, mono

Index = QModelIndex | QPersistentModelIndex
CANCELLED = reason_text(Refusal(Reason.CANCELLED))  # by a person: a state of its own, nothing failed
MANY = 200  # rows at once from which on the list is built anew instead of row by row

PRIORITY_WORDS = {
    Priority.FLAGGED: "◆ flagged", Priority.LOOK: "▲ look", Priority.NONE: "none", Priority.UNKNOWN: "",
    Priority.NOT_ANALYZED: "not analysed",
}


@dataclass(frozen=True)
class Column:
    """One column: its title, what it says of a row, its width in logical pixels, its ink."""

    title: str
    text: Callable[[TriageRow], str]
    width_px: int
    ink: Callable[[TriageRow], str] = lambda row: "text"
    is_number: bool = False


def _state_text(row: TriageRow) -> str:
    if row.state is State.REFUSED:
        return f"not analysed: {row.reason}"
    if row.state is State.FAILED and row.reason == CANCELLED:
        return CANCELLED
    if row.state is State.FAILED:
        return f"{'not opened' if row.priority is Priority.NOT_ANALYZED else 'failed'}: {row.reason}"
    return str(row.state)


def _finding_text(row: TriageRow) -> str:
    if row.state is not State.READ:
        return "–"
    return row.finding if row.above else "no listed finding above threshold"


def _probability_text(row: TriageRow) -> str:
    return "–" if row.probability is None else probability_text(row.probability)


def _calm(row: TriageRow) -> str:
    return "text" if row.above else "dim"


def _priority_ink(row: TriageRow) -> str:
    """Red is for what failed; what the model is not made for, or cannot tell, has not."""
    if row.priority is Priority.LOOK:
        return "stop" if row.state is State.FAILED else "text"
    return "flag" if row.priority is Priority.FLAGGED else "dim"


COLUMNS = (
    Column("Priority", lambda row: PRIORITY_WORDS[row.priority], 112, _priority_ink),
    Column("Patient", lambda row: row.patient or "–", 150),
    Column("File", lambda row: row.path.name, 156, lambda row: "dim"),
    Column("Study", lambda row: row.study or "–", 120),
    Column("Time", lambda row: row.time, 144, lambda row: "dim"),
    Column("State", _state_text, 292, lambda row: "text" if row.state is State.READ else "dim"),
    Column("Finding", _finding_text, 240, _calm),
    Column("Probability", _probability_text, 96, _calm, is_number=True),
)
OPENED_COLUMN = len(COLUMNS)
TITLES = (*(column.title for column in COLUMNS), "Opened")
# what they say of an image whose findings are held back until the reader has looked
HELD = {TITLES.index("Finding"): "after your look", TITLES.index("Probability"): "–"}


def _alignment(section: int) -> Qt.AlignmentFlag:
    """Numbers stand at the right, so that their digits stand below one another."""
    is_number = section < len(COLUMNS) and COLUMNS[section].is_number
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class WorklistModel(QAbstractTableModel):
    """Rows by path, kept in the order of `core.triage.rows.sort_key`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TriageRow] = []
        self._by_path: dict[Path, TriageRow] = {}
        self._opened: set[Path] = set()
        self._current: Path | None = None
        # whether the findings of a file are held back; whoever knows sets it
        self.is_held_back: Callable[[Path], bool] = lambda path: False

    # what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.BackgroundRole:
            return color("selected") if row.path == self._current else None
        if index.column() == OPENED_COLUMN:
            return self._opened_data(row, role)
        column = COLUMNS[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole) and self._holds_back(index):
            return HELD[index.column()] if role == Qt.ItemDataRole.DisplayRole else color("dim")
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            return color(column.ink(row))
        if role == Qt.ItemDataRole.FontRole and column.is_number:
            return mono()
        if role == Qt.ItemDataRole.ToolTipRole:
            reason = "" if self.is_held_back(row.path) else row.reason
            return plain_tip(f"{row.path}\n{reason}".strip())
        return None

    # what the window does

    @property
    def rows(self) -> Sequence[TriageRow]:
        """The rows, urgent first."""
        return self._rows

    def row_at(self, index: Index) -> TriageRow:
        return self._rows[index.row()]

    def place_of(self, path: Path) -> int | None:
        """Return the row number of a file, None where it is not in the list."""
        row = self._by_path.get(path)
        return None if row is None else bisect_left(self._rows, sort_key(row), key=sort_key)

    def put(self, rows: Iterable[TriageRow]) -> None:
        """Add rows or change those of the same files; each goes where its urgency puts it."""
        newest = {row.path: row for row in rows}
        old = self._by_path
        # most rows are the very same values as before: that is told without comparing them
        fresh = {path: row for path, row in newest.items() if old.get(path) is not row and old.get(path) != row}
        if len(fresh) >= MANY:
            self._put_many(fresh)
        else:
            for row in fresh.values():
                self._put_one(row)

    def keep(self, paths: Container[Path]) -> None:
        """Remove the rows of all files but these."""
        for path in [path for path in self._by_path if path not in paths]:
            place = self.place_of(path)
            assert place is not None
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._rows[place], self._by_path[path]
            self.endRemoveRows()

    def clear(self) -> None:
        self.beginResetModel()
        self._rows, self._by_path, self._opened, self._current = [], {}, set(), None
        self.endResetModel()

    def set_current(self, path: Path | None) -> None:
        """Mark the file that is looked at; it was opened only when its picture is there."""
        changed = {self._current, path}
        self._current = path
        for one in changed:
            self._tell_of(one)

    def add_opened(self, path: Path) -> None:
        """Mark a file as opened: its picture was shown."""
        if path not in self._opened:
            self._opened.add(path)
            self._tell_of(path)

    def tell_findings(self) -> None:
        """Other findings are held back than before."""
        if self._rows:
            columns = HELD.keys()
            self.dataChanged.emit(self.index(0, min(columns)), self.index(len(self._rows) - 1, max(columns)))

    # inside

    def _holds_back(self, index: Index) -> bool:
        return index.column() in HELD and self.is_held_back(self._rows[index.row()].path)

    def _tell_of(self, path: Path | None) -> None:
        place = self.place_of(path) if path is not None else None
        if place is not None:
            self.dataChanged.emit(self.index(place, 0), self.index(place, OPENED_COLUMN))

    def _opened_data(self, row: TriageRow, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return "now" if row.path == self._current else "yes" if row.path in self._opened else ""
        return color("text") if role == Qt.ItemDataRole.ForegroundRole else None

    def _put_one(self, row: TriageRow) -> None:
        old = self._by_path.get(row.path)
        if old is None:
            place = bisect_left(self._rows, sort_key(row), key=sort_key)
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.insert(place, row)
            self._by_path[row.path] = row
            self.endInsertRows()
            return
        source = bisect_left(self._rows, sort_key(old), key=sort_key)
        # where it would stand before any row is taken out, as beginMoveRows counts
        target = bisect_left(self._rows, sort_key(row), key=sort_key)
        moves = target not in (source, source + 1)
        if moves:
            self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), target)
        del self._rows[source]
        self._by_path[row.path] = row
        insort(self._rows, row, key=sort_key)
        if moves:
            self.endMoveRows()
        place = bisect_left(self._rows, sort_key(row), key=sort_key)
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(TITLES) - 1))

    def _put_many(self, fresh: dict[Path, TriageRow]) -> None:
        """Sort anew; persistent indexes follow their files, so that selection and scroll stay."""
        self.layoutAboutToBeChanged.emit()
        persistent = self.persistentIndexList()
        paths = [self._rows[index.row()].path for index in persistent]
        self._by_path = {**self._by_path, **fresh}
        self._rows = sorted(self._by_path.values(), key=sort_key)
        place = {row.path: number for number, row in enumerate(self._rows)}
        moved = [self.index(place[path], index.column()) for path, index in zip(paths, persistent, strict=True)]
        self.changePersistentIndexList(persistent, moved)
        self.layoutChanged.emit()
