"""A reader's choices for a series through the window: order, joined parts, uneven gaps, another character set."""

from html import escape

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QInputDialog

from core.dicom.character_set import CHARACTER_SETS
from core.settings import Settings
from gui.elided_label import plain_tip
from gui.panels.series_model import PICTURE_ROLE, ROW_ROLE
from gui.theme import color
from tests.make.dicom import make_dicom
from tests.make.screen import painted

PIXELS = np.arange(64, dtype=np.uint16).reshape(8, 8)
UIDS = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "Modality": "MR", "SeriesDescription": "ep2d"}


def make_slice(path, z, number, **attributes):
    return make_dicom(path, PIXELS, **UIDS, ImagePositionPatient=[0, 0, z], InstanceNumber=number,
                      ImageOrientationPatient=[1, 0, 0, 0, 1, 0], **attributes)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mr").mkdir()
    return tmp_path / "mr"


def rows_of(window):
    model = window.desk.series_panel.model
    window.desk.refresher.refresh()
    return [model.index(number).data(ROW_ROLE) for number in range(1, model.rowCount())]


def shown(window):
    place = window.desk.showing.active_place
    series = window.desk.showing.active_series
    return place.image.path.name, window.desk.canvas.active.scene.position, len(series)


def test_the_series_in_view_is_sorted_as_asked_and_says_so(open_window, folder, wait_until_idle) -> None:
    for number, (name, time) in enumerate([("c", "101000"), ("a", "103000"), ("b", "102000")]):
        make_slice(folder / name, number * 5, number + 1, AcquisitionDate="20200101", AcquisitionTime=time)
    window = open_window(folder)
    desk = window.desk
    wait_until_idle(window)
    desk.showing.scroll_to(0)
    wait_until_idle(window)
    assert shown(window) == ("c", "1 / 3", 3)
    assert "In order of position." in rows_of(window)[0].note
    actions = desk.actions.by_id
    assert [actions[f"series.by-{name}"].isChecked() for name in ("position", "number", "time", "name")] == [
        True, False, False, False]
    desk.run_command("series.by-name")
    assert shown(window) == ("c", "3 / 3 · by file name", 3)
    assert actions["series.by-name"].isChecked()
    assert "In order of file name." in rows_of(window)[0].note
    desk.showing.scroll_to(0)
    assert desk.showing.active_place.image.path.name == "a"
    desk.run_command("series.by-time")
    desk.showing.scroll(-1)
    wait_until_idle(window)
    assert desk.showing.active_place.image.path.name == "b"
    desk.run_command("series.by-position")
    wait_until_idle(window)
    assert shown(window) == ("b", "3 / 3", 3)


def test_an_order_that_tells_nothing_apart_is_not_offered(open_window, folder, wait_until_idle) -> None:
    for number in range(3):
        make_slice(folder / f"{number}", number, 1)
    window = open_window(folder)
    wait_until_idle(window)
    actions = window.desk.actions.by_id
    assert [name for name in ("position", "number", "time", "name") if actions[f"series.by-{name}"].isEnabled()] == [
        "position", "name"]
    assert not actions["series.join"].isEnabled()


def test_parts_are_joined_and_apart_again_and_the_image_stays(open_window, folder, wait_until_idle) -> None:
    for number in range(3):
        for echo in (20, 40):
            make_slice(folder / f"{echo}-{number}", number * 5, number, EchoTime=str(echo))
    window = open_window(folder)
    desk = window.desk
    wait_until_idle(window)
    desk.showing.scroll_to(1)
    wait_until_idle(window)
    assert shown(window) == ("20-1", "2 / 3", 3)
    desk.run_command("series.join")
    assert shown(window) == ("20-1", "3 / 6", 6)
    (row,) = rows_of(window)
    assert (row.title, row.count, row.is_active) == ("MR ep2d · joined", 6, True)
    assert row.note.startswith("The series is joined again, though it holds 2 echo times.")
    assert desk.actions.by_id["series.join"].isChecked()
    make_slice(folder / "20-9", 45, 9, EchoTime="20")
    desk.open_paths([folder])
    wait_until_idle(window)
    assert rows_of(window)[0].count == 7
    desk.showing.scroll_to(2)
    wait_until_idle(window)
    desk.run_command("series.join")
    assert [row.count for row in rows_of(window)] == [4, 3]
    assert shown(window) == ("20-1", "2 / 4", 4)


