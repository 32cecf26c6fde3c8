"""Parts of a report's pictures, and ages however they are written."""

import numpy as np
import pytest

from core.training.subgroups import age_band, subgroups
from tests.make.scored import make_row, make_scored


@pytest.mark.parametrize("age, band", [
    ("0", "0–5"), ("5.9", "0–5"), ("6", "6–17"), ("17", "6–17"), ("18.0", "18–39"), ("mid 50s", "40–59"),
    ("67+", "60–74"), ("75", "75+"), ("", "unknown"), ("adult", "unknown"), ("151", "unknown"),
])
def test_an_age_falls_into_one_band(age, band):
    assert age_band(make_row(0, True, age=age).years) == band


def test_a_model_that_fails_in_one_part_is_seen_to():
    rng = np.random.default_rng(0)
    known = {"age": "50", "view": "PA"}
    rows = [make_row(index, index % 2 == 0, sex=("F", "M")[index // 2 % 2], **known) for index in range(160)]
    logits = [(4 * row.is_positive - 2 if row.sex == "F" else 0) + rng.normal() for row in rows]
    found = {(part.by, part.group): part for part in subgroups(make_scored(rows, logits))}
    assert set(found) == {("sex", "F"), ("sex", "M")}  # one age band, view and source: nothing to compare
    assert found["sex", "F"].auc.value > 0.95 > 0.7 > found["sex", "M"].auc.value
    assert found["sex", "F"].positives + found["sex", "F"].negatives == 80


def test_a_part_with_one_class_gives_that_classes_rate_only():
    rows = [make_row(index, index < 20, source="a" if index < 30 else "b") for index in range(40)]
    found = {part.group: part for part in subgroups(make_scored(rows, [1.0] * 20 + [-1.0] * 20))}
    assert found["b"].auc is None and found["b"].sensitivity is None and found["b"].specificity.value == 1.0
    assert found["a"].sensitivity.value == 1.0 and found["a"].calibration_error is None  # 30 pictures are too few
