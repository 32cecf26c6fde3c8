"""Q: tapped it shows or hides the heatmap, held it looks without."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from gui.hold_key import HoldKey
from gui.second_opinion import SecondOpinion


class HeatmapKey(QObject):
    """The map goes, or comes, at the press; the release says whether that stays."""

    used = Signal()

    def __init__(self, opinion: SecondOpinion, window: QWidget) -> None:
        super().__init__(window)
        self._opinion = opinion
        self._was_on = True
        self._key = HoldKey(Qt.Key.Key_Q, window)
        self._key.pressed.connect(self._on_pressed)
        self._key.tapped.connect(self._on_tapped)
        self._key.released.connect(self._on_released)

    def stop(self) -> None:
        """Watch no more."""
        self._key.stop()

    @Slot()
    def _on_pressed(self) -> None:
        self._was_on = self._opinion.is_map_on
        if self._was_on:
            self._opinion.peek(True)
        else:
            self._opinion.set_map_on(True)
        self.used.emit()

    @Slot()
    def _on_tapped(self) -> None:
        self._end(on=not self._was_on)

    @Slot()
    def _on_released(self) -> None:
        self._end(on=self._was_on)

    def _end(self, on: bool) -> None:
        self._opinion.peek(False)
        self._opinion.set_map_on(on)
        self.used.emit()
