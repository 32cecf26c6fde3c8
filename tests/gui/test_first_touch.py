"""gui.first_touch: the first thing that a person does is heard, once, and nothing that only happens."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from gui.canvas.viewport import Viewport
from gui.first_touch import FirstTouch

Reason = Qt.FocusReason


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.field, window.view = QLineEdit(window), Viewport(window)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def heard(window):
    """What was heard in the window since it is watched."""
    touch, heard = FirstTouch(window), []
    touch.happened.connect(lambda: heard.append(1))
    touch.happened.connect(touch.stop)
    touch.watch()
    yield heard
    touch.stop()


def focus(widget: QWidget, reason: Qt.FocusReason) -> None:
    QApplication.sendEvent(widget, QFocusEvent(QEvent.Type.FocusIn, reason))


def test_a_key_is_heard_once(window, heard, qtbot) -> None:
    qtbot.keyClick(window.field, Qt.Key.Key_A)
    qtbot.keyClick(window.field, Qt.Key.Key_B)
    assert heard == [1]


def test_what_is_done_in_another_window_is_not_heard(heard, qtbot) -> None:
    other = QLineEdit()
    qtbot.addWidget(other)
    qtbot.keyClick(other, Qt.Key.Key_A)
    assert heard == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_Shift, Qt.Key.Key_Control])
def test_a_key_on_the_way_to_another_is_not_heard(window, heard, qtbot, key) -> None:
    qtbot.keyClick(window.field, key)
    assert heard == []


@pytest.mark.parametrize("where, reason, is_heard", [
    ("field", Reason.TabFocusReason, True), ("field", Reason.OtherFocusReason, True),
    ("field", Reason.ActiveWindowFocusReason, False), ("field", Reason.PopupFocusReason, False),
    ("view", Reason.OtherFocusReason, False),
])
def test_the_keyboard_in_a_panel_is_heard_where_somebody_brought_it_there(window, heard, where, reason, is_heard):
    focus(getattr(window, where), reason)
    assert bool(heard) is is_heard


def test_a_window_that_is_closed_is_watched_no_more(window, heard, qtbot) -> None:
    window.close()
    qtbot.keyClick(window.field, Qt.Key.Key_A)
    assert heard == []
