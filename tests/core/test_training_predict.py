"""The table of predictions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.csv_table import plain_path
from core.training.predict import Prediction, read_predictions, write_predictions

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=20).map(str.strip)
PATH = TEXT.filter(lambda path: plain_path(path) == path)  # as label tables have them
PART = st.integers(0, 10**6).map(lambda number: number / 1e6)
NUMBER = st.integers(-10**7, 10**7).map(lambda number: round(number / 1e6, 6))


@given(st.lists(st.builds(Prediction, PATH, TEXT, TEXT, NUMBER, PART, PART, st.booleans(),
                          st.integers(1, 99).map(lambda part: part / 100)), max_size=4))
def test_predictions_read_back_as_they_were_written(tmp_path_factory, predictions):
    path = tmp_path_factory.mktemp("table") / "predictions.csv"
    write_predictions(path, predictions)
    assert read_predictions(path) == tuple(predictions)


def test_predictions_are_of_a_picture_in_any_spelling_of_its_path(tmp_path):
    write_predictions(tmp_path / "p.csv", [Prediction("./pics//0.png", "Blob", "", 1.0, 0.7, 0.5)])
    assert read_predictions(tmp_path / "p.csv")[0].path == "pics/0.png"


def test_a_table_that_lacks_a_column_or_holds_no_number_is_named(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("path,logit\na.png,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"p\.csv has no column finding"):
        read_predictions(path)
    write_predictions(path, [Prediction("a.png", "Blob", "", 1.0, 0.7, 0.5)])
    path.write_text(path.read_text(encoding="utf-8").replace("0.7", "high"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"p\.csv line 2 is damaged"):
        read_predictions(path)


@pytest.mark.parametrize("changes", [
    {"logit": float("nan")}, {"probability": float("nan")}, {"probability": 63.0}, {"threshold": float("nan")},
    {"prevalence": 0.0}, {"prevalence": 1.0}])
def test_what_is_no_logit_probability_or_prevalence_is_no_prediction(tmp_path, changes):
    made = {"logit": 1.0, "probability": 0.7, "threshold": 0.5, "prevalence": 0.5, **changes}
    write_predictions(tmp_path / "p.csv", [Prediction("a.png", "Blob", "", **made)])
    with pytest.raises(ValueError, match=r"p\.csv line 2 is damaged"):
        read_predictions(tmp_path / "p.csv")


def test_a_table_of_an_earlier_version_says_nothing_of_the_prevalence(tmp_path):
    path = tmp_path / "p.csv"
    write_predictions(path, [Prediction("a.png", "Blob", "", 1.0, 0.7, 0.5, prevalence=0.3)])
    text = path.read_text(encoding="utf-8").replace(",prevalence", "").replace(",0.3\n", "\n")
    path.write_text(text, encoding="utf-8")
    assert read_predictions(path)[0].prevalence == 0.5


def test_the_likelihood_ratio_does_not_know_the_prevalence():
    one, other = Prediction("a", "", "", 0, 0.5, 0.5), Prediction("a", "", "", 0, 0.3, 0.5, prevalence=0.3)
    assert one.log_likelihood_ratio == pytest.approx(0) == pytest.approx(other.log_likelihood_ratio)
