"""gui.hold_key and gui.peek_key: a press counts or not, its release always ends what it began."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from gui.commands import Situation
from gui.hold_key import TAP_S, HoldKey
from gui.peek_key import PeekKey, Switch

Held = Qt.KeyboardModifier
NONE, CTRL, SHIFT = Held.NoModifier, Held.ControlModifier, Held.ShiftModifier
DOWN, UP, OVERRIDE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.field = QLineEdit(window)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def told(window):
    """What a key says, in order."""
    key, told = HoldKey(Qt.Key.Key_Q, window), []
    for name in ("pressed", "tapped", "released"):
        getattr(key, name).connect(lambda name=name: told.append(name))
    yield told
    key.stop()


def send(widget: QWidget, kind: QEvent.Type, held=NONE, is_repeat: bool = False) -> None:
    QApplication.sendEvent(widget, QKeyEvent(kind, Qt.Key.Key_Q, held, "q", is_repeat))


@pytest.mark.parametrize("held", [NONE, CTRL, SHIFT, CTRL | SHIFT])
@pytest.mark.parametrize("where", ["window", "field", "elsewhere"])
def test_a_release_ends_it_whatever_has_the_keyboard_and_is_held(window, told, qtbot, held, where) -> None:
    elsewhere = QLineEdit()
    qtbot.addWidget(elsewhere)
    send(window, DOWN)
    qtbot.wait(int(TAP_S * 1000) + 50)
    send({"window": window, "field": window.field, "elsewhere": elsewhere}[where], UP, held)
    assert told == ["pressed", "released"]
    send(window, DOWN)
    assert told[2:] == ["pressed"]


def test_a_key_that_repeats_itself_is_down_all_the_while(window, told) -> None:
    send(window, DOWN)
    for kind in (UP, DOWN, UP, DOWN):
        send(window, kind, is_repeat=True)
    assert told == ["pressed"]
    send(window, UP)
    assert told == ["pressed", "tapped"]


def test_what_is_typed_or_meant_for_a_shortcut_is_no_press(window, told) -> None:
    send(window.field, DOWN)
    send(window.field, UP)
    send(window, DOWN, CTRL)
    send(window, UP, CTRL)
    send(window, UP)
    assert told == []
    assert window.field.text() == "q"


@pytest.mark.parametrize("is_repeat", [False, True])
def test_a_press_that_counts_is_kept_from_shortcuts_and_no_other(window, told, is_repeat) -> None:
    def is_kept(widget: QWidget, key: Qt.Key, held=NONE) -> bool:
        asked = QKeyEvent(OVERRIDE, key, held, "", is_repeat)
        asked.ignore()
        QApplication.sendEvent(widget, asked)
        return asked.isAccepted()

    assert is_kept(window, Qt.Key.Key_Q)
    assert not is_kept(window, Qt.Key.Key_W)
    assert not is_kept(window, Qt.Key.Key_Q, CTRL)
    assert told == []


def test_a_peek_is_asked_for_only_where_the_command_may_act(window) -> None:
    done, said, now = [], [], [Situation()]
    switch = Switch("findings.heatmap", lambda: True, lambda on: done.append(("on", on)),
                    lambda peeking: done.append(("peek", peeking)))
    key = PeekKey(Qt.Key.Key_Q, switch, lambda: now[0], said.append, window)
    used = []
    key.used.connect(lambda: used.append(1))
    send(window, DOWN)
    send(window, UP)
    assert (done, used, said) == ([], [], ["Heatmap: no map of a finding over a picture"])
    now[0] = Situation(has_map=True)
    send(window, DOWN)
    now[0] = Situation()  # what was begun is ended
    send(window, UP)
    assert done == [("peek", True), ("peek", False), ("on", False)]
    assert len(said) == 1
    key.stop()


@pytest.mark.parametrize("held_s", [0.0, TAP_S + 0.05])
def test_a_press_that_shows_findings_which_were_held_back_is_no_more_than_that(window, qtbot, held_s) -> None:
    done, now = [], [Situation(has_held_findings=True)]
    switch = Switch("findings.heatmap", lambda: False, done.append, done.append, lambda: done.append("reveal"))
    key = PeekKey(Qt.Key.Key_Q, switch, lambda: now[0], done.append, window)
    send(window, DOWN)
    now[0] = Situation(has_map=True)
    qtbot.wait(int(held_s * 1000))
    send(window, UP)
    assert done == ["reveal"]
    key.stop()


@pytest.mark.parametrize(("was_on", "held_s", "steps"), [
    (True, 0.0, [("peek", True), ("peek", False), ("on", False)]),
    (True, TAP_S + 0.05, [("peek", True), ("peek", False)]),
    (False, 0.0, [("on", True), ("peek", False)]),
    (False, TAP_S + 0.05, [("on", True), ("peek", False), ("on", False)]),
])
def test_a_release_switches_only_what_is_not_so_already_and_reveals_nothing(
    window, qtbot, was_on, held_s, steps
) -> None:
    done, now = [], [Situation(has_map=True)]
    switch = Switch("findings.heatmap", lambda: was_on, lambda on: done.append(("on", on)),
                    lambda peeking: done.append(("peek", peeking)), lambda: done.append("reveal"))
    key = PeekKey(Qt.Key.Key_Q, switch, lambda: now[0], done.append, window)
    send(window, DOWN)
    now[0] = Situation(has_held_findings=True)  # of another image
    qtbot.wait(int(held_s * 1000))
    send(window, UP)
    assert done == steps
    key.stop()
