"""The sentences of CARD.md that a reader must not miss."""

from core.training.card_text import figure_text, remark
from core.training.config import Report, RowFilter
from core.training.evaluation import Confusion, Figure, ReportResult


def result(positives=200, negatives=200, sensitivity=0.9, specificity=0.9, not_read=None, remark=""):
    def figure(value):
        return None if value is None else Figure(value=value, low=0.0, high=1.0)

    return ReportResult(
        report=Report(name="r", title="R", rows=RowFilter(), remark=remark), positives=positives, negatives=negatives,
        not_read=not_read or {}, patients=positives + negatives, auc=None, average_precision=None, accuracy=None,
        confusion=Confusion(true_positives=0, false_negatives=0, false_positives=0, true_negatives=0),
        sensitivity=figure(sensitivity), specificity=figure(specificity), brier=None, calibration_error=None,
        uncertain=None,
    )


def test_good_figures_on_many_pictures_need_no_remark():
    assert remark(result()) == ""


def test_weak_figures_are_said_as_what_goes_wrong():
    assert "35% of those without the finding are flagged." in remark(result(specificity=0.65))
    assert "40% of those with the finding are missed." in remark(result(sensitivity=0.6))


def test_small_numbers_are_said_also_for_one_class_alone():
    assert "Small numbers: 46 with and 33 without" in remark(result(46, 33))
    assert "Small numbers" in remark(result(0, 28, sensitivity=None))
    assert remark(result(0, 300, sensitivity=None)) == ""


def test_pictures_that_were_not_read_are_counted_by_reason():
    text = remark(result(not_read={"color": 2, "too-small": 1}, remark="One hospital"))
    assert text == "One hospital. Not read, and in no figure: 2 color, 1 too-small."


def test_an_absent_figure_is_a_dash_not_a_number():
    assert figure_text(None) == "–"
    assert figure_text(Figure(value=0.97512, low=0.9, high=1.0)) == "0.975 (0.900–1.000)"
