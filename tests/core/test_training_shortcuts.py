"""A score that knows the source or the brightness is found out; one that knows only the label is not."""

import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata

from core.training.shortcut_text import guess_rows, guesses_above
from core.training.shortcuts import correlations, source_guesses, spearman
from tests.make.scored import make_row, make_scored


def two_sources(shift, count=200, seed=0):
    rng = np.random.default_rng(seed)
    rows = [make_row(index, index % 2 == 0, source=("a", "b")[index // 2 % 2]) for index in range(count)]
    logits = [rng.normal() + 2 * row.is_positive + shift * (row.source == "b") for row in rows]
    return rows, logits


def test_a_score_that_follows_the_label_alone_tells_no_source():
    guesses = source_guesses(make_scored(*two_sources(0.0)))
    assert {(guess.label, guess.source) for guess in guesses} == {
        ("normal", "a"), ("normal", "b"), ("opacity", "a"), ("opacity", "b"),
    }
    assert all(0.5 <= guess.auc.value < 0.65 for guess in guesses)


@pytest.mark.parametrize("shift", [1.5, -1.5])
def test_a_score_that_follows_the_source_tells_it_whichever_way(shift):
    guesses = source_guesses(make_scored(*two_sources(shift)))
    # two normals 1.5 apart: AUC = Phi(1.5 / sqrt 2) = 0.856
    assert all(guess.auc.value == pytest.approx(0.856, abs=0.06) for guess in guesses)
    assert all(guess.auc.low <= guess.auc.value <= guess.auc.high for guess in guesses)


def test_a_source_of_few_pictures_is_not_guessed():
    rows = [make_row(index, True, source="few" if index < 9 else "many") for index in range(60)]
    assert source_guesses(make_scored(rows, list(range(60)))) == ()


def test_a_score_that_follows_brightness_within_a_class_is_said_with_its_size():
    rng = np.random.default_rng(1)
    rows, logits = two_sources(0.0)
    facts = {
        row.path: {"brightness": logit if row.source == "b" and row.is_positive else rng.normal(), "size": 7.0}
        for row, logit in zip(rows, logits, strict=True)
    }
    found = {(item.source, item.label): item for item in correlations(make_scored(rows, logits), facts,
                                                                      ("brightness", "size"))}
    assert len(found) == 4  # "size" is the same in all pictures: no correlation to speak of
    assert found["b", "opacity"].rho.value == pytest.approx(1.0)
    assert abs(found["a", "opacity"].rho.value) < 0.3 and found["a", "opacity"].pictures == 50


def test_spearman_is_the_correlation_of_ranks_and_its_interval_holds_it():
    rng = np.random.default_rng(2)
    first = rng.normal(size=80)
    second = first + rng.normal(size=80)
    found = spearman(first, second)
    assert found.value == pytest.approx(pearsonr(rankdata(first), rankdata(second)).statistic)
    assert found.low < found.value < found.high <= 1


def test_children_who_score_otherwise_are_told_apart_from_sources_that_do():
    rng = np.random.default_rng(3)
    rows = [make_row(index, True, source="abc"[index % 3], age="4" if index % 3 == 2 else ("50", "")[index % 2])
            for index in range(180)]
    logits = [rng.normal() + 3 * (row.source == "c") for row in rows]
    found = {guess.source: guess for guess in source_guesses(make_scored(rows, logits))}
    assert found["c"].auc.value > 0.95 and found["c"].without_children is None  # it has none but children
    for source in "ab":
        assert found[source].auc.value > 0.65 > found[source].without_children.value
    assert guesses_above(list(found.values())) == "above 0.65: 3 of 3, 0 of 2 without children"
    assert [cells[-1] == "–" for cells in guess_rows(list(found.values()))] == [False, False, True]


def test_without_any_child_nothing_is_said_of_children():
    guesses = source_guesses(make_scored(*two_sources(1.5)))
    assert {guess.without_children for guess in guesses} == {None}
    assert guesses_above(guesses) == "above 0.65: 4 of 4"
