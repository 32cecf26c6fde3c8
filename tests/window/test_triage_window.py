"""Through the real window: a folder of cases becomes a list, urgent first."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.uid import JPEGBaseline8Bit
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QListView, QTableView

from core.settings import Settings
from core.studies.scan import HEAD
from core.triage.rows import Priority, State, waiting_row
from gui import list_keys
from gui.commands import BY_ID, disabled_text
from gui.theme import apply_theme, color
from gui.worklist.worklist_model import COLUMNS, TITLES
from gui.worklist.worklist_panel import ROW_PX
from tests.make.dicom import make_dicom
from tests.make.screen import painted
from tests.window.conftest import noise
from tests.window.test_objects_window import make_report
from tests.window.test_opening_window import SlowDisk


def make_cases(folder):
    folder.mkdir()
    make_dicom(folder / "a_hand.dcm", noise(1), BodyPartExamined="HAND", PatientID="1")
    make_dicom(folder / "b_chest.dcm", noise(2), PatientID="2", PatientName="Second^Case")
    (folder / "c_notes.txt").write_text("no picture")
    make_dicom(folder / "d_chest.dcm", noise(3), PatientID="3")
    return folder


def test_flagged_come_first_then_what_failed_and_last_what_the_model_is_not_made_for(
    open_window, tmp_path, wait_until_idle
) -> None:
    folder = make_cases(tmp_path / "cases")
    (folder / "d_cut.dcm").write_bytes((folder / "d_chest.dcm").read_bytes()[:500])
    window = open_window(folder)
    wait_until_idle(window)
    worklist = window.desk.worklist
    assert worklist.isVisible()
    assert [(row.path.name, row.priority, row.state) for row in worklist.model.rows] == [
        ("b_chest.dcm", Priority.FLAGGED, State.READ), ("d_chest.dcm", Priority.FLAGGED, State.READ),
        ("d_cut.dcm", Priority.LOOK, State.FAILED), ("a_hand.dcm", Priority.NOT_ANALYZED, State.REFUSED),
        ("c_notes.txt", Priority.NOT_ANALYZED, State.FAILED),
    ]
    states = [worklist.model.index(row, TITLES.index("State")).data() for row in (2, 4)]
    assert states == ["failed: damaged", "not opened: no image"]
    inks = [worklist.model.index(row, 0).data(Qt.ItemDataRole.ForegroundRole) for row in (2, 4)]
    assert inks == [color("stop"), color("dim")]
    texts = [worklist.model.index(0, column).data() for column in range(worklist.model.columnCount())]
    assert texts[:3] == ["◆ flagged", "Second^Case", "b_chest.dcm"]
    assert window.desk.status.counts.text() == "5 files · 2 read · 1 not analysed · 2 not opened"


def test_a_single_file_needs_no_list(open_window, chest, wait_until_idle) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    assert not window.desk.worklist.isVisible()


def test_a_double_click_opens_the_case(open_window, tmp_path, wait_until_idle, qtbot) -> None:
    window = open_window(make_cases(tmp_path / "cases"))
    wait_until_idle(window)
    table = window.desk.worklist.table
    place = table.visualRect(table.model().index(1, 2)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.desk.canvas.active.image.path.name == "d_chest.dcm")
    wait_until_idle(window)
    assert window.desk.opinion.current_reading().path.name == "d_chest.dcm"
    assert table.model().index(1, table.model().columnCount() - 1).data() == "now"


def test_a_double_click_on_what_was_not_opened_says_why(open_window, tmp_path, wait_until_idle) -> None:
    window = open_window(make_cases(tmp_path / "cases"))
    wait_until_idle(window)
    window.desk.worklist.opened.emit(tmp_path / "cases" / "c_notes.txt")
    assert window.notices.text().startswith("c_notes.txt: This is neither DICOM nor")


def test_what_is_shown_and_selected_does_not_move_while_the_list_is_read(
    open_window, chests, gate, qtbot, wait_until_idle
) -> None:
    window = open_window(*chests)
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 4, timeout=15_000)
    desk.refresher.refresh()
    table = desk.worklist.table
    place = desk.worklist.model.place_of(chests[3])
    table.selectRow(place)
    desk.open_case(chests[3])
    gate.open()
    wait_until_idle(window)
    assert desk.canvas.active.image.path == chests[3]
    selected = table.selectionModel().selectedRows()
    assert [desk.worklist.model.row_at(index).path for index in selected] == [chests[3]]


def test_rows_say_waiting_and_reading_until_they_are_read(open_window, chests, gate, qtbot, wait_until_idle) -> None:
    window = open_window(*chests)
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 4 and desk.reading.running_key is not None, timeout=15_000)
    desk.refresher.refresh()
    states = sorted(row.state for row in desk.worklist.model.rows)
    assert states == [State.READING, State.WAITING, State.WAITING, State.WAITING]
    assert desk.status.counts.text() == "4 files · 0 read · 4 waiting"
    gate.open()
    wait_until_idle(window)
    assert {row.state for row in desk.worklist.model.rows} == {State.READ}


def test_what_is_looked_at_is_read_before_the_list(open_window, chests, gate, qtbot, wait_until_idle) -> None:
    window = open_window(*chests)
    desk = window.desk
    started = []
    desk.reading.started.connect(lambda key: started.append(key[0]))
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 4 and desk.reading.running_key is not None, timeout=15_000)
    desk.open_case(chests[3])
    qtbot.wait(200)
    gate.open()
    wait_until_idle(window)
    assert started[:2] == [chests[0], chests[3]]
    assert len(desk.workspace.readings) == 4


def test_the_counts_add_up_to_all_files_whatever_they_are(open_window, tmp_path, wait_until_idle) -> None:
    folder = make_cases(tmp_path / "cases")
    (folder / "copy.dcm").write_bytes((folder / "d_chest.dcm").read_bytes())
    make_report(folder / "report.dcm")
    window = open_window(folder)
    wait_until_idle(window)
    text = window.desk.status.counts.text()
    total, *parts = (int(part.split()[0]) for part in text.split(" · "))
    assert total == sum(parts) == 6
    assert text == "6 files · 2 read · 1 not analysed · 1 without a picture · 1 copy · 1 not opened"


def opened_of(window) -> dict[str, str]:
    """Return what the list says under "Opened" of each file of which it says something."""
    window.desk.refresher.refresh()
    model = window.desk.worklist.model
    said = {row.path.name: model.index(number, TITLES.index("Opened")).data() for number, row in enumerate(model.rows)}
    return {name: word for name, word in said.items() if word}


def test_what_was_scrolled_past_before_its_picture_came_was_not_opened(
    open_window, ct_series, gate, qtbot, wait_until_idle
) -> None:
    window = open_window(ct_series)
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 12 and bool(gate.asked), timeout=15_000)
    for _ in range(3):
        desk.showing.scroll(1)
    gate.open()
    wait_until_idle(window)
    assert opened_of(window) == {"slice00.dcm": "yes", "slice03.dcm": "now"}
    desk.showing.scroll(1)
    wait_until_idle(window)
    assert opened_of(window) == {"slice00.dcm": "yes", "slice03.dcm": "yes", "slice04.dcm": "now"}


def test_what_has_no_picture_was_not_opened(open_window, tmp_path, wait_until_idle) -> None:
    folder = make_cases(tmp_path / "cases")
    make_dicom(folder / "a_broken.dcm", noise(4), PatientID="4", syntax=JPEGBaseline8Bit, frames=[b"no picture"])
    window = open_window(folder)
    wait_until_idle(window)
    assert opened_of(window) == {"a_hand.dcm": "now"}


def test_what_is_shown_in_another_cell_was_opened_too(open_window, chests, wait_until_idle) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    window.desk.canvas.set_layout_name("1x2")
    wait_until_idle(window)
    assert opened_of(window) == {"case0.dcm": "now", "case1.dcm": "yes"}


def test_what_came_into_a_cell_outside_the_layout_is_opened_when_the_cell_is_there_again(
    open_window, chests, gate, qtbot, wait_until_idle
) -> None:
    window = open_window(*chests)
    canvas = window.desk.canvas
    canvas.set_layout_name("1x2")
    qtbot.waitUntil(lambda: len(window.desk.workspace.shown) == 2, timeout=15_000)
    canvas.set_layout_name("1x1")
    gate.open()
    wait_until_idle(window)
    assert opened_of(window) == {"case0.dcm": "now"}
    canvas.set_layout_name("1x2")
    assert opened_of(window) == {"case0.dcm": "now", "case1.dcm": "yes"}


def test_what_the_program_showed_for_the_time_being_stood_in_a_view_too(
    open_window, tmp_path, monkeypatch, qtbot, wait_until_idle
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    films = [make_dicom(folder / f"{number:02d}.dcm", noise(number, (64, 64)), PatientID=str(number))
             for number in range(HEAD + 8)]
    monkeypatch.setattr("core.studies.scan.first_names", lambda path, most: [f"{8 + n:02d}.dcm" for n in range(most)])
    disk = SlowDisk(monkeypatch, *films[:8], *films[9:])
    window = open_window()
    window.open_paths([folder])
    qtbot.waitUntil(lambda: window.desk.canvas.active.frame is not None and disk.reached.is_set(), timeout=15_000)
    assert opened_of(window) == {"08.dcm": "now"}
    disk.go_on()
    wait_until_idle(window)
    assert opened_of(window) == {"00.dcm": "now", "08.dcm": "yes"}


def test_a_picture_in_a_hidden_cell_is_opened_when_it_comes_to_sight(open_window, tmp_path, wait_until_idle) -> None:
    films = [make_dicom(tmp_path / f"case{number}.dcm", noise(number, (64, 64)), PatientID=str(number))
             for number in range(2)]
    window = open_window()
    canvas = window.desk.canvas
    canvas.set_layout_name("1x2")
    canvas.maximize(canvas.viewports[0])
    window.open_paths(films)
    wait_until_idle(window)
    assert opened_of(window) == {"case0.dcm": "now"}
    canvas.maximize(canvas.viewports[0])
    assert opened_of(window) == {"case0.dcm": "now", "case1.dcm": "yes"}


def test_rows_in_sight_stay_there_while_others_move_in_above_them(open_window, chests, wait_until_idle) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    worklist = window.desk.worklist
    table, bar = worklist.table, worklist.table.verticalScrollBar()
    waiting = [replace(waiting_row(Path(f"/n/{number:03d}.dcm")), patient="Waits") for number in range(60)]
    rows = {**window.desk.workspace.rows, **{row.path: row for row in waiting}}
    worklist.show_rows(rows)
    QApplication.processEvents()
    assert bar.value() == 0
    bar.setValue(30 * ROW_PX + 7)

    def in_sight() -> list[tuple[str, int]]:
        numbers = range(table.rowAt(0), table.rowAt(table.viewport().height() - 1) + 1)
        return [(worklist.model.rows[number].path.name, table.rowViewportPosition(number)) for number in numbers]

    before = in_sight()
    moved = [replace(row, state=State.READ, priority=Priority.FLAGGED, above=True) for row in waiting[50:]]
    worklist.show_rows(rows | {row.path: row for row in moved})
    assert set(moved) <= set(worklist.model.rows[:len(rows) - 50])
    assert in_sight() == before
    top = rows[Path("/n") / before[0][0]]  # moves itself: what is below it stays
    worklist.show_rows(rows | {row.path: row for row in moved} | {top.path: replace(moved[0], path=top.path)})
    assert in_sight()[1:] == before[1:]
    bar.setValue(0)
    worklist.show_rows(rows)
    assert bar.value() == 0


def test_what_was_asked_for_is_told_before_what_waits(open_window, tmp_path, wait_until_idle) -> None:
    folder = make_cases(tmp_path / "cases")
    (folder / "e_notes.txt").write_text("no picture either")
    window = open_window(folder)
    wait_until_idle(window)
    for name in ("c_notes.txt", "e_notes.txt", "c_notes.txt"):
        window.desk.worklist.opened.emit(folder / name)
        assert window.notices.text().startswith(f"{name}: ")
    assert window.notices.button.text().endswith("1 more")
    window.desk.series_panel.refusal_chosen.emit(folder / "e_notes.txt")
    assert window.notices.text().startswith("e_notes.txt: ")


def test_a_letter_in_a_list_chooses_no_other_row_and_says_why_it_does_nothing(
    open_window, chests, wait_until_idle, qtbot
) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    desk = window.desk
    for view, column in ((desk.worklist.table, TITLES.index("File")), (desk.series_panel.list, 0)):
        current = view.model().index(3, column)
        view.setCurrentIndex(current)
        view.setFocus()
        for key in (Qt.Key.Key_C, Qt.Key.Key_P):
            qtbot.keyClick(view, key)
            view.keyboardSearch("c")
            assert view.currentIndex() == current
        assert window.status.hint.text() == disabled_text(BY_ID["view.next-presentation"])
        window.status.hint.clear()


@pytest.mark.parametrize("is_qts_own", [True, False])
def test_enter_opens_the_current_row_once_on_every_system(
    open_window, chests, wait_until_idle, qtbot, monkeypatch, is_qts_own
) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    desk, opened = window.desk, []
    monkeypatch.setattr(list_keys, "ENTER_OPENS", is_qts_own)
    if not is_qts_own:
        for view in (QTableView, QListView):
            monkeypatch.setattr(view, "keyPressEvent", lambda self, event: None)
    for view in (desk.worklist.table, desk.series_panel.list):
        view.activated.connect(lambda index: opened.append(index.row()))
        view.setCurrentIndex(view.model().index(1, 0))
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == [1, 1]


def test_reasons_have_their_room_however_narrow_the_window_is(open_window, chests, wait_until_idle, qtbot) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    table, column = window.desk.worklist.table, TITLES.index("State")
    for width in (1800, 1000):
        window.resize(width, 800)
        qtbot.wait(50)
        room = table.viewport().width() - table.horizontalHeader().length()
        assert table.columnWidth(column) >= COLUMNS[column].width_px
        assert (room == 0) if width == 1800 else (room < 0)


@pytest.fixture
def themed(qapp):
    """The program in its colors."""
    palette, style = QPalette(qapp.palette()), qapp.styleSheet()
    apply_theme(qapp)
    yield
    qapp.setPalette(palette)
    qapp.setStyleSheet(style)


def test_the_row_with_the_keyboard_is_seen_in_every_list(
    open_window, chests, wait_until_idle, wait_for_text, themed
) -> None:
    window = open_window(*chests, settings=Settings(notice_seen=True, show_header=True))
    wait_until_idle(window)
    desk = window.desk
    tree = desk.header_panel.tree.view
    wait_for_text(desk.header_panel.state.text, "rows")
    window.activateWindow()
    for view in (desk.worklist.table, desk.series_panel.list, tree):
        view.setCurrentIndex(view.model().index(1, 0))
        accents = []
        for widget in (view, desk.canvas.active):
            widget.setFocus()
            QApplication.processEvents()
            pixels = painted(view.viewport())
            accents.append(int((pixels == color("accent").toTuple()[:3]).all(axis=2).sum()))
        assert accents[0] > accents[1] + 20, view.accessibleName()
