"""The lists of the series panel as models: what is open, and what was not opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from core.findings.wording import reason_text, refusal_text
from core.refusal import Refusal
from gui.canvas.qt_image import qimage
from gui.elided_label import plain_tip

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole  # the row itself; of a file that was not opened, why in few words
PICTURE_ROLE = Qt.ItemDataRole.UserRole + 1
UNEVEN = "uneven gaps"


@dataclass(frozen=True)
class SeriesRow:
    """One series in the list; `key` tells it from all others, `path` and `frame_index` are its first frame's.

    Parts of one file of many frames have its path in common.
    """

    key: str
    title: str
    count: int
    path: Path
    note: str = ""  # why the series was split, its order, its gaps; a line each
    has_gaps: bool = False  # between its slices, uneven ones
    is_flagged: bool = False
    is_shown: bool = False
    is_active: bool = False
    frame_index: int = 0


@dataclass(frozen=True)
class PatientRow:
    """The line above a patient's series."""

    key: str
    text: str


@dataclass(frozen=True)
class ObjectRow:
    """One object that is no picture; `kind` says what it is."""

    key: str
    title: str
    kind: str
    path: Path
    is_shown: bool = False
    is_active: bool = False


Row = SeriesRow | PatientRow | ObjectRow


class SeriesModel(QAbstractListModel):
    """Patients and their series. A thumbnail is asked for when its row is first drawn."""

    thumbnail_wanted = Signal(str)  # series key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._pictures: dict[tuple[Path, int], Any] = {}  # by file and index of the frame
        self._asked: set[tuple[Path, int]] = set()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if isinstance(row, PatientRow):
            if role == Qt.ItemDataRole.ToolTipRole:
                return plain_tip(row.text)
            return row.text if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (row.title, row.path.name, row.note if isinstance(row, SeriesRow) else "")
            return plain_tip("\n".join(filter(None, lines)))
        if isinstance(row, ObjectRow):
            return f"{row.kind}: {row.title}" if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            marks = ", flagged" * row.is_flagged + f", {UNEVEN}" * row.has_gaps
            return f"{row.title}, {row.count} {'image' if row.count == 1 else 'images'}{marks}"
        return self._picture(row) if role == PICTURE_ROLE else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        is_series = index.isValid() and isinstance(self._rows[index.row()], SeriesRow | ObjectRow)
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if is_series else Qt.ItemFlag.NoItemFlags

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows. What stays keeps its place on the screen, so that nothing jumps while files come in."""
        old, new = self._rows, list(rows)
        old_keys, new_keys = [row.key for row in old], [row.key for row in new]
        head = _common(old_keys, new_keys)
        tail = _common(old_keys[head:][::-1], new_keys[head:][::-1])
        if head + tail < len(old):
            self.beginRemoveRows(QModelIndex(), head, len(old) - tail - 1)
            self._rows = old[:head] + old[len(old) - tail:]
            self.endRemoveRows()
        if head + tail < len(new):
            self.beginInsertRows(QModelIndex(), head, len(new) - tail - 1)
            self._rows = new
            self.endInsertRows()
        changed = [i for i in range(head) if old[i] is not new[i] and old[i] != new[i]]
        changed += [len(new) - i for i in range(1, tail + 1) if old[-i] != new[-i]]
        self._rows = new
        for i in changed:
            self.dataChanged.emit(self.index(i), self.index(i))

    def set_picture(self, path: Path, frame_index: int, pixels: Any) -> None:
        """Fill in the small picture of the series that begins with this frame of a file."""
        self._pictures[path, frame_index] = qimage(pixels)
        for i, row in enumerate(self._rows):
            if isinstance(row, SeriesRow) and (row.path, row.frame_index) == (path, frame_index):
                self.dataChanged.emit(self.index(i), self.index(i), [PICTURE_ROLE])

    def forget_pictures(self) -> None:
        self._pictures.clear()
        self._asked.clear()

    def row_of(self, key: str) -> int | None:
        return next((i for i, row in enumerate(self._rows) if row.key == key), None)

    def _picture(self, row: SeriesRow) -> Any:
        frame = row.path, row.frame_index
        if frame not in self._pictures and frame not in self._asked:
            self._asked.add(frame)
            self.thumbnail_wanted.emit(row.key)
        return self._pictures.get(frame)


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many elements two sequences have in common at their start."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


class RefusalModel(QAbstractListModel):
    """Files that were not opened, in the order in which they came."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._refusals: list[tuple[Path, Refusal]] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._refusals)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        path, refusal = self._refusals[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return path.name
        if role == ROW_ROLE:
            return reason_text(refusal)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(refusal_text(refusal))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return refusal_text(refusal)
        return None

    def path_at(self, index: Index) -> Path:
        """Return the file of a row."""
        return self._refusals[index.row()][0]

    def show_refusals(self, refusals: Sequence[tuple[Path, Refusal]]) -> None:
        """Show these; only what comes after the ones already shown is new."""
        known = len(self._refusals)
        if list(refusals[:known]) != self._refusals:
            self.beginResetModel()
            self._refusals = list(refusals)
            self.endResetModel()
        elif len(refusals) > known:
            self.beginInsertRows(QModelIndex(), known, len(refusals) - 1)
            self._refusals = list(refusals)
            self.endInsertRows()
