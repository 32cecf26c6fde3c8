import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QSlider, QWidget

from gui.canvas.canvas import Canvas
from gui.canvas.patient_band import PatientBand
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


@pytest.fixture
def beside(canvas, qtbot):
    """The canvas beside a slider that would gladly have the keyboard."""
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    row.addWidget(canvas)
    row.addWidget(QSlider())
    window.resize(700, 401)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield canvas
    canvas.setParent(None)


def test_a_smaller_layout_leaves_the_keyboard_in_the_picture(beside):
    for name in ("1x2", "2x2"):
        beside.set_layout_name(name)
        drag(beside.viewports[-1], (20, 20), (0, 0))
        assert beside.viewports[-1].hasFocus()
        beside.set_layout_name("1x1")
        assert beside.viewports[0].hasFocus()


def test_cells_that_go_make_no_other_cell_active(beside):
    for cell in range(1, 4):
        for name in ("1x1", "1x2"):
            beside.set_layout_name("2x2")
            beside.activate(beside.viewports[cell])
            asked = beside.viewports[cell if name == "1x2" and cell == 1 else 0]
            beside.set_layout_name(name)
            assert beside.active is asked
            assert asked.hasFocus()
    beside.set_layout_name("2x2")
    beside.maximize(beside.viewports[2])
    beside.activate(beside.viewports[1])
    assert beside.active is beside.viewports[1]
    assert beside.viewports[1].hasFocus()


def test_a_cell_leaves_the_keyboard_to_what_lies_over_it(beside):
    beside.set_layout_name("1x2")
    field = QLineEdit(beside.viewports[1])
    field.show()
    field.setFocus()
    beside.activate(beside.viewports[1])
    assert beside.active is beside.viewports[1]
    assert field.hasFocus()


def test_a_layout_takes_the_keyboard_from_nothing_else(beside):
    slider = beside.window().findChild(QSlider)
    beside.set_layout_name("2x2")
    beside.activate(beside.viewports[3])
    slider.setFocus()
    beside.set_layout_name("1x1")
    assert slider.hasFocus()
    field = QLineEdit(beside.viewports[0])  # as of a report that lies over its cell
    field.show()
    field.setFocus()
    beside.set_layout_name("1x2")
    assert field.hasFocus()


def test_a_double_click_is_two_presses_where_there_is_one_cell(canvas):
    assert [cell.can_maximize for cell in canvas.viewports] == [False]
    canvas.set_layout_name("1x2")
    canvas.maximize(canvas.viewports[0])
    assert canvas.viewports[0].can_maximize
    canvas.set_layout_name("1x1")
    assert not canvas.viewports[0].can_maximize


def bands(canvas):
    QApplication.processEvents()
    return [band.text() for band in canvas.findChildren(PatientBand) if band.isVisible()]


def test_bands_name_patients_above_all_cells_in_view_and_hide_nothing_of_them(canvas):
    canvas.set_layout_name("2x2")
    canvas.name_patients({0: "Doe Jane", 1: "Roe Richard"})
    assert bands(canvas) == ["Doe Jane", "Roe Richard", "", ""]
    tops = {cell.geometry().top() for cell in canvas.viewports[:2]}
    assert tops == {band.geometry().bottom() + 2 for band in canvas.findChildren(PatientBand)[:2]}  # and a hairline
    heights = [cell.height() for cell in canvas.viewports]
    assert max(heights) - min(heights) <= 1
    ground = color("raised").toTuple()[:3]
    assert (painted(canvas)[2, [2, 598]] == ground).all()
    canvas.maximize(canvas.viewports[1])
    canvas.name_patients({})
    assert bands(canvas) == []
    assert canvas.viewports[1].height() == 401


@pytest.mark.parametrize("level", ["full", "minimal", "off"])
def test_bands_are_there_however_little_the_corners_say(canvas, level):
    canvas.set_layout_name("1x2")
    for cell in canvas.viewports:
        cell.set_corner_level(level)
    canvas.name_patients({0: "Doe Jane", 1: "Roe Richard"})
    assert bands(canvas) == ["Doe Jane", "Roe Richard"]
    ink = np.array(color("stop").toTuple()[:3])
    assert [(painted(band) == ink).all(axis=2).any() for band in canvas.findChildren(PatientBand)[:2]] == [True, True]


def test_a_long_name_does_not_move_its_cells(canvas):
    canvas.set_layout_name("1x2")
    canvas.name_patients({0: "Doe " * 200, 1: "Roe"})
    bands(canvas)
    assert canvas.width() == 601
    assert abs(canvas.viewports[0].width() - canvas.viewports[1].width()) <= 1
