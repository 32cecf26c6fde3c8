"""Where a file has no age and an answer depends on it: a field for who knows it."""

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from core.findings.wording import AGE_EXPLANATION, AGE_WANTED, age_text
from gui.panels.parts import Field, set_ink

YEARS = QRegularExpression(r"(\d{1,2}|1[01]\d|120)?")  # 0 to 120, or nothing, which is not known


class _AgeField(Field):
    """Shows an age that may be known; what is typed over it can be taken back."""

    def has_typed(self) -> bool:
        return self.isModified()


class AgeRow(QWidget):
    """Says which age the reading was made with, and hears another: in years, none where the field is emptied."""

    stated = Signal(object)  # float | None, years

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._years: float | None = None
        self.label = QLabel(AGE_WANTED)
        set_ink(self.label, "dim")
        self.field = _AgeField()
        self.field.setValidator(QRegularExpressionValidator(YEARS, self.field))
        self.field.setPlaceholderText("years")
        self.field.setFixedWidth(64)
        self.field.setAccessibleName("Age in years")
        self.field.setToolTip(f"<p>{AGE_EXPLANATION}</p>")
        self.field.editingFinished.connect(self._on_finished)
        self.field.escaped.connect(self._on_escaped)
        self.label.setBuddy(self.field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label, 1)
        row.addWidget(self.field)

    def put_away(self) -> None:
        """Hide the field: what was typed and not entered was meant for what was shown, and is dropped."""
        self.field.blockSignals(True)  # losing the focus finishes editing
        self.hide()
        self.field.blockSignals(False)
        self.field.setModified(False)

    def show_age(self, years: float | None) -> None:
        """Show the age that the reading was made with."""
        self._years = years
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText("" if years is None else f"{years:g}")

    def text(self) -> str:
        """Return the age as a fact."""
        return f"Age: {age_text(self._years, is_stated=True)}"

    def _on_escaped(self) -> None:
        """What was typed and not entered is taken back."""
        self.field.setModified(False)
        self.show_age(self._years)

    def _on_finished(self) -> None:
        years = float(self.field.text()) if self.field.text() else None
        self.field.setModified(False)
        if years != self._years:
            self._years = years  # leaving the field is no second statement
            self.stated.emit(years)
