"""Small parts that panels share: captions, sentences, tables of facts."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import BASE_PX, CAPTION_PX, color, font


class Caption(QLabel):
    """A panel's or group's name in small spaced capitals."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text.upper(), parent)
        spaced = font(CAPTION_PX)
        spaced.setLetterSpacing(spaced.SpacingType.AbsoluteSpacing, 0.4)
        self.setFont(spaced)
        set_ink(self, "dim")


class Sentence(QLabel):
    """Wrapped text that takes no room while it is empty and can be selected with the mouse."""

    def __init__(self, text: str, role: str = "text", px: int = BASE_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setFont(font(px))
        set_ink(self, role)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        self.setText(text)
        if self.parent() is not None:  # a widget that stands nowhere yet would open a window of its own
            self.setVisible(bool(text))


class Field(QLineEdit):
    """A line to type in whose Escape takes back what was typed; with nothing to take back it is as elsewhere."""

    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(False)  # files that are let go over it are the window's, like those beside it

    def has_typed(self) -> bool:
        """Return whether there is something to take back."""
        return bool(self.text())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_own(event):
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        is_escape = event.key() == Qt.Key.Key_Escape and event.modifiers() == Qt.KeyboardModifier.NoModifier
        return is_escape and self.has_typed()


class FactTable(QWidget):
    """Names at the left, values at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._facts = tuple(facts)
        for row, (name, value) in enumerate(self._facts):
            label = QLabel(name)
            set_ink(label, "dim")
            text = Sentence(value)
            text.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)

    def text(self) -> str:
        """Return the facts, a line each."""
        return "\n".join(f"{name}: {value}" for name, value in self._facts)


class Stretched(QWidget):
    """One widget with margins around it, in logical pixels: left, top, right, bottom."""

    def __init__(self, inside: QWidget, margins: tuple[int, int, int, int]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(*margins)
        column.addWidget(inside)


def set_ink(widget: QWidget, role: str) -> None:
    """Give a label's text the color of a role."""
    palette = widget.palette()
    palette.setColor(widget.foregroundRole(), color(role))
    widget.setPalette(palette)
