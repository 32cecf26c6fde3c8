"""Folds: whole patients, even strata, sources left out with all their patients."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.config import Group
from core.training.fold_plan import Plan
from core.training.folds import each_source, folds_by_count, folds_by_source
from core.training.labels import Label, LabelRow
from tests.make.training import made_config


def row(path, patient, source="a", word="normal", split="train"):
    label = Label.POSITIVE if word == "opacity" else Label.NEGATIVE
    return LabelRow(path, source, split, patient, word, label)


ROWS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("ab"), st.sampled_from(("normal", "opacity", "other"))),
    min_size=20, max_size=60,
).map(lambda drawn: [row(f"{index}.png", f"p{patient}", source, word)
                     for index, (patient, source, word) in enumerate(drawn)])


@given(ROWS, st.integers(2, 4), st.integers(0, 5))
def test_every_picture_is_predicted_once_by_a_model_that_saw_none_of_its_patient(rows, count, seed):
    if len({item.patient for item in rows}) < count:
        return
    folds = folds_by_count(rows, count, seed)
    assert sorted(item.path for fold in folds for item in fold.predicted) == sorted(item.path for item in rows)
    for fold in folds:
        predicted = {item.patient for item in fold.predicted}
        seen = fold.seen(rows)
        assert not predicted & {item.patient for item in seen}
        assert len(seen) + len(fold.predicted) == len(rows)


def test_each_fold_has_its_part_of_each_source_and_label():
    rows = [row(f"{n}.png", f"p{n}", source, word) for n, (source, word) in enumerate(
        [("big", "normal")] * 50 + [("big", "opacity")] * 25 + [("small", "normal")] * 10 + [("small", "other")] * 6)]
    for fold in folds_by_count(rows, 5, seed=1):
        held = Counter((item.source, item.word) for item in fold.predicted)
        assert held["big", "normal"] == 10 and held["big", "opacity"] == 5 and held["small", "normal"] == 2
        assert held["small", "other"] in (1, 2)


def test_groups_are_strata_too():
    groups = [Group.model_validate({"name": "read", "rows": {"basis_contains": ["readers"]}, "share": 1})]
    rows = [LabelRow(f"{n}.png", "a", "train", f"p{n}", "normal", Label.NEGATIVE, "readers" if n % 10 == 0 else "")
            for n in range(40)]
    folds = folds_by_count(rows, 4, seed=0, groups=groups)
    assert [sum(item.basis == "readers" for item in fold.predicted) for fold in folds] == [1, 1, 1, 1]


def test_the_seed_decides_who_goes_where_and_the_order_of_the_table_does_not():
    rows = [row(f"{n}.png", f"p{n}") for n in range(30)]
    first, again, other = (
        {item.path: fold.name for fold in folds_by_count(table, 3, seed) for item in fold.predicted}
        for table, seed in ((rows, 1), (rows[::-1], 1), (rows, 2))
    )
    assert first == again != other


def test_a_source_that_is_left_out_takes_its_patients_along():
    rows = [row("1.png", "p1", "a"), row("2.png", "p1", "b"), row("3.png", "p2", "b"), row("4.png", "p3", "c")]
    (fold,) = folds_by_source(rows, [("a",)])
    assert [item.path for item in fold.predicted] == ["1.png"]
    assert [item.path for item in fold.seen(rows)] == ["3.png", "4.png"]
    (pair,) = folds_by_source(rows, [("a", "c")])
    assert pair.folder == "fold-without-a+c" and [item.path for item in pair.seen(rows)] == ["3.png"]
    assert [fold.name for fold in folds_by_source(rows, each_source(rows))] == ["without-a", "without-b", "without-c"]


def test_sources_whose_folds_would_be_one_folder_are_named():
    rows = [row("1.png", "p1", "site 1"), row("2.png", "p2", "site_1"), row("3.png", "p3", "c")]
    with pytest.raises(ValueError, match="without-site 1, without-site_1 would share a folder"):
        Plan(each_source=True).of(rows, made_config())


def test_folds_that_cannot_be_are_named():
    rows = [row("1.png", "p1", "a"), row("2.png", "p2", "b")]
    with pytest.raises(ValueError, match="2 patients for 3 folds"):
        folds_by_count(rows, 3, 0)
    with pytest.raises(ValueError, match="two folds at least"):
        folds_by_count(rows, 1, 0)
    with pytest.raises(ValueError, match="source z"):
        folds_by_source(rows, [("z",)])
    with pytest.raises(ValueError, match="nothing is left"):
        folds_by_source(rows, [("a", "b")])
    with pytest.raises(ValueError, match="two folds leave out a"):
        folds_by_source(rows, [("a",), ("a",)])
    three = [*rows, row("3.png", "p3", "c")]
    with pytest.raises(ValueError, match="two folds leave out b"):
        folds_by_source(three, [("a", "b"), ("b",)])
