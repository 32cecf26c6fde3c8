"""How the second opinion is shown, as the reader left it: brought to it at the start, and remembered."""

from PySide6.QtCore import QObject, Slot

from gui.remembered import Remembered
from gui.second_opinion import SecondOpinion
from gui.worklist.worklist_model import WorklistModel


class OpinionSettings(QObject):
    """Whether maps are drawn, and whether findings are held back until the reader has looked."""

    def __init__(
        self, opinion: SecondOpinion, worklist: WorklistModel, remembered: Remembered, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._opinion, self._remembered = opinion, remembered
        worklist.is_held_back = opinion.holds_back
        opinion.held_changed.connect(worklist.tell_findings)
        opinion.set_map_on(remembered.settings.show_map)
        opinion.set_after_look(remembered.settings.findings_after_look)
        opinion.map_switched.connect(self._on_map_switched)

    def toggle_after_look(self) -> None:
        """Hold findings back until the reader has looked, or show them as soon as they are there."""
        after_look = not self._remembered.settings.findings_after_look
        self._remembered.change(findings_after_look=after_look)
        self._opinion.set_after_look(after_look)

    @Slot(bool)
    def _on_map_switched(self, on: bool) -> None:
        self._remembered.change(show_map=on)
