"""What a step draws: shares hold in every batch, classes balance, and a step does not depend on those before it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.training.balancing import balance, dealt_anew, draw, group_of
from core.training.config import Group, RowFilter
from core.training.labels import Label, LabelRow

GROUPS = (
    Group(name="read", rows=RowFilter(sources=("nih",), basis_contains=("radiologists",)), share=0.5),
    Group(name="mined", rows=RowFilter(sources=("nih",)), share=0.3, positive_share=0.4, targets=(0.1, 0.5)),
    Group(name="normals", rows=RowFilter(sources=("rsna",)), share=0.2, positive_share=0.0),
)


def rows():
    made = []
    for source, basis, label, count in (
        ("nih", "radiologists", Label.POSITIVE, 5), ("nih", "radiologists", Label.NEGATIVE, 50),
        ("nih", "reports", Label.POSITIVE, 200), ("nih", "reports", Label.NEGATIVE, 20),
        ("rsna", "", Label.NEGATIVE, 1000), ("elsewhere", "", Label.POSITIVE, 10),
    ):
        for index in range(count):
            path = f"{source}{basis}{label.value}{index}"
            made.append(LabelRow(path, source, "train", path, label.value, label, basis))
    return made


def kind(row):
    return group_of(row, GROUPS), row.is_positive


def test_the_first_group_that_fits_takes_a_row():
    assert Counter(group_of(row, GROUPS) for row in rows()) == {0: 55, 1: 220, 2: 1000, None: 10}


def test_shares_and_classes_hold_in_every_batch():
    table = rows()
    drawn = balance(table, GROUPS)
    expected = {(0, True): 8, (0, False): 8, (1, True): 3.84, (1, False): 5.76, (2, False): 6.4}
    for step in range(20):
        counts = Counter(kind(table[index]) for index in draw(drawn, 32, seed=1, step=step))
        assert set(counts) <= set(expected)
        assert all(abs(counts[name] - count) < 1 for name, count in expected.items())


def test_every_row_of_a_group_comes_up_in_time():
    table = rows()
    drawn = balance(table, GROUPS)
    seen = {int(index) for step in range(3000) for index in draw(drawn, 32, seed=1, step=step)}
    assert seen == {index for index, row in enumerate(table) if group_of(row, GROUPS) is not None}


def test_a_step_draws_the_same_whatever_came_before():
    drawn = balance(rows(), GROUPS)
    first = draw(drawn, 32, seed=1, step=7)
    assert np.array_equal(first, draw(drawn, 32, seed=1, step=7))
    assert not np.array_equal(first, draw(drawn, 32, seed=1, step=8))
    assert not np.array_equal(first, draw(drawn, 32, seed=2, step=7))


def test_within_a_class_rows_are_drawn_by_their_weights_and_shares_hold():
    table = rows()
    weights = np.array([3.0 if index % 2 else 1.0 for index in range(len(table))])
    drawn = balance(table, GROUPS, weights)
    even = balance(table, GROUPS)
    for part in np.unique(even.part):
        own = even.part == part
        assert drawn.probability[own].sum() == pytest.approx(even.probability[own].sum())
    heavy, light = (drawn.probability[index] for index in (61, 60))
    assert heavy == pytest.approx(3 * light)
    counts = Counter(kind(table[index]) for step in range(20) for index in draw(drawn, 32, seed=1, step=step))
    assert counts[0, True] == pytest.approx(160, abs=5) and counts[2, False] == pytest.approx(128, abs=5)


def test_poor_labels_count_as_what_they_are_worth():
    table = rows()
    drawn = balance(table, GROUPS)
    worth = {kind(row): target for row, target in zip(table, drawn.target, strict=True)}
    assert worth[0, True] == 1.0 and worth[0, False] == 0.0
    assert worth[1, True] == 0.5 and worth[1, False] == 0.1


def test_labels_dealt_anew_are_those_of_the_same_group_and_keep_their_words():
    before = [replace(row, said=f"{row.word} of {row.source}") for row in rows()]
    after = dealt_anew(before, GROUPS, seed=1)
    assert [row.path for row in after] == [row.path for row in before]
    assert Counter(map(kind, after)) == Counter(map(kind, before))
    assert all(row.said == f"{row.label.value} of {row.source}" and row.word == row.label.value for row in after)
    mined = [(row.label, other.label) for row, other in zip(before, after, strict=True) if row.basis == "reports"]
    assert 4 < sum(first != second for first, second in mined) < 40  # of 20 negatives among 220
    assert after == dealt_anew(before, GROUPS, seed=1) != dealt_anew(before, GROUPS, seed=2)


def test_rows_in_no_group_at_all_are_an_error():
    with pytest.raises(ValueError, match="no picture"):
        balance([row for row in rows() if row.source == "elsewhere"], GROUPS)
