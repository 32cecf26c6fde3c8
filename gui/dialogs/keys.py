"""F1: every key and gesture, from the table of commands."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.commands import COMMANDS, MENUS, MOUSE, keys_text
from gui.panels.parts import Caption, set_ink
from gui.theme import mono

COLUMNS = 2


def key_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the groups of the page: a title and its (key, what it does)."""
    groups = [
        (menu, [(keys_text(one), one.title.rstrip("…")) for one in COMMANDS if one.menu == menu and keys_text(one)])
        for menu in MENUS
    ]
    return [*((menu, entries) for menu, entries in groups if entries), ("Mouse", list(MOUSE))]


class KeysPage(QDialog):
    """Two columns of groups, to look something up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse")
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(5)
        rows = [0] * COLUMNS
        for title, entries in key_groups():
            column = rows.index(min(rows))
            grid.addWidget(Caption(title), rows[column], 2 * column, 1, 2)
            rows[column] += 1
            for key, deed in entries:
                _add_entry(grid, rows[column], 2 * column, key, deed)
                rows[column] += 1
            grid.setRowMinimumHeight(rows[column], 12)
            rows[column] += 1
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.addWidget(area)
        self.resize(860, 640)


def _add_entry(grid: QGridLayout, row: int, column: int, key: str, deed: str) -> None:
    key_label, deed_label = QLabel(key), QLabel(deed)
    key_label.setFont(mono())
    set_ink(key_label, "text")
    set_ink(deed_label, "dim")
    deed_label.setWordWrap(True)
    grid.addWidget(key_label, row, column, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(deed_label, row, column + 1, Qt.AlignmentFlag.AlignTop)
    grid.setColumnStretch(column + 1, 1)
