"""core.training.zones: radiologists' scores of lung zones from a table."""

from dataclasses import replace

import numpy as np
import pytest

from core.training.config import RowFilter
from core.training.labels import read_labels
from core.training.zones import parts_with_scores, read_zones, scored_rows
from tests.make.extent import RATERS, make_zones
from tests.make.training import made_config, make_table

HEAD = "path,rater,A,B,C,D,E,F\n"
ZEROS = "a.png,first,0,0,0,0,0,0\n"


def test_scores_come_by_rater_and_zone_and_others_are_left_alone(tmp_path):
    (tmp_path / "zones.csv").write_text(
        HEAD + "a.png,first,0,1,2,3,0,1\na.png,second,1,1,1,1,1,1\na.png,other,,,,,,\nb.png,first,0,0,0,0,0,0\n")
    found = read_zones(tmp_path, RATERS)
    assert list(found) == ["a.png"]  # the second rater did not score b.png
    np.testing.assert_array_equal(found["a.png"], [[0, 1, 2, 3, 0, 1], [1] * 6])


@pytest.mark.parametrize(("text", "why"), [
    ("path,rater,A\n", "no column B"), (HEAD + "a.png,first,0,1,2,3,4,1\n", "line 2: 4 is not within"),
    (HEAD + "a.png,first,0,1,2,,0,1\n", "line 2: '' is no score"), (HEAD + "a.png,first,0,1,2,nan,0,1\n", "not within"),
    (HEAD + ZEROS + ZEROS, "before"), (HEAD + ZEROS + f"./{ZEROS}", "first scored a.png before"),
])
def test_a_damaged_table_is_named_with_its_line(tmp_path, text, why):
    (tmp_path / "zones.csv").write_text(text)
    with pytest.raises(ValueError, match=why):
        read_zones(tmp_path, RATERS)


def test_rows_to_learn_from_and_to_test_on_share_no_patient(tmp_path):
    folder = make_zones(make_table(tmp_path / "set"))
    rows = read_labels(folder, made_config().labels)
    scored = scored_rows(folder, rows, RATERS, RowFilter())
    assert scored.scores.shape == (64, 2, 6) and set(np.unique(scored.mean)) == {0, 2.5}
    learned, tested = parts_with_scores(scored, ("train",), 24)
    assert len(learned.rows) == 48 and len(tested.rows) == 16
    leaking = [*rows, replace(rows[0], path=rows[1].path, split="test")]
    with pytest.raises(ValueError, match="1 patients"):
        parts_with_scores(scored_rows(folder, leaking, RATERS, RowFilter()), ("train",), 24)
    with pytest.raises(ValueError, match=r"48 pictures of 24 patients .* too few for 25 folds"):
        parts_with_scores(scored, ("train",), 25)
    few = scored.where(np.arange(64) < 9)
    with pytest.raises(ValueError, match="9 pictures"):
        parts_with_scores(few, ("train",), 2)