def test_uneven_gaps_are_marked_with_their_place(open_window, folder, wait_until_idle) -> None:
    for number, z in enumerate([0, 5, 10, 20, 25, 30]):
        make_slice(folder / f"{number}", z, number + 1)
    window = open_window(folder)
    desk = window.desk
    wait_until_idle(window)
    (row,) = rows_of(window)
    assert row.has_gaps
    assert "Uneven gaps between slices, 5 mm elsewhere: 10 mm after image 3 (at 10 mm)." in row.note
    index = desk.series_panel.model.index(1)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith(", uneven gaps")
    assert index.data(Qt.ItemDataRole.ToolTipRole) == plain_tip(f"{row.title}\n{row.path.name}\n{row.note}")
    said = {}
    for number in range(6):
        desk.showing.scroll_to(number)
        wait_until_idle(window)
        said[number + 1] = desk.canvas.active.scene.position
    assert said[3] == "3 / 6 · 10 mm to the next (else 5)"
    assert said[4] == "4 / 6 · 10 mm from the last (else 5)"
    assert all("mm" not in said[number] for number in (1, 2, 5, 6))
    assert (painted(desk.series_panel.list.viewport()) == color("stop").toTuple()[:3]).all(axis=2).any()


def test_names_are_read_in_another_character_set_until_the_program_ends(
    open_window, folder, wait_until_idle, wait_for_text, qtbot
) -> None:
    name, description = "Иванов^Иван".encode("iso8859_5"), "Грудь".encode("iso8859_5")
    texts = {"PatientName": name, "SeriesDescription": description, "SpecificCharacterSet": "ISO_IR 100"}
    attributes = {**UIDS, **texts, "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    for number in range(2):
        make_dicom(folder / f"{number}", PIXELS, **attributes, InstanceNumber=number,
                   ImagePositionPatient=[0, 0, number])
    window = open_window(folder)
    desk = window.desk
    wait_until_idle(window)
    wrong = name.decode("latin1")
    model = desk.series_panel.model
    assert wrong.replace("^", " ") in model.index(0).data()
    desk.canvas.active.zoom_by(3)
    state = desk.canvas.active.state
    desk.run_command("view.header-panel")

    def choose(words):
        desk.run_command("series.character-set")
        dialog = desk.character_sets.dialog
        assert isinstance(dialog, QInputDialog)
        dialog.setTextValue(words)
        dialog.accept()
        wait_until_idle(window)
        qtbot.waitUntil(lambda: not desk.objects.is_busy)
        desk.refresher.refresh()

    choose(CHARACTER_SETS["ISO_IR 144"])
    assert model.index(0).data() == "Иванов Иван"
    assert model.index(1).data() == "MR Грудь"
    assert desk.canvas.active.scene.corners.top_left[0] == "Иванов^Иван"
    assert desk.canvas.active.state == state  # what is looked at stays
    assert {row.patient for row in desk.worklist.model.rows} == {"Иванов^Иван"}
    tree = desk.header_panel.tree.model

    def header_names():
        return [tree.index(row, 3).data() for row in range(tree.rowCount())]

    qtbot.waitUntil(lambda: "Иванов^Иван" in header_names())
    desk.showing.scroll(1)
    wait_until_idle(window)
    assert desk.canvas.active.scene.corners.top_left[0] == "Иванов^Иван"
    make_dicom(folder / "2", PIXELS, **attributes, InstanceNumber=2, ImagePositionPatient=[0, 0, 2])
    desk.open_paths([folder])  # what comes in later is read so, too
    wait_until_idle(window)
    qtbot.waitUntil(lambda: {row.patient for row in desk.worklist.model.rows} == {"Иванов^Иван"})
    choose("As the files say")
    assert desk.canvas.active.scene.corners.top_left[0] == wrong
    assert model.index(0).data() == wrong.replace("^", " ")
    assert {row.patient for row in desk.worklist.model.rows} == {wrong}


def test_a_right_click_on_a_series_shows_it_and_offers_what_can_be_asked_of_it(
    open_window, folder, wait_until_idle
) -> None:
    for number in range(3):
        for echo in (20, 40):
            make_slice(folder / f"{echo}-{number}", number * 5, number, EchoTime=str(echo))
    window = open_window(folder)
    desk = window.desk
    wait_until_idle(window)
    desk.refresher.refresh()
    panel = desk.series_panel
    second = panel.model.index(2)
    panel.list.customContextMenuRequested.emit(panel.list.visualRect(second).center())
    menu = QApplication.activePopupWidget()
    try:
        assert desk.showing.active_series.key == second.data(ROW_ROLE).key
        offered = {action.objectName(): action.isEnabled() for action in menu.actions() if action.objectName()}
        assert offered["series.join"]
        assert offered["series.by-name"]
    finally:
        menu.close()


def test_a_report_in_view_is_read_in_another_character_set_too(open_window, folder, wait_until_idle, qtbot) -> None:
    texts = {"PatientName": "Иванов".encode("iso8859_5"), "ContentDescription": "Заключение".encode("iso8859_5")}
    make_dicom(folder / "report", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", SpecificCharacterSet="ISO_IR 100",
               **texts)
    window = open_window(folder)
    desk = window.desk
    wait_until_idle(window)
    assert desk.object_showing.active is not None
    desk.run_command("series.character-set")
    desk.character_sets.dialog.setTextValue(CHARACTER_SETS["ISO_IR 144"])
    desk.character_sets.dialog.accept()
    qtbot.waitUntil(lambda: desk.object_showing.active.title == "Заключение")
    view = desk.object_showing.views[0]
    qtbot.waitUntil(lambda: any("Иванов" in view.tree.model.index(row, 1).data()
                                for row in range(view.tree.model.rowCount())))
    assert view.title.text() == "Заключение"
    desk.refresher.refresh()
    assert desk.series_panel.model.index(0).data() == "Иванов"


def test_parts_of_one_file_have_the_picture_of_their_own_first_frame(qtbot, open_window, folder, wait_until_idle):
    pixels = np.zeros((4, 8, 8), np.uint16)
    pixels[2:] = 1000
    ways = [[1, 0, 0, 0, 1, 0]] * 2 + [[0, 1, 0, 0, 0, -1]] * 2
    places = [[0, 0, 0], [0, 0, 5], [0, 0, 0], [5, 0, 0]]
    make_dicom(folder / "enhanced", pixels, **UIDS, WindowCenter=500, WindowWidth=1000,
               SOPClassUID="1.2.840.10008.5.1.4.1.1.4.1", PerFrameFunctionalGroupsSequence=[
                   {"PlanePositionSequence": {"ImagePositionPatient": place},
                    "PlaneOrientationSequence": {"ImageOrientationPatient": way}}
                   for place, way in zip(places, ways, strict=True)])
    window = open_window(folder)
    wait_until_idle(window)
    rows = rows_of(window)
    assert len(rows) == 2
    assert sorted(row.frame_index for row in rows) == [0, 2]
    model = window.desk.series_panel.model

    def grays() -> list[int | None]:
        pictures = [model.index(number).data(PICTURE_ROLE) for number in (1, 2)]
        return [picture and picture.pixelColor(0, 0).red() for picture in pictures]

    qtbot.waitUntil(lambda: None not in grays())
    expected = [0 if row.frame_index == 0 else 255 for row in rows]
    assert grays() == pytest.approx(expected, abs=2)


def test_what_files_say_is_no_markup_under_the_pointer(open_window, folder, wait_until_idle, wait_for_text) -> None:
    mark = "<img src=//n/x.png>"
    make_dicom(folder / "0", PIXELS, **UIDS | {"SeriesDescription": mark}, PatientName="<b>A</b>", PatientID=mark)
    (folder / "<b>no picture<").write_text("no picture")
    window = open_window(folder, settings=Settings(notice_seen=True, show_header=True))
    wait_until_idle(window)
    desk = window.desk
    tree = desk.header_panel.tree.model
    wait_for_text(desk.header_panel.state.text, "rows")
    models = (desk.series_panel.model, desk.series_panel.refusals, desk.worklist.model)
    shown = [model.index(row, 0) for model in models for row in range(model.rowCount())]
    shown += [tree.index(row, column) for row in range(tree.rowCount()) for column in range(tree.columnCount())]
    tips = [tip for index in shown if (tip := index.data(Qt.ItemDataRole.ToolTipRole))]
    assert all(tip.startswith("<p>") and "<img" not in tip and "<b>" not in tip for tip in tips)
    assert sum(escape(mark) in tip for tip in tips) >= 3  # the series, and twice in the header
    assert any("&lt;b&gt;no picture" in tip for tip in tips) and "&lt;b&gt;A" in tips[0]
    assert mark in desk.series_panel.model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
