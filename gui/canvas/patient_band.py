"""A band above a cell that names the patient, while pictures of several patients stand side by side."""

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.elided_label import ElidedLabel
from gui.panels.parts import set_ink
from gui.theme import BASE_PX, GRID_PX, color, font

HEIGHT_PX = 26
_LEAST_PX = 60  # so that a long name does not widen the window


class PatientBand(ElidedLabel):
    """One line on a ground of its own. It takes room from the cell, so that nothing of a picture lies under it."""

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(_LEAST_PX)
        self.setParent(parent)
        self.set_name(f"Patient of image view {number}")
        self.setFont(font(BASE_PX, bold=True))
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a name does not move its cells
        self.setContentsMargins(2 * GRID_PX, 0, 2 * GRID_PX, 0)
        set_ink(self, "stop")
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, color("raised"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.hide()
