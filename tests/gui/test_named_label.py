"""gui.named_label: those who hear the screen are told what a label is and what stands in it."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible

from gui.named_label import NamedLabel, NamedSentence
from gui.panels.header_panel import NOTHING, HeaderPanel
from gui.status_line import StatusLine


def heard(widget) -> str:
    """Return what a screen reader is told."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_a_name_goes_with_the_text(qtbot) -> None:
    label = NamedLabel()
    qtbot.addWidget(label)
    label.setText("118 files")
    assert heard(label) == "118 files"
    label.set_name("Counts")
    assert heard(label) == "Counts: 118 files"
    label.setText("119 files")
    assert heard(label) == "Counts: 119 files"
    label.clear()
    assert heard(label) == "Counts"


def test_a_text_that_a_signal_clears_is_not_told_any_more(qtbot) -> None:
    label, over = NamedLabel("A key does nothing here"), QTimer(singleShot=True, interval=0)
    qtbot.addWidget(label)
    label.set_name("Hint")
    over.timeout.connect(label.clear)
    over.start()
    qtbot.waitUntil(lambda: not label.text())
    assert heard(label) == "Hint"


def test_a_sentence_has_its_name_too(qtbot) -> None:
    sentence = NamedSentence("Nothing is read.", role="dim", px=12)
    qtbot.addWidget(sentence)
    sentence.set_name("State of the reading")
    assert heard(sentence) == "State of the reading: Nothing is read."
    sentence.set_text("Read.")
    assert heard(sentence) == "State of the reading: Read."


def test_the_status_line_tells_its_counts_its_work_and_the_value_under_the_pointer(qtbot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.counts.setText("118 files · 12 read")
    line.show_work("Reading · 12 of 118", 12, 118)
    line.pointer.setText("x 12  y 7  1024")
    line.hint.setText("Heatmap: no image is read")
    assert heard(line.counts) == "Counts: 118 files · 12 read"
    assert heard(line.work) == "What goes on: Reading · 12 of 118"
    assert heard(line.pointer) == "Value under the pointer: x 12  y 7  1024"
    assert heard(line.hint) == "Why a key did nothing: Heatmap: no image is read"
    line.show_work("")
    assert heard(line.work) == "What goes on"


def test_the_header_panel_tells_why_it_is_empty(qtbot) -> None:
    panel = HeaderPanel()
    qtbot.addWidget(panel)
    assert heard(panel.state) == f"State of the header: {NOTHING}"
