"""Ctrl+K: every command, found by a few letters."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.commands import COMMANDS, Command, Situation, is_enabled, keys_text, why_disabled

NO_MATCH = "No command has these letters"


def matching(typed: str, commands: Sequence[Command]) -> list[Command]:
    """Return the commands whose menu and title hold every typed word, those whose title begins with it first."""
    words = typed.casefold().split()
    found = [one for one in commands if all(word in f"{one.menu} {one.title}".casefold() for word in words)]
    return sorted(found, key=lambda one: not one.title.casefold().startswith(typed.casefold().strip()))


class Palette(QDialog):
    """A line to type in and the commands that match; Enter runs the marked one."""

    chosen = Signal(str)  # command id

    def __init__(self, situation: Callable[[], Situation], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Commands")
        self._situation = situation
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type a few letters of a command")
        self.line.setAccessibleName("Command")
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Matching commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run)
        self.line.returnPressed.connect(self._run_current)
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        self.resize(680, 420)
        self._fill("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while the line keeps the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def refresh(self) -> None:
        """Show what can be done now where that changed; the marked command stays marked."""
        if self._situation() == self._now:
            return
        row = self.list.currentRow()
        self._fill(self.line.text())
        self.list.setCurrentRow(row)

    def _fill(self, typed: str) -> None:
        self._now = self._situation()
        self.list.clear()
        for command in matching(typed, COMMANDS):
            enabled = is_enabled(command, self._now)
            note = keys_text(command) if enabled else why_disabled(command)
            title = command.title.rstrip("…")
            item = QListWidgetItem(f"{command.menu}: {title}" + (f"   ·   {note}" if note else ""))
            item.setData(Qt.ItemDataRole.UserRole, command.id)
            if not enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        if not self.list.count():
            none = QListWidgetItem(NO_MATCH)
            none.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(none)
        self.list.setCurrentRow(0)

    def _run_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._run(item)

    def _run(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.accept()
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
