"""Further findings, answered by the source's words."""

from dataclasses import replace

import numpy as np
import pytest

from core.training.config import Question, RowFilter, SaidWords
from core.training.labels import Label, LabelRow
from core.training.questions import answered, asked, targets
from tests.make.training import made_config

SAID = SaidWords(positive=("virus",), negative=("bacteria",))
ROWS = tuple(
    LabelRow(path, source, "train", path, "opacity", Label.POSITIVE, said=said)
    for path, source, said in (("a", "one", "PNEUMONIA (virus)"), ("b", "one", "PNEUMONIA (bacteria)"),
                               ("c", "one", "NORMAL"), ("d", "two", "virus"))
)


def test_the_words_become_the_label():
    assert [row.label for row in answered(ROWS, SAID)] == [
        Label.POSITIVE, Label.NEGATIVE, Label.MISSING, Label.POSITIVE,
    ]


@pytest.mark.parametrize(("said", "answer"), [
    ("fracture", Label.POSITIVE), ("no fracture", Label.NEGATIVE), ("callus, no fracture", Label.MISSING),
    ("rib fracture, no fracture of the skull", Label.MISSING), ("normal", Label.NEGATIVE),
    ("not normal", Label.POSITIVE), ("fracture, else normal", Label.MISSING), ("", Label.MISSING),
])
def test_a_text_within_a_longer_one_of_the_other_side_does_not_count_and_both_sides_are_no_answer(said, answer):
    words = SaidWords(positive=("fracture", "callus", "not normal"), negative=("no fracture", "normal"))
    assert answered([replace(ROWS[0], said=said)], words)[0].label is answer


@pytest.mark.parametrize(("said", "answer"), [
    ("rib fracture", Label.POSITIVE), ("clear", Label.NEGATIVE), ("", Label.NEGATIVE)])
def test_the_empty_text_is_found_where_nothing_else_is(said, answer):
    words = SaidWords(positive=("fracture",), negative=("",))
    assert answered([replace(ROWS[0], said=said)], words)[0].label is answer


def test_a_question_asks_its_rows_only():
    question = Question(label="Viral", rows=RowFilter(sources=("one",)), said=SAID)
    assert [row.label for row in asked(ROWS, question)][3] is Label.MISSING


def test_targets_have_a_column_for_each_finding_and_gaps_where_it_is_not_asked():
    question = Question(label="Viral", rows=RowFilter(sources=("one",)), said=SAID)
    config = made_config().model_copy(update={"questions": (question,)})
    found = targets(ROWS, config, np.array([0.1, 0.9, 0.5, 1.0]))
    np.testing.assert_allclose(found, [[0.1, 1], [0.9, 0], [0.5, np.nan], [1.0, np.nan]], rtol=1e-6)
