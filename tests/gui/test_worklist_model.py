"""gui.worklist: rows by urgency; what changes moves alone."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from core.triage.rows import Priority, State, TriageRow, over_threshold, sort_key
from gui.theme import color
from gui.worklist.worklist_model import COLUMNS, MANY, TITLES, WorklistModel
from gui.worklist.worklist_panel import WorklistPanel


def row(number: int, priority: Priority = Priority.UNKNOWN, probability: float | None = None) -> TriageRow:
    state = State.WAITING if priority is Priority.UNKNOWN else State.READ
    urgency = -math.inf if probability is None else over_threshold(probability, 0.5)
    path = Path(f"/cases/{number:05d}.dcm")
    return TriageRow(path, state, priority=priority, probability=probability, urgency=urgency)


rows = st.builds(
    row, st.integers(0, 12), st.sampled_from(list(Priority)), st.none() | st.floats(0, 1, allow_subnormal=False)
)


@given(st.lists(st.lists(rows, max_size=6), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_rows_are_always_in_order_and_each_file_is_there_once(qtmodeltester, batches) -> None:
    model, expected = WorklistModel(), {}
    for batch in batches:
        model.put(batch)
        expected.update({one.path: one for one in batch})
        assert list(model.rows) == sorted(expected.values(), key=sort_key)
        assert all(list(model.rows)[model.place_of(path)].path == path for path in expected)


def test_the_model_keeps_qts_rules_while_rows_come_and_move(qtmodeltester, qapp) -> None:
    model = WorklistModel()
    qtmodeltester.check(model)
    model.put([row(number) for number in range(10)])
    for number in (7, 3, 9, 0):
        model.put([row(number, Priority.FLAGGED, number / 10)])
        model.put([row(number, Priority.NONE, 0.1)])
    model.put([row(number) for number in range(10, 10 + MANY)])
    model.clear()


@pytest.mark.parametrize("extra", [0, MANY])
def test_a_mark_stays_with_its_file_when_rows_move(qapp, extra) -> None:
    from PySide6.QtCore import QPersistentModelIndex

    model = WorklistModel()
    model.put([row(number) for number in range(5)])
    mark = QPersistentModelIndex(model.index(3, 0))
    model.put([row(4, Priority.FLAGGED, 0.9), *(row(number) for number in range(100, 100 + extra))])
    model.put([row(3, Priority.LOOK)])
    assert model.row_at(mark).path == row(3).path


def test_a_row_that_did_not_change_tells_nothing(qapp, qtbot) -> None:
    model = WorklistModel()
    model.put([row(1), row(2)])
    with qtbot.assertNotEmitted(model.dataChanged), qtbot.assertNotEmitted(model.rowsMoved):
        model.put([row(1), row(2)])


def test_states_are_said_in_words(qapp) -> None:
    model = WorklistModel()
    read = replace(row(1, Priority.FLAGGED, 0.815), finding="Opacity", above=True, patient="Doe^Jane")
    calm = replace(row(2, Priority.NONE, 0.07), finding="Opacity", above=False)
    refused = replace(row(3, Priority.NOT_ANALYZED), state=State.REFUSED, reason="lateral view")
    failed = replace(row(4, Priority.LOOK), state=State.FAILED, reason="damaged")
    model.put([read, calm, refused, failed, row(5)])
    said = {model.row_at(model.index(number, 0)).path.stem: [
        model.index(number, column).data() for column in range(len(TITLES))
    ] for number in range(5)}
    column = {title: number for number, title in enumerate(TITLES)}
    assert said["00001"][column["Priority"]] == "◆ flagged"
    assert said["00001"][column["Probability"]] == "0.81" or said["00001"][column["Probability"]] == "0.82"
    assert said["00002"][column["Finding"]] == "no listed finding above threshold"
    assert said["00003"][column["State"]] == "not analysed: lateral view"
    assert said["00004"][column["State"]] == "failed: damaged"
    assert said["00003"][column["Priority"]] == "not analysed"
    inks = {model.row_at(model.index(number, 0)).path.stem: model.index(number, 0).data(Qt.ItemDataRole.ForegroundRole)
            for number in range(5)}
    assert inks == {"00001": color("flag"), "00002": color("dim"), "00003": color("dim"), "00004": color("stop"),
                    "00005": color("dim")}
    assert said["00005"][column["State"]] == "waiting"
    assert said["00005"][column["Finding"]] == "–"


def test_what_was_opened_is_marked(qapp) -> None:
    model = WorklistModel()
    model.put([row(1), row(2), row(3)])

    def opened() -> list[str]:
        return [model.index(number, len(TITLES) - 1).data() for number in range(3)]

    model.set_current(row(1).path)
    model.add_opened(row(1).path)
    model.set_current(row(2).path)
    assert opened() == ["yes", "now", ""]
    model.set_current(row(3).path)
    assert opened() == ["yes", "", "now"]  # the second was left before its picture came
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Priority"


def test_a_file_that_becomes_opened_tells_its_row_once(qapp, qtbot) -> None:
    model = WorklistModel()
    model.put([row(1), row(2)])
    with qtbot.waitSignal(model.dataChanged) as told:
        model.add_opened(row(2).path)
    assert [index.row() for index in told.args[:2]] == [1, 1]
    with qtbot.assertNotEmitted(model.dataChanged):
        model.add_opened(row(2).path)
        model.add_opened(Path("gone.dcm"))


def test_twenty_thousand_rows_are_no_burden(qapp) -> None:
    import time

    model = WorklistModel()
    start = time.process_time()
    model.put([row(number) for number in range(20_000)])
    for number in range(0, 20_000, 200):
        model.put([row(number, Priority.FLAGGED, 0.5)])
    assert model.rowCount() == 20_000
    assert time.process_time() - start < 10  # seconds; a quadratic list would take minutes


def test_numbers_stand_at_the_right_with_their_title(qapp) -> None:
    model = WorklistModel()
    model.put([row(1)])
    role, across = Qt.ItemDataRole.TextAlignmentRole, Qt.Orientation.Horizontal
    at_right = [title for number, title in enumerate(TITLES[:-1])
                if model.index(0, number).data(role) & Qt.AlignmentFlag.AlignRight]
    assert at_right == ["Probability"]
    assert [title for number, title in enumerate(TITLES)
            if model.headerData(number, across, role) & Qt.AlignmentFlag.AlignRight] == at_right


def test_times_priorities_and_findings_are_not_cut_off(qapp, qtbot) -> None:
    panel = WorklistPanel()
    qtbot.addWidget(panel)
    read = TriageRow(Path("a"), State.READ, time="2000-10-20 20:48", probability=0.88, above=False)
    panel.model.put(replace(read, path=Path(priority), priority=priority) for priority in Priority)
    for title in ("Priority", "Time", "Finding", "Probability"):
        column = TITLES.index(title)
        assert panel.table.sizeHintForColumn(column) <= panel.table.columnWidth(column), title


def test_all_columns_have_room_in_the_window_as_it_first_opens() -> None:
    assert sum(column.width_px for column in COLUMNS) + 80 <= 1390  # "Opened" and the scroll bar take the rest


def test_rows_of_files_that_are_gone_are_removed(qtmodeltester):
    model = WorklistModel()
    model.put([row(number) for number in range(5)])
    qtmodeltester.check(model)
    kept = {row(1).path, row(4).path}
    model.keep(kept)
    assert {one.path for one in model.rows} == kept
    assert model.place_of(row(2).path) is None
