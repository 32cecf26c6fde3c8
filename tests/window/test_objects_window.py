"""Objects without a picture in the real window."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices

from core.dicom import load_object
from core.dicom.text_tree import TreeRow
from core.settings import Settings
from gui.panels.series_model import ROW_ROLE, ObjectRow
from tests.make.dicom import make_dicom

REPORT = "1.2.840.10008.5.1.4.1.1.88.11"


def make_report(path: Path, **attributes) -> Path:
    code = {"CodeValue": "1", "CodingSchemeDesignator": "99MADE", "CodeMeaning": "Conclusion"}
    content = {"ValueType": "TEXT", "ConceptNameCodeSequence": code, "TextValue": "Nothing to see. " * 20}
    title = {"CodeValue": "2", "CodingSchemeDesignator": "99MADE", "CodeMeaning": "Chest report"}
    return make_dicom(path, SOPClassUID=REPORT, Modality="SR", ValueType="CONTAINER", ContentSequence=content,
                      ConceptNameCodeSequence=title, **attributes)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_report(tmp_path / "report.dcm")


def rows_of(window) -> list[TreeRow]:
    view = window.desk.object_showing.views.get(0)
    model = None if view is None else view.tree.model
    return [] if model is None else [model.row_at(model.index(row, 0)) for row in range(model.rowCount())]


def object_rows(window) -> list[ObjectRow]:
    model = window.desk.series_panel.model
    rows = [model.index(row).data(ROW_ROLE) for row in range(model.rowCount())]
    return [row for row in rows if isinstance(row, ObjectRow)]


def test_a_report_opened_alone_is_shown_as_a_tree_and_is_no_error(qtbot, open_window, report, wait_until_idle):
    window = open_window(report)
    qtbot.waitUntil(lambda: any(row.cells[0] == "Conclusion" for row in rows_of(window)))
    wait_until_idle(window)
    view = window.desk.object_showing.views[0]
    assert view.isVisible()
    assert view.title.text() == "Chest report"
    assert not window.desk.workspace.refusals
    assert window.desk.status.counts.text() == "1 file · 0 read · 1 without a picture"
    assert [(row.title, row.kind, row.is_active) for row in object_rows(window)] == [("Chest report", "Report", True)]


def test_an_image_comes_first_and_a_click_goes_to_the_report_and_back(
    qtbot, open_window, chest, report, wait_until_idle
):
    window = open_window(report, chest)
    wait_until_idle(window)
    desk = window.desk
    assert desk.canvas.active.frame is not None
    desk.series_panel.object_chosen.emit(report)
    qtbot.waitUntil(lambda: bool(rows_of(window)))
    view = desk.object_showing.views[0]
    assert view.isVisible()
    assert desk.canvas.active.frame is None  # no command acts on a picture that is not in sight
    assert not desk.handlers.situation().has_image
    desk.series_panel.chosen.emit(next(iter(desk.workspace.series)))
    qtbot.waitUntil(lambda: desk.canvas.active.frame is not None)
    assert not view.isVisible()


def test_objects_stand_below_their_patient(open_window, chests, tmp_path, wait_until_idle):
    mine = make_report(chests[0].parent / "r.dcm", PatientID="P1")
    other = make_report(chests[0].parent / "s.dcm", PatientID="P9", PatientName="Nine^Nobody")
    window = open_window(mine, other, *chests)
    wait_until_idle(window)
    model = window.desk.series_panel.model
    keys = [model.index(row).data(ROW_ROLE).key for row in range(model.rowCount())]
    assert keys.index(f"object {mine}") == keys.index("patient P1^") + 2
    assert keys[-2:] == ["patient P9^", f"object {other}"]


def test_the_sentences_of_a_report_are_wrapped_not_cut(qtbot, open_window, report):
    window = open_window(report)
    qtbot.waitUntil(lambda: bool(rows_of(window)))
    view = window.desk.object_showing.views[0].tree.view
    model = view.model()
    heights = {model.index(row, 0).data(): view.visualRect(model.index(row, 1)).height()
               for row in range(model.rowCount())}
    assert heights["Conclusion"] >= 2 * heights["Kind"]


def test_the_header_panel_shows_the_objects_header(qtbot, open_window, report):
    window = open_window(report, settings=Settings(notice_seen=True, show_header=True))
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: panel.state.text().startswith("report.dcm · "))
    assert panel.tree.isVisible()


def test_a_document_is_handed_on_when_asked_and_goes_with_the_window(qtbot, letter, monkeypatch):
    opened: list[Path] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(Path(QUrl(url).toLocalFile())) or True
    )
    window, button = letter()
    assert not opened
    button.click()
    qtbot.waitUntil(lambda: bool(opened))
    assert opened[0].read_bytes() == b"%PDF-1.7"
    assert opened[0].suffix == ".pdf"
    window.close()
    assert not opened[0].exists()


def test_closing_all_takes_the_objects_away(qtbot, open_window, report):
    window = open_window(report)
    qtbot.waitUntil(lambda: bool(rows_of(window)))
    window.desk.run_command("file.close-all")
    assert not window.desk.object_showing.views[0].isVisible()
    assert not object_rows(window)
    assert window.desk.status.counts.text() == "Nothing is open"


@pytest.fixture
def reported(qtbot, open_window, report, chests, wait_until_idle):
    """The window with a report in the first of two cells, beside several series; its tree has the keyboard."""
    window = open_window(report, *chests)
    wait_until_idle(window)
    desk = window.desk
    desk.run_command("view.layout-1x2")
    wait_until_idle(window)
    desk.canvas.activate(desk.canvas.viewports[0])
    desk.series_panel.object_chosen.emit(report)
    qtbot.waitUntil(lambda: bool(rows_of(window)))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    desk.object_showing.views[0].tree.view.setFocus()
    return window


def test_the_page_keys_go_through_a_report_that_has_the_keyboard(reported, qtbot):
    view, desk = reported.desk.object_showing.views[0], reported.desk
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        qtbot.keyClick(view.tree.view, key)
        assert view.isVisible()
        assert desk.object_showing.active is not None


def test_tab_goes_into_a_report_through_it_and_on_to_the_next_cell(reported, qtbot):
    desk = reported.desk
    first, second = desk.canvas.viewports
    view = desk.object_showing.views[0]
    view.document.show()
    first.setFocus()
    for expected in (view.document, view.tree.field, view.tree.view, second):
        assert desk.canvas.active is first
        qtbot.keyClick(reported.focusWidget(), Qt.Key.Key_Tab)
        assert reported.focusWidget() is expected
    assert desk.canvas.active is second
    view.tree.view.setFocus()
    assert desk.canvas.active is first
    for expected in (view.tree.field, view.document, first):
        qtbot.keyClick(reported.focusWidget(), Qt.Key.Key_Backtab)
        assert reported.focusWidget() is expected
    assert desk.canvas.active is first


def test_tab_goes_on_from_a_report_into_one_in_the_next_cell(reported, qtbot):
    desk = reported.desk
    first, second = desk.canvas.viewports
    desk.canvas.activate(second)
    desk.series_panel.object_chosen.emit(next(iter(desk.workspace.objects)))
    views = desk.object_showing.views
    qtbot.waitUntil(lambda: 1 in views and views[1].isVisible())
    views[0].tree.view.setFocus()
    assert desk.canvas.active is first
    for expected in (second, views[1].tree.field, views[1].tree.view):
        qtbot.keyClick(reported.focusWidget(), Qt.Key.Key_Tab)
        assert reported.focusWidget() is expected
        assert desk.canvas.active is second
    desk.canvas.activate(first)
    views[1].tree.view.setFocus(Qt.FocusReason.MouseFocusReason)  # a click into the other report
    assert reported.focusWidget() is views[1].tree.view
    assert desk.canvas.active is second


def test_the_keyboard_stays_in_the_cell_whose_report_goes(reported):
    desk = reported.desk
    desk.run_command("file.close-all")
    assert reported.focusWidget() is desk.canvas.viewports[0]
    assert desk.canvas.active is desk.canvas.viewports[0]


def test_tab_is_the_next_cell_again_where_no_report_lies_over_the_picture(reported, qtbot, wait_until_idle):
    desk = reported.desk
    first, second = desk.canvas.viewports
    desk.series_panel.chosen.emit(next(iter(desk.workspace.series)))
    qtbot.waitUntil(lambda: first.frame is not None)
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert desk.canvas.active is second


@pytest.fixture
def searched(open_window, chest, wait_until_idle, qtbot):
    """The window with a zoomed picture and a word in the search field of its header panel."""
    window = open_window(chest, settings=Settings(notice_seen=True, show_header=True))
    wait_until_idle(window)
    field = window.desk.header_panel.tree.field
    window.desk.run_command("view.zoom-in")
    field.setFocus()
    qtbot.keyClicks(field, "modality")
    return window


def test_escape_in_a_search_field_clears_it_and_leaves_the_picture_as_it_is(searched, qtbot):
    viewport, field = searched.desk.canvas.active, searched.desk.header_panel.tree.field
    before = viewport.state
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), viewport.state) == ("", before)
    qtbot.keyClick(field, Qt.Key.Key_Escape)  # nothing is left to take back
    assert viewport.state != before


def test_escape_leaves_the_full_screen_from_a_search_field_that_is_empty(searched, qtbot):
    field = searched.desk.header_panel.tree.field
    qtbot.keyClick(field, Qt.Key.Key_F11)
    for is_full in (True, False):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        assert (field.text(), searched.isFullScreen()) == ("", is_full)


def test_a_report_whose_content_takes_long_says_that_it_is_read(qtbot, open_window, report, monkeypatch):
    may_come, real = threading.Event(), load_object.describe_object

    def slow(*given):
        may_come.wait(20)
        return real(*given)

    monkeypatch.setattr(load_object, "describe_object", slow)
    window = open_window(report)
    qtbot.waitUntil(lambda: 0 in window.desk.object_showing.views, timeout=15_000)
    view = window.desk.object_showing.views[0]
    assert "Reading" not in view.text()  # at first
    qtbot.waitUntil(lambda: view.text().endswith("Reading what it holds…"))
    may_come.set()
    qtbot.waitUntil(lambda: bool(rows_of(window)))
    assert "Reading" not in view.text()
