"""What the network says of the image that is looked at: one state, the findings, where from, and by whom."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSlider, QVBoxLayout, QWidget

from core.findings.finding import Reading, Verdict
from core.findings.wording import AI_OFF, AI_READING, RESEARCH_NOTICE, fit_text, refusal_text, state_text, waiting_text
from core.refusal import Refusal
from gui.named_label import NamedSentence
from gui.panels.age_row import AgeRow
from gui.panels.extent_strip import ExtentStrip
from gui.panels.finding_card import FindingCard
from gui.panels.parts import Caption, FactTable, Sentence, Stretched

LOOK_FIRST = "Look first. Q or Enter here shows the findings."
NO_REGION = "Draw a region (G) to see what part of the score comes from it."


class FindingsPanel(QWidget):
    """Shows exactly one state at a time; a reading of an earlier image never stays."""

    finding_chosen = Signal(int)
    below_asked = Signal()
    opacity_changed = Signal(float)
    retry_asked = Signal()
    age_stated = Signal(object)  # float | None, years
    findings_asked = Signal()  # that are held back

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[FindingCard] = []
        self.extent: ExtentStrip | None = None
        self.ask = QPushButton("Show the findings")
        self.ask.setAutoDefault(True)  # Enter is for it too
        self.ask.clicked.connect(self.findings_asked)
        self.age = AgeRow()
        self.age.stated.connect(self.age_stated)
        self.state = NamedSentence("", role="dim", px=12)
        self.state.set_name("State of the reading")
        self.reason = Sentence("", role="dim")
        self.cautions = Sentence("", role="dim")
        self.retry = QPushButton("Read again")
        self.retry.clicked.connect(self.retry_asked)
        self._cards_box = QVBoxLayout()
        self._cards_box.setSpacing(8)
        self.region = Sentence(NO_REGION)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName("Heatmap opacity")
        self.opacity.valueChanged.connect(self._on_opacity)
        self.below = QPushButton("Show map of finding below threshold")
        self.below.setCheckable(True)
        self.below.clicked.connect(self._on_below)
        self._map_box = self._make_map_box()
        self.facts = FactTable()
        self.notice = Sentence(RESEARCH_NOTICE, role="dim", px=11)
        self._lay_out()
        self.show_nothing()

    # the states

    def show_nothing(self) -> None:
        """No image is looked at."""
        self._show_state("Open an image to have it read.")

    def show_off(self, refusal: Refusal | None) -> None:
        """There is no model; `refusal` says why, None that it was switched off or is not loaded yet."""
        self._show_state(AI_OFF, refusal_text(refusal) if refusal is not None else "")

    def show_opening(self) -> None:
        """Another image is awaited; until it is there, the picture before is to be seen."""
        self._show_state("Opening…")

    def show_waiting(self, position: int) -> None:
        self._show_state(waiting_text(position))

    def show_reading_now(self) -> None:
        self._show_state(AI_READING)

    def show_not_read(self) -> None:
        """Reading of this image was cancelled."""
        self._show_state("Not read: cancelled")
        self.retry.show()

    def show_held_back(self) -> None:
        """The image was read; what was found waits until the reader has looked."""
        self._show_state(LOOK_FIRST)
        self.ask.show()

    def show_reading(self, reading: Reading) -> None:
        """Show what came of reading the image that is looked at."""
        self._show_state(fit_text(reading))
        if reading.refusal is not None and reading.verdict is Verdict.FAILED:  # else the state has said it all
            self.reason.set_text(refusal_text(reading.refusal))
        self.retry.setVisible(reading.verdict is Verdict.FAILED)
        for index, finding in enumerate(reading.findings):
            card = FindingCard(finding, self)
            card.clicked.connect(self._on_card)
            card.setObjectName(str(index))
            self._cards_box.addWidget(card)
            QWidget.setTabOrder(self.cards[-1] if self.cards else self.ask, card)  # else Tab comes here last of all
            self.cards.append(card)
        if reading.extent is not None:
            self.extent = ExtentStrip(reading.extent, self)
            self._cards_box.addWidget(self.extent)
        self.age.show_age(reading.age_years)
        self.age.setVisible(reading.wants_age and bool(reading.findings))
        if reading.findings and not any(finding.above for finding in reading.findings):
            self.reason.set_text(state_text(reading))
        self.cautions.set_text("\n".join(reading.cautions))
        self._map_box.setVisible(bool(reading.findings))
        self.facts.show_facts(_facts_of(reading))

    def mark_finding(self, index: int | None, is_below_shown: bool) -> None:
        """Mark the finding whose map is shown; `is_below_shown` says that it is one below its threshold."""
        for number, card in enumerate(self.cards):
            card.setChecked(number == index)
        self.below.setVisible(any(not card.finding.above for card in self.cards))
        self.below.setChecked(is_below_shown)
        self.opacity.setEnabled(index is not None)

    def show_region(self, text: str) -> None:
        """Show what a drawn region's part of the score is; "" where none is drawn."""
        self.region.set_text(text or NO_REGION)

    def set_opacity(self, opacity: float) -> None:
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(opacity * 100))
        self.opacity.blockSignals(False)

    def text(self) -> str:
        """Return all that the panel says, as a person or a screen reader goes through it."""
        parts = [self.state.text(), self.reason.text()]
        parts += [card.accessibleName() for card in self.cards]
        parts += [self.extent.accessibleName()] if self.extent is not None else []
        parts += [self.age.text()] if not self.age.isHidden() else []
        parts += [self.cautions.text(), self.region.text() if self.cards else "", self.facts.text(), self.notice.text()]
        return "\n".join(part for part in parts if part)

    # inside

    def _show_state(self, text: str, reason: str = "") -> None:
        for one in (*self.cards, *([self.extent] if self.extent is not None else [])):
            self._cards_box.removeWidget(one)
            one.hide()
            one.deleteLater()
        self.cards, self.extent = [], None
        self.age.put_away()
        self.state.set_text(text)
        self.reason.set_text(reason)
        self.cautions.set_text("")
        self.ask.hide()
        self.retry.hide()
        self.below.hide()
        self._map_box.hide()
        self.region.set_text(NO_REGION)
        self.facts.show_facts(())

    def _make_map_box(self) -> QFrame:
        box = QFrame()
        box.setObjectName("card")
        box.setStyleSheet("#card { border: 1px solid palette(mid); border-radius: 6px; }")
        column = QVBoxLayout(box)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        for widget in (Caption("Region"), self.region, Caption("Heatmap"), self.opacity, self.below):
            column.addWidget(widget)
        return box

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 14, 16, 8)
        column.setSpacing(10)
        column.addWidget(Caption("Findings"))
        column.addWidget(self.state)
        ask_row = QHBoxLayout()
        ask_row.addWidget(self.ask)
        ask_row.addStretch(1)
        column.addLayout(ask_row)
        column.addLayout(self._cards_box)
        for widget in (self.reason, self.cautions, self.age):
            column.addWidget(widget)
        retry_row = QHBoxLayout()
        retry_row.addWidget(self.retry)
        retry_row.addStretch(1)
        column.addLayout(retry_row)
        column.addWidget(self._map_box)
        column.addWidget(self.facts)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addWidget(Stretched(self.notice, (16, 6, 16, 12)))

    def _on_card(self) -> None:
        card = self.sender()
        if isinstance(card, FindingCard):
            self.finding_chosen.emit(self.cards.index(card))

    def _on_below(self) -> None:
        self.below.setChecked(not self.below.isChecked())  # the window decides
        self.below_asked.emit()

    def _on_opacity(self, value: int) -> None:
        self.opacity_changed.emit(value / 100)


def _facts_of(reading: Reading) -> tuple[tuple[str, str], ...]:
    facts = []
    if reading.not_assessed:
        facts.append(("Not assessed", ", ".join(reading.not_assessed)))
    if reading.model is not None:
        facts.append(("Model", reading.model.short))
    if reading.preprocessing:
        facts.append(("Preprocessing", reading.preprocessing))
    if reading.device and reading.findings:  # what was refused never came to a device
        facts.append(("Read on", f"{device_name(reading.device)} · {reading.seconds:.2f} s"))
    return tuple(facts)


def device_name(device: str) -> str:
    """The device as the window names it: "CPU", "GPU (cuda:0)"."""
    kind, _, rest = device.partition(" ")
    name = {"cpu": "CPU", "mps": "GPU (mps)"}.get(kind, f"GPU ({kind})")
    return f"{name} {rest}".strip()
