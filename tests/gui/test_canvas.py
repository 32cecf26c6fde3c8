import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from gui.canvas.canvas import Canvas
from gui.theme import color
from tests.make.mouse import drag, send
from tests.make.screen import painted


@pytest.fixture
def canvas(qtbot):
    widget = Canvas()
    qtbot.addWidget(widget)
    widget.resize(601, 401)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def visible(canvas):
    QApplication.processEvents()
    return [cell for cell in canvas.all_viewports if cell.isVisible()]


@pytest.mark.parametrize(("name", "cells"), [("1x1", 1), ("1x2", 2), ("2x2", 4)])
def test_a_layout_shows_its_cells_equally_large(canvas, name, cells):
    canvas.set_layout_name("2x2")
    canvas.set_layout_name(name)
    assert tuple(visible(canvas)) == canvas.viewports
    assert len(canvas.viewports) == cells
    sizes = [(cell.width(), cell.height()) for cell in canvas.viewports]
    assert max(size[0] for size in sizes) - min(size[0] for size in sizes) <= 1
    assert sum(size[0] for size in sizes[: (cells + 1) // 2 if cells > 2 else cells]) >= 600
    assert canvas.layout_name == name


def test_an_unknown_layout_is_a_bug(canvas):
    with pytest.raises(ValueError, match="3x3"):
        canvas.set_layout_name("3x3")


def test_a_press_makes_a_cell_the_active_one_and_a_border_shows_it(canvas):
    canvas.set_layout_name("1x2")
    told = []
    canvas.active_changed.connect(told.append)
    drag(canvas.viewports[1], (20, 20), (0, 0))
    drag(canvas.viewports[1], (20, 20), (0, 0))
    assert canvas.active is canvas.viewports[1]
    assert told == [canvas.viewports[1]]
    accent = color("accent").toTuple()[:3]
    assert tuple(painted(canvas.viewports[1])[0, 50]) == accent
    assert tuple(painted(canvas.viewports[0])[0, 50]) != accent


def test_a_single_cell_has_no_border(canvas):
    assert not painted(canvas.viewports[0]).any()


def test_a_double_click_maximizes_a_cell_and_back(canvas):
    canvas.set_layout_name("2x2")
    cell = canvas.viewports[2]
    send(cell, QEvent.Type.MouseButtonDblClick, (20, 20))
    assert visible(canvas) == [cell]
    assert (cell.width(), cell.height()) == (601, 401)
    assert canvas.active is cell
    send(cell, QEvent.Type.MouseButtonDblClick, (20, 20))
    assert len(visible(canvas)) == 4


def test_next_and_previous_go_round_and_take_the_maximized_cell_along(canvas):
    canvas.set_layout_name("1x2")
    first, second = canvas.viewports
    canvas.activate_next()
    assert canvas.active is second
    canvas.activate_next()
    assert canvas.active is first
    canvas.activate_previous()
    assert canvas.active is second
    canvas.maximize(second)
    canvas.activate_next()
    assert visible(canvas) == [first]


def test_a_smaller_layout_keeps_an_active_cell(canvas):
    canvas.set_layout_name("2x2")
    canvas.activate(canvas.viewports[3])
    canvas.set_layout_name("1x1")
    assert canvas.active is canvas.viewports[0]
    with pytest.raises(ValueError, match="not part"):
        canvas.activate(canvas.all_viewports[3])
