import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from core.findings.wording import RESEARCH_NOTICE
from gui.command_handlers import NO_STORED_WINDOW
from gui.status_line import HINT_PX, LEAST_POINTER_PX, POINTER_PX, StatusLine

LONG = "Next stored window: the file stores no second window, and this goes on for a while to say that it is long. " * 3


@pytest.fixture
def line(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    line = StatusLine(window)
    line.resize(900, 26)
    window.show()
    qtbot.waitExposed(window)
    yield line


def tip_of(widget, monkeypatch) -> str:
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))
    at = QPoint(5, 5)
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    return told[-1]


def test_no_text_however_long_widens_the_window(line):
    line.show_work("Reading", 1, 4)
    line.hint.setText("Why")
    line.counts.setText("4 files")
    line.minimumSizeHint()
    for show in (line.show_hint, line.counts.setText, line.pointer.setText, lambda text: line.show_work(text, 1, 4)):
        show(LONG)
    QApplication.processEvents()
    assert line.layout().minimumSize().width() < 900
    assert line.width() == 900


def test_what_is_cut_ends_with_an_ellipsis_and_is_told_whole(line, monkeypatch):
    for label in (line.hint, line.counts, line.pointer):
        label.setText(LONG)
    QApplication.processEvents()
    for label in (line.hint, line.counts, line.pointer):
        assert label.text() == LONG
        assert LONG.startswith(label.shown_text().removesuffix("…"))
        assert label.shown_text().endswith("…")
        assert LONG in tip_of(label, monkeypatch)


def test_what_has_room_is_whole_and_tells_nothing_twice(line, monkeypatch):
    line.resize(1000, 26)
    line.counts.setText("4 files · 4 read")
    line.pointer.setText("value 8 214 at 1032, 611")
    QApplication.processEvents()
    for label in (line.counts, line.pointer):
        assert label.shown_text() == label.text()
        assert tip_of(label, monkeypatch) == ""
    assert line.pointer.width() >= POINTER_PX


@pytest.mark.parametrize("width", [1200, 1000, 900])
def test_a_hint_takes_only_room_that_nothing_else_has(line, width):
    line.resize(width, 26)
    line.counts.setText("214 files · 3 read · 1 not opened · 211 waiting")
    line.device.setText("CPU")
    line.show_work("Reading · 103 of 214", 103, 214)
    QApplication.processEvents()
    others = line.counts, line.work, line.progress, line.cancel, line.pointer, line.device
    before = [widget.geometry() for widget in others]
    line.show_hint(NO_STORED_WINDOW)
    QApplication.processEvents()
    assert [widget.geometry() for widget in others] == before
    assert line.work.shown_text() == line.work.text()
    assert line.hint.width() >= HINT_PX
    line.hint.clear()
    QApplication.processEvents()
    assert [widget.geometry() for widget in others] == before


def test_the_line_asks_for_the_same_room_whatever_goes_on(line):
    least = line.minimumSizeHint()
    line.notice.setText(RESEARCH_NOTICE)
    line.show_notice(True)
    line.device.setText("CPU (cuda failed: OutOfMemoryError)")
    line.counts.setText("214 files · 3 read · 1 not opened · 211 waiting")
    line.pointer.setText("value 8 214 at 1032, 611")
    line.show_work("Reading · 103 of 214", 103, 214)
    QApplication.processEvents()
    assert line.minimumSizeHint() == least
    line.resize(400, 26)
    assert line.width() == 400


def seen(line) -> tuple[bool, bool, int]:
    """Return whether the progress and the value under the pointer are there, and how wide that is."""
    QApplication.processEvents()
    return not line.progress.isHidden(), not line.pointer.isHidden(), line.pointer.minimumWidth()


def test_a_narrow_line_shrinks_the_pointers_value_then_the_bar_goes_and_then_that_value(line):
    line.show_work("Reading · 103 of 214", 103, 214)
    found = []
    for width in range(1100, 400, -1):
        line.resize(width, 26)
        found.append(seen(line))
    assert found[0] == (True, True, POINTER_PX) and found[-1] == (False, False, LEAST_POINTER_PX)
    steps = list(dict.fromkeys(one[:2] for one in found))
    assert steps == [(True, True), (False, True), (False, False)]
    assert LEAST_POINTER_PX in {px for has_bar, _, px in found if has_bar}


@pytest.mark.parametrize("width", range(420, 1100, 40))
@pytest.mark.parametrize("with_notice", [False, True])
def test_what_stands_at_the_right_stays_where_it_is_when_work_begins(line, width, with_notice):
    line.resize(width, 26)
    line.notice.setText(RESEARCH_NOTICE)
    line.show_notice(with_notice)
    line.counts.setText("214 files · 3 read · 1 not opened · 211 waiting")
    line.device.setText("CPU")
    right = line.pointer, line.device
    QApplication.processEvents()
    before = [(widget.isHidden(), widget.x(), widget.width()) for widget in right if not widget.isHidden()]
    line.show_work("Reading · 103 of 214", 103, 214)
    QApplication.processEvents()
    assert [(widget.isHidden(), widget.x(), widget.width()) for widget in right if not widget.isHidden()] == before
