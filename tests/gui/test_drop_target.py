"""gui.drop_target: what a drag carries, as paths, and that it is taken as a copy."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from gui.drop_target import DropTarget, local_paths

COPY, MOVE, LINK = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.DropAction.LinkAction
SHIFT = Qt.KeyboardModifier.ShiftModifier


def carrying(*uris: bytes) -> QMimeData:
    data = QMimeData()
    data.setData("text/uri-list", b"\r\n".join(uris))
    return data


def test_files_come_with_whatever_is_in_their_names(qapp) -> None:
    names = ("/films/café #1 100%.dcm", "/films/a[b]~ ?.dcm", "/films/%E9.dcm")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(name) for name in names])
    assert local_paths(data) == [Path(name) for name in names]


def test_what_lies_elsewhere_is_left_out(qapp) -> None:
    assert local_paths(carrying(b"https://example.org/a.dcm", b"file:///films/a.dcm")) == [Path("/films/a.dcm")]


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_a_name_that_is_no_utf_8_is_kept_byte_for_byte(qapp) -> None:
    (path,) = local_paths(carrying(b"file:///films/caf%E9%20%C3%A9.dcm"))
    assert os.fsencode(path) == b"/films/caf\xe9 \xc3\xa9.dcm"


@pytest.fixture
def target(qtbot):
    """A drop target over a window, and what it was asked to open."""
    window, opened = QWidget(), []
    qtbot.addWidget(window)
    window.show()
    yield DropTarget(window, opened.extend), opened


def drag(data: QMimeData, offered: Qt.DropAction, held=SHIFT) -> tuple[QDragEnterEvent, QDropEvent]:
    """Return the events of a drag that comes in and is let go; with Shift held its source proposes to move."""
    at, button = QPointF(5, 5), Qt.MouseButton.LeftButton
    try:
        enter = QDragEnterEvent(at, offered, data, button, held)
    except TypeError:  # before Qt 6.12
        enter = QDragEnterEvent(at.toPoint(), offered, data, button, held)
    drop = QDropEvent(at, offered, data, button, held)
    for event in (enter, drop):
        event.setDropAction(MOVE if held == SHIFT and offered & MOVE else COPY)
        event.ignore()
    return enter, drop


@pytest.mark.parametrize("held", [SHIFT, Qt.KeyboardModifier.NoModifier])
def test_a_drop_is_a_copy_whatever_key_is_held(target, held) -> None:
    over, opened = target
    data = carrying(b"file:///films/a.dcm")
    enter, drop = drag(data, COPY | MOVE | LINK, held)
    over.enter(enter)
    assert (enter.isAccepted(), enter.dropAction(), over.isVisible()) == (True, COPY, True)
    over.drop(drop)
    assert (drop.isAccepted(), drop.dropAction(), over.isVisible()) == (True, COPY, False)
    assert opened == [Path("/films/a.dcm")]


def test_files_that_can_only_be_moved_here_are_not_taken(target) -> None:
    over, opened = target
    data = carrying(b"file:///films/a.dcm")
    enter, drop = drag(data, MOVE)
    over.enter(enter)
    over.drop(drop)
    assert not (enter.isAccepted() or drop.isAccepted() or over.isVisible() or opened)
