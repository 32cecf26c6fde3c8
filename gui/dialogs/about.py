"""About: versions, the model and where it runs, what the program is not."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from core.findings.wording import RESEARCH_NOTICE, START_NOTICE
from gui.panels.parts import FactTable, Sentence
from gui.theme import FINDING_PX


class About(QDialog):
    """A small page of facts that can be copied into a report."""

    def __init__(self, model: str, device: str, log_folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Wetread")
        from core.version import VERSION  # looks into the installed packages, which takes a while

        self.facts = FactTable()
        self.facts.show_facts((
            ("Version", VERSION), ("Model", model or "none"), ("Reads on", device or "–"), ("License", "Apache-2.0"),
            ("Log", log_folder),
        ))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(Sentence("Wetread", px=FINDING_PX + 4))
        column.addWidget(Sentence(START_NOTICE))
        column.addWidget(Sentence(RESEARCH_NOTICE, role="dim"))
        column.addWidget(self.facts)
        column.addWidget(buttons)
        self.setMinimumWidth(480)
