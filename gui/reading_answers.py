"""What the reading thread tells: filed in the workspace, and shown by the second opinion."""

from PySide6.QtCore import QObject, Slot

from core.findings.finding import Reading
from core.findings.wording import AI_OFF
from core.refusal import Refusal
from gui.panels.findings_panel import device_name
from gui.second_opinion import SecondOpinion
from gui.status_line import StatusLine
from gui.threads.reading_thread import LoadedModel, ReadingKey, ReadingThread
from gui.workspace import Workspace


class ReadingAnswers(QObject):
    """Takes the thread's answers, of the model and of each image."""

    def __init__(
        self, workspace: Workspace, reading: ReadingThread, opinion: SecondOpinion, status: StatusLine, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace, self._reading, self._opinion, self._status = workspace, reading, opinion, status
        reading.model_loaded.connect(self._on_model)
        reading.model_refused.connect(self._on_model)
        reading.started.connect(self._on_started)
        reading.overtaken.connect(self._on_overtaken)
        reading.answered.connect(self._on_answered)

    @Slot(object)
    def _on_model(self, model: LoadedModel | Refusal) -> None:
        self._workspace.set_model(model)
        self._status.device.setText(device_name(model.device) if isinstance(model, LoadedModel) else AI_OFF)
        self._opinion.look_elsewhere()

    @Slot(object)
    def _on_started(self, key: ReadingKey) -> None:
        self._workspace.start_reading(key)
        self._opinion.refresh()

    @Slot(object)
    def _on_overtaken(self, key: ReadingKey) -> None:
        """Nobody waits for it any more; each file is read all the same, once, when its turn comes."""
        self._workspace.stop_reading(key)
        image = self._workspace.image(key[0])
        if image is not None and key[1] == 0 and self._reading.position(key) is None:
            self._reading.enqueue([image])

    @Slot(object)
    def _on_answered(self, reading: Reading) -> None:
        self._workspace.add_reading(reading)
        if reading.device:
            self._status.device.setText(device_name(reading.device))
        self._opinion.reading_arrived(reading)
