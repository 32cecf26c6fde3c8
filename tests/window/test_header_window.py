"""The header panel in the real window."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from core.dicom import header_tree
from core.settings import Settings
from tests.make.dicom import make_dicom
from tests.make.picture import make_picture

WITH_HEADER = Settings(notice_seen=True, show_header=True)


def names(panel) -> list[str]:
    model = panel.tree.model
    return [model.index(row, 1).data() for row in range(model.rowCount())]


def test_the_header_panel_is_folded_at_first_and_reads_nothing(open_window, chest, wait_until_idle):
    window = open_window(chest)
    wait_until_idle(window)
    assert window.desk.header_panel.isHidden()
    assert names(window.desk.header_panel) == []


def test_its_key_unfolds_it_with_the_header_of_the_shown_image(qtbot, open_window, chest, wait_until_idle):
    window = open_window(chest)
    wait_until_idle(window)
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    assert panel.isVisible()
    assert window.desk.actions.by_id["view.header-panel"].isChecked()
    assert panel.state.text().startswith("chest.dcm · ")


def test_typing_narrows_the_header_down(qtbot, open_window, chest):
    window = open_window(chest, settings=WITH_HEADER)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: "Rows" in names(panel))
    qtbot.keyClicks(panel.tree.field, "window center")
    qtbot.waitUntil(lambda: names(panel) == ["Window Center"])
    assert panel.state.text().startswith("chest.dcm · 1 of ")


def test_a_row_and_a_value_can_be_copied(qtbot, open_window, chest):
    window = open_window(chest, settings=WITH_HEADER)
    tree = window.desk.header_panel.tree
    qtbot.waitUntil(lambda: "Rows" in names(window.desk.header_panel))
    tree.view.setCurrentIndex(tree.model.index(names(window.desk.header_panel).index("Modality"), 0))
    qtbot.keyClick(tree.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "(0008,0060)\tModality\tCS\tDX"
    tree.copy_value.trigger()
    assert QGuiApplication.clipboard().text() == "DX"


def test_the_header_follows_the_image_and_keeps_what_is_sought(qtbot, open_window, ct_series, wait_until_idle):
    window = open_window(ct_series, settings=WITH_HEADER)
    wait_until_idle(window)
    tree = window.desk.header_panel.tree
    tree.field.setText("instance number")

    def shown() -> str:
        return str(tree.model.index(0, 3).data())

    qtbot.waitUntil(lambda: shown() == "1")
    window.desk.run_command("view.next-image")
    qtbot.waitUntil(lambda: shown() == "2")


@pytest.mark.parametrize("kind", ("PNG",))
def test_a_picture_has_no_header_and_the_panel_says_so(qtbot, open_window, tmp_path: Path, kind, wait_for_text):
    path = make_picture(tmp_path / "a.png", np.arange(64, dtype=np.uint8).reshape(8, 8))
    window = open_window(path, settings=WITH_HEADER)
    wait_for_text(window.desk.header_panel.state.text, "PNG picture: it has no DICOM header.")


def test_closing_all_empties_the_header(qtbot, open_window, chest, wait_for_text):
    window = open_window(chest, settings=WITH_HEADER)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: "Rows" in names(panel))
    window.desk.run_command("file.close-all")
    wait_for_text(panel.state.text, "Open an image")
    assert names(panel) == []


def test_opened_sequences_stay_open_in_the_next_image(qtbot, open_window, tmp_path: Path, wait_until_idle):
    folder = tmp_path / "series"
    folder.mkdir()
    for number in (1, 2):
        make_dicom(folder / f"{number}.dcm", np.full((8, 8), number, np.uint16), Modality="CT", SeriesInstanceUID="1.2",
                   StudyInstanceUID="1.1", InstanceNumber=str(number), ViewCodeSequence={"CodeMeaning": f"v{number}"})
    window = open_window(folder, settings=WITH_HEADER)
    wait_until_idle(window)
    tree = window.desk.header_panel.tree
    qtbot.waitUntil(lambda: "View Code Sequence" in names(window.desk.header_panel))
    row = names(window.desk.header_panel).index("View Code Sequence")
    tree.view.expandRecursively(tree.model.index(row, 0))

    def inner() -> str:
        item = tree.model.index(0, 0, tree.model.index(row, 0))
        return str(tree.model.index(0, 3, item).data())

    assert inner() == "v1"
    window.desk.run_command("view.next-image")
    qtbot.waitUntil(lambda: inner() == "v2")
    assert tree.view.isExpanded(tree.model.index(row, 0))


def test_a_damaged_file_shows_its_header_when_its_row_is_clicked(qtbot, open_window, tmp_path: Path, wait_until_idle):
    path = make_dicom(tmp_path / "damaged.dcm", Rows=4, Columns=4)  # an image without its pixels
    window = open_window(path, settings=WITH_HEADER)
    wait_until_idle(window)
    window.notices.read()  # what came of opening
    refused = window.desk.series_panel.refused_list
    at = refused.visualRect(refused.model().index(0, 0)).center()
    qtbot.mouseClick(refused.viewport(), Qt.MouseButton.LeftButton, pos=at)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    assert panel.state.text().startswith("damaged.dcm · ")
    assert "its pixels are missing" in window.notices.text()


def test_the_header_of_a_refused_file_stays_while_the_list_is_being_read(
    qtbot, open_window, chest, tmp_path: Path, wait_until_idle
):
    path = make_dicom(tmp_path / "damaged.dcm", Rows=4, Columns=4)  # an image without its pixels
    window = open_window(path, chest, settings=WITH_HEADER)
    wait_until_idle(window)
    panel, desk = window.desk.header_panel, window.desk
    desk.series_panel.refusal_chosen.emit(path)
    qtbot.waitUntil(lambda: panel.state.text().startswith("damaged.dcm · "))
    desk.run_command("findings.read-again")
    wait_until_idle(window)
    qtbot.waitUntil(lambda: not desk.objects.is_busy)
    assert panel.state.text().startswith("damaged.dcm · ")


class SlowHeaders:
    """Headers of some files that come when a test lets them."""

    def __init__(self, monkeypatch, *held: Path) -> None:
        self._may_come = threading.Event()
        self.let_come = self._may_come.set
        real = header_tree.read_header_tree

        def read(path, *more):
            if path in held:
                self._may_come.wait(20)
            return real(path, *more)

        monkeypatch.setattr(header_tree, "read_header_tree", read)


def value_of(panel, name: str) -> str:
    return str(panel.tree.model.index(names(panel).index(name), 3).data())


def test_no_header_of_another_image_stands_there_while_a_slow_one_is_read(
    qtbot, open_window, chests, wait_until_idle, monkeypatch
):
    window = open_window(*chests, settings=WITH_HEADER)
    wait_until_idle(window)
    panel, tree = window.desk.header_panel, window.desk.header_panel.tree
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    slow = SlowHeaders(monkeypatch, chests[1])
    tree.view.selectAll()
    QGuiApplication.clipboard().setText("as before")
    window.desk.open_case(chests[1])
    assert value_of(panel, "Patient's Name") == "Case^0"  # for a moment, so that scrolling does not flicker
    qtbot.waitUntil(lambda: panel.state.text() == "Reading the header…")
    assert names(panel) == []
    assert panel.tree.isVisible()
    for copy in (tree.copy_rows, tree.copy_value):
        copy.trigger()
    assert QGuiApplication.clipboard().text() == "as before"
    tree.field.setText("name")  # typed ahead
    tree.search_now()
    assert panel.state.text() == "Reading the header…"
    slow.let_come()
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    assert value_of(panel, "Patient's Name") == "Case^1"
    assert panel.state.text().startswith("case1.dcm · ")


def test_a_header_that_comes_at_once_says_nothing_of_being_read(qtbot, open_window, chests, wait_until_idle):
    window = open_window(*chests, settings=WITH_HEADER)
    wait_until_idle(window)
    panel, said = window.desk.header_panel, []
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    real = panel.state.setText
    panel.state.setText = lambda text: (said.append(text), real(text))
    for path in (chests[1], chests[2]):
        window.desk.open_case(path)
        qtbot.waitUntil(lambda path=path: panel.state.text().startswith(path.name))
    assert "Reading the header…" not in said


def test_a_panel_that_was_folded_while_a_header_was_awaited_comes_back_without_the_old_one(
    qtbot, open_window, chests, wait_until_idle, monkeypatch
):
    window = open_window(*chests, settings=WITH_HEADER)
    wait_until_idle(window)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    slow = SlowHeaders(monkeypatch, chests[1])
    window.desk.open_case(chests[1])
    for _ in range(2):
        window.desk.run_command("view.header-panel")
    assert names(panel) == [] and panel.state.text() == "Reading the header…"
    slow.let_come()
    qtbot.waitUntil(lambda: "Patient's Name" in names(panel))
    assert value_of(panel, "Patient's Name") == "Case^1"


def test_what_was_opened_is_open_again_after_a_header_that_took_long(
    qtbot, open_window, tmp_path: Path, wait_until_idle, monkeypatch
):
    paths = [make_dicom(tmp_path / f"{number}.dcm", np.full((8, 8), number, np.uint16),
                        PatientID=str(number), ViewCodeSequence={"CodeMeaning": f"v{number}"}) for number in (1, 2)]
    window = open_window(*paths, settings=WITH_HEADER)
    wait_until_idle(window)
    panel, tree = window.desk.header_panel, window.desk.header_panel.tree
    qtbot.waitUntil(lambda: "View Code Sequence" in names(panel))
    tree.view.expandRecursively(tree.model.index(names(panel).index("View Code Sequence"), 0))
    slow = SlowHeaders(monkeypatch, paths[1])
    window.desk.open_case(paths[1])
    qtbot.waitUntil(lambda: names(panel) == [])
    slow.let_come()
    qtbot.waitUntil(lambda: "View Code Sequence" in names(panel))
    assert tree.view.isExpanded(tree.model.index(names(panel).index("View Code Sequence"), 0))


def test_the_header_of_what_has_taken_a_films_place_is_not_shown_beside_it(
    qtbot, open_window, tmp_path, wait_until_idle
):
    path = make_dicom(tmp_path / "a.dcm", np.zeros((64, 64), np.uint8), PatientName="Alpha")
    window = open_window(path)
    wait_until_idle(window)
    make_dicom(path, np.ones((80, 80), np.uint8), PatientName="Beta")
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: "changed since it was opened" in panel.state.text())
    assert names(panel) == []
