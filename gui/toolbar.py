"""The row of words and keys above the picture."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from gui.commands import BY_ID, Command
from gui.theme import BASE_PX, CAPTION_PX, color, font, mono

# left to right; "" is a hairline, ">" moves the rest to the right end
BUTTONS = (
    "file.open", "", "tool.window", "tool.zoom", "tool.pan", "tool.region", "",
    "view.layout-1x1", "view.layout-1x2", "view.layout-2x2", "", "view.invert", "view.reset", ">",
    "findings.heatmap", "findings.panel", "help.commands",
)
HEIGHT_PX, PADDING_PX, KEY_GAP_PX = 28, 9, 7


class KeyButton(QAbstractButton):
    """A flat button: its word, and its key in small faint figures."""

    def __init__(self, command: Command, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.command = command
        self.shows_key = bool(command.shortcut)
        self.setText(command.short or command.title)
        self.setAccessibleName(command.title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def nextCheckState(self) -> None:
        """A click only asks; the window decides what is checked."""

    def set_key_shown(self, shown: bool) -> None:
        self.shows_key = shown and bool(self.command.shortcut)
        self.updateGeometry()
        self.update()

    def width_with(self, key: bool) -> int:
        """Return the width in logical pixels, with or without the key."""
        width = QFontMetrics(font()).horizontalAdvance(self.text()) + 2 * PADDING_PX
        if key and self.command.shortcut:
            width += KEY_GAP_PX + QFontMetrics(mono(CAPTION_PX)).horizontalAdvance(self.command.shortcut)
        return width

    def sizeHint(self) -> QSize:
        return QSize(self.width_with(self.shows_key), HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isEnabled() and (self.isChecked() or self.isDown() or self.underMouse())
        painter.setPen(color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(color("raised") if lit else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1).toRectF().translated(0.5, 0.5), 4, 4)
        bright = self.isEnabled() and (self.isChecked() or self.isDown() or self.command.id == "file.open")
        self._draw_text(painter, color("text" if bright else "dim"), color("faint"))

    def _draw_text(self, painter: QPainter, ink: QColor, key_ink: QColor) -> None:
        if not self.isEnabled():
            ink = key_ink = color("faint").darker(180)
        box = QRect(self.rect()).adjusted(PADDING_PX, 0, -PADDING_PX, 0)
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(BASE_PX))
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | vertical, self.text())
        if self.shows_key:
            painter.setFont(mono(CAPTION_PX))
            painter.setPen(key_ink)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | vertical, self.command.shortcut)


class _Hairline(QWidget):
    """An upright line between groups."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(17, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(8, 5, 1, HEIGHT_PX - 10, color("line"))


class Toolbar(QWidget):
    """One button for each id in `BUTTONS`; where it gets narrow the keys go first, then the layouts with the two after.

    A hairline goes with the group that it leads.
    """

    asked = Signal(str)  # command id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, KeyButton] = {}
        self.setFixedHeight(HEIGHT_PX + 12)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(2)
        self.hairlines: dict[str, QWidget] = {}  # by the id of the button after it
        for name, following in zip(BUTTONS, (*BUTTONS[1:], ""), strict=True):
            if name == ">":
                row.addStretch(1)
            elif name == "":
                self.hairlines[following] = _Hairline(self)
                row.addWidget(self.hairlines[following])
            else:
                row.addWidget(self._button(name))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._make_fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, color("line"))

    def _button(self, name: str) -> KeyButton:
        command = BY_ID[name]
        button = KeyButton(command, self)
        button.setCheckable(command.checkable)
        button.clicked.connect(self._on_clicked)
        self.buttons[name] = button
        return button

    def _on_clicked(self) -> None:
        button = self.sender()
        assert isinstance(button, KeyButton)
        self.asked.emit(button.command.id)

    def _make_fit(self) -> None:
        around = 16 + 2 * len(BUTTONS) + 17 * len(self.hairlines)
        with_keys = around + sum(button.width_with(True) for button in self.buttons.values())
        without = around + sum(button.width_with(False) for button in self.buttons.values())
        for name, button in self.buttons.items():
            button.set_key_shown(with_keys <= self.width())
            for one in filter(None, (button, self.hairlines.get(name))):
                one.setVisible(not name.startswith("view.") or without <= self.width())
