"""Further findings, answered by the source's words."""

import numpy as np

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


def test_a_question_asks_its_rows_only():
    question = Question(label="Viral", rows=RowFilter(sources=("one",)), said=SAID)
    assert [row.label for row in asked(ROWS, question)][3] is Label.MISSING


def test_targets_have_a_column_for_each_finding_and_gaps_where_it_is_not_asked():
    question = Question(label="Viral", rows=RowFilter(sources=("one",)), said=SAID)
    config = made_config().model_copy(update={"questions": (question,)})
    found = targets(ROWS, config, np.array([0.1, 0.9, 0.5, 1.0]))
    np.testing.assert_allclose(found, [[0.1, 1], [0.9, 0], [0.5, np.nan], [1.0, np.nan]], rtol=1e-6)
