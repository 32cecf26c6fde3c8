"""Large folders through the window: the lists fill as it goes, it can be cancelled, every file is accounted for."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.make.dicom import make_dataset, to_bytes

SERIES, INSTANCE, PLACE = b"1.2.3.10000", b"1.2.3.10000.10000", b"99999"
PIXELS = np.arange(64, dtype=np.uint16).reshape(8, 8)


def make_folder(folder: Path, count: int) -> dict[str, int]:
    """Fill a folder: 100 images a series, of each hundred files one text, one cut file and one copy; return counts."""
    template = to_bytes(make_dataset(
        PIXELS, Modality="CT", SOPClassUID="1.2.840.10008.5.1.4.1.1.2", StudyInstanceUID="1.2.3",
        SeriesInstanceUID=SERIES.decode(), SOPInstanceUID=INSTANCE.decode(), SeriesDescription="CT",
        ImagePositionPatient=["0", "0", PLACE.decode()], ImageOrientationPatient=[1, 0, 0, 0, 1, 0]))
    made = {"images": 0, "refused": 0, "copies": 0}
    folder.mkdir()
    last = b""
    for number in range(count):
        series, place = divmod(number, 100)
        content = template.replace(INSTANCE, b"1.2.3.%d.%d" % (10_001 + series, 10_001 + place))
        content = content.replace(SERIES, b"1.2.3.%d" % (10_001 + series)).replace(PLACE, b"%05d" % place)
        kind = "images"
        if place in (97, 98):
            content, kind = (b"no image, but a text" if place == 97 else content[:400]), "refused"
        elif place == 99:
            content, kind = last, "copies"
        else:
            last = content
        (folder / f"{number:05d}").write_bytes(content)
        made[kind] += 1
    return made


@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_browser_fills_as_it_goes_and_every_file_is_accounted_for(
    open_window, tmp_path, wait_until_idle, qtbot, count
) -> None:
    made = make_folder(tmp_path / "many", count)
    window = open_window(tmp_path / "many")
    desk = window.desk
    seen = []
    desk.opening.work_changed.connect(lambda: seen.append((desk.scan.is_busy, len(desk.workspace.series))))
    qtbot.waitUntil(lambda: desk.canvas.active.frame is not None, timeout=15_000)
    wait_until_idle(window, 300_000)
    growing = [series for is_busy, series in seen if is_busy]
    assert growing == sorted(growing)
    assert len(set(growing)) > 2  # it grew while it was read
    assert [len(series) for series in desk.workspace.series.values()] == [97] * (count // 100)
    assert len(desk.workspace.refusals) == made["refused"]
    assert desk.series_panel.refused_title.text() == f"Not opened · {made['refused']} files"
    assert desk.series_panel.refusals.rowCount() == made["refused"]
    assert len(desk.workspace.duplicates) == made["copies"]
    assert window.notices.text().endswith(
        f"{count} files: {made['images']} images, {made['refused']} not opened, {made['copies']} copies of open files.")
    assert sum(made.values()) == count
    assert desk.canvas.active.image.path.name == "00000"


def test_a_cancelled_opening_keeps_what_is_open_and_counts_it(open_window, tmp_path, wait_until_idle, qtbot) -> None:
    make_folder(tmp_path / "many", 3000)
    window = open_window(tmp_path / "many")
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) > 0, timeout=15_000)
    qtbot.mouseClick(desk.status.cancel, Qt.MouseButton.LeftButton)
    desk.cancel_work()
    wait_until_idle(window, 60_000)
    found = desk.opening.found
    assert 0 < found < 3000
    assert len(desk.workspace.rows) + len(desk.workspace.duplicates) == found
    assert f"cancelled after {found} " in window.notices.text()
    shown = desk.series_panel.refusals.rowCount() + sum(map(len, desk.workspace.series.values()))
    assert shown == len(desk.workspace.rows)


def test_series_of_one_study_from_two_folders_merge(open_window, tmp_path, wait_until_idle) -> None:
    make_folder(tmp_path / "all", 200)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    for number, path in enumerate(sorted((tmp_path / "all").iterdir())):
        path.rename(tmp_path / ("one" if number % 2 else "two") / path.name)
    window = open_window(tmp_path / "one")
    wait_until_idle(window)
    desk = window.desk
    place = desk.showing.active_place
    window.open_paths([tmp_path / "two"])
    wait_until_idle(window)
    (patient,) = desk.workspace.patients
    (study,) = patient.studies
    assert [len(series.images) for series in study.series] == [97, 97]
    (first, second) = desk.workspace.series.values()
    assert [len(first), len(second)] == [97, 97]
    assert [frame.facts.position[2] for frame in first.stack.frames] == sorted(range(97))
    folders = [frame.image.path.parent.name for frame in first.stack.frames]
    assert folders[:4] == ["two", "one", "two", "one"]
    assert place in first or place in second
    assert window.desk.series_panel.model.rowCount() == 3  # the patient and two series


def test_what_is_opened_after_closing_in_the_middle_is_counted_alone(open_window, tmp_path, wait_until_idle, qtbot):
    make_folder(tmp_path / "many", 2000)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a").write_text("no image, but a text")
    window = open_window(tmp_path / "many")
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) > 0, timeout=15_000)
    desk.run_command("file.close-all")
    wait_until_idle(window)
    while window.notices.text():  # a quick machine may have come to the end of the first folder
        window.notices.read()
    window.open_paths([tmp_path / "texts"])
    wait_until_idle(window)
    assert list(desk.workspace.rows) == [tmp_path / "texts" / "a"]
    (told,) = window.notices.text().splitlines()
    assert told.startswith("a: This is neither DICOM nor")
