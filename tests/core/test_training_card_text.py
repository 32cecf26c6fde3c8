"""The sentences of CARD.md that a reader must not miss, and the cards in the repository."""

import re

import pytest

from core.paths import models_folder
from core.reading.model_card import load_card
from core.training.card_text import card_text, figure_lines, remark
from core.training.config import OperatingPoint, PastVersion, Report, RowFilter, StatedAge
from core.training.evaluation import (
    Confusion,
    Figure,
    Fitted,
    GateSource,
    Provenance,
    ReportResult,
    load_evaluation,
)
from core.training.figure_text import figure_text

MODELS = sorted(path.parent for path in models_folder().glob("*/model.json"))
every_model = pytest.mark.parametrize("folder", MODELS, ids=lambda path: path.name)


def result(positives=200, negatives=200, sensitivity=0.9, specificity=0.9, not_read=None, remark=""):
    def figure(value):
        return None if value is None else Figure(value=value, low=0.0, high=1.0)

    return ReportResult(
        report=Report(name="r", title="R", rows=RowFilter(), remark=remark), threshold=0.5, positives=positives,
        negatives=negatives, not_read=not_read or {}, patients=positives + negatives, auc=None,
        average_precision=None, accuracy=None,
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


def test_of_pictures_without_the_finding_alone_it_is_said_how_many_are_flagged():
    assert remark(result(0, 300, sensitivity=None)) == "Flagged: 10.0% (0.0%–100.0%) of 300."


def test_pictures_that_were_not_read_are_counted_by_reason():
    text = remark(result(not_read={"color": 2, "too-small": 1}, remark="One hospital"))
    assert text == "One hospital. Not read, and in no figure: 2 color, 1 too-small."


def test_an_absent_figure_is_a_dash_not_a_number():
    assert figure_text(None) == "–"
    assert figure_text(Figure(value=0.97512, low=0.9, high=1.0)) == "0.975 (0.900–1.000)"
    assert figure_text(Figure(value=0.1, low=-0.2, high=0.4)) == "0.100 (-0.200 to 0.400)"


@every_model
def test_the_card_of_a_model_is_what_its_figures_write(folder):
    text = card_text(load_card(folder), load_evaluation(folder))
    assert (folder / "CARD.md").read_text(encoding="utf-8") == text


@every_model
def test_the_figures_of_a_model_are_of_its_own_weights_and_threshold(folder):
    card, evaluation = load_card(folder), load_evaluation(folder)
    assert evaluation.weights_sha256 == card.weights_sha256 and evaluation.version == card.version
    assert evaluation.threshold == card.findings[0].threshold
    assert not any(past.weights_sha256 == card.weights_sha256 for past in evaluation.provenance.history)


@every_model
def test_the_card_of_a_model_shows_every_plot_that_lies_beside_it_and_no_other(folder):
    named = set(re.findall(r"!\[[^]]*\]\(plots/([^)]+)\)", (folder / "CARD.md").read_text(encoding="utf-8")))
    assert named == {path.name for path in (folder / "plots").iterdir()}


@every_model
def test_a_card_says_what_it_must(folder):
    text = (folder / "CARD.md").read_text(encoding="utf-8")
    for heading in ("Intended use", "Must not be used for", "Known shortcuts and weaknesses", "Not assessed", "Figures",
                    "Operating point and calibration", "What the score should not know", "Data", "Versions"):
        assert f"\n## {heading}\n" in text


def test_earlier_versions_are_listed_with_weights_and_thresholds():
    card, evaluation = load_card(MODELS[0]), load_evaluation(MODELS[0])
    past = PastVersion(version="0.0.9", weights_sha256="ab" * 32, threshold=0.25, remark="half the size")
    told = evaluation.model_copy(update={"provenance": Provenance(history=(past,))})
    assert "| 0.0.9 | `abababab` | 0.250 | half the size |" in card_text(card, told)


def calibrated(**told):
    """Return the card's lines on numbers of the first bundled model, of which other things are told."""
    card, evaluation = load_card(MODELS[0]), load_evaluation(MODELS[0])
    text = card_text(card, evaluation.model_copy(update={"provenance": Provenance(**told), "crossfitted": ()}))
    return text.split("## Operating point and calibration")[1].split("\n## ")[0]


def fitted(**told):
    return Fitted(positives=20, negatives=30, sensitivity=0.9, specificity=0.8, coverage=0.9, **told)


def test_the_card_says_on_what_numbers_rest_and_what_limits_them():
    rows = RowFilter(sources=("a", "b"), labels=("normal",), basis_lacks=("NLP",))
    limit = OperatingPoint(rows=rows, most_flagged=0.1)
    bound = calibrated(fitted=(fitted(sources=("a", "c"), limit=limit, is_limited=True),))
    assert ("Pictures of a, c. Of pictures labelled normal of a, b whose label basis lacks NLP at most 10% may be "
            "flagged, which raised it.") in bound
    assert "of patients held out of training" in bound
    kept = fitted(sources=("a",), limit=limit, is_limited=False)
    free = calibrated(fitted=(kept,), is_out_of_fold=True, with_tests=("a",))
    assert "which does not raise it" in free and "a cross-validation answers that had not seen its patient" in free
    assert "test pictures took part" in free and "those of a, of other patients" in free
    assert "No limit of false alarms is declared." in calibrated(fitted=(fitted(sources=("a",)),))


def test_the_card_says_on_how_many_pictures_a_limit_was_kept_and_that_none_was_applied():
    limit = OperatingPoint(rows=RowFilter(sources=("other hospital",)), most_flagged=0.1)
    told = {"sources": ("a",), "limit": limit, "is_limited": False}
    assert "(7 here) at most 10% may be flagged, which does not raise it." in calibrated(
        fitted=(fitted(**told, limited_by=7),))
    none = calibrated(fitted=(fitted(**told, limited_by=0),))
    assert ("That of pictures without the finding of other hospital at most 10% are flagged was asked but not applied: "
            "there were no such pictures.") in none
    assert "may be flagged" not in none
    missed = calibrated(fitted=(fitted(**told, limited_by=7, is_limit_kept=False),))
    assert "was asked and cannot be kept: more of them reach any threshold below 1." in missed
    assert "may be flagged" not in missed


def test_the_card_says_whose_ages_are_stated_and_not_in_the_files():
    evaluation = load_evaluation(MODELS[0])
    stated = (StatedAge(rows=RowFilter(sources=("a", "b")), years=3), StatedAge(rows=RowFilter(), years=40.5))
    text = figure_lines(evaluation.model_copy(update={"stated_ages": stated}))[0]
    assert ("taken as stated, 3 years for pictures of a, b and 40.5 years for pictures of any source; a file that is "
            "read without an age is answered by the numbers for all ages") in text
    assert "stated" not in figure_lines(evaluation.model_copy(update={"stated_ages": ()}))[0]


def test_ages_without_numbers_are_named_and_nothing_is_said_of_no_pictures():
    assert "No numbers of their own, for want of pictures: newborns." in calibrated(without_numbers=("newborns",))
    none = Fitted(positives=0, negatives=0, sensitivity=0.0, specificity=0.0, coverage=0.9)
    assert "0.000" not in calibrated(fitted=(none,)) and "0 pictures" not in calibrated(fitted=(none,))


def test_what_the_gate_learned_from_is_data():
    card, evaluation = load_card(MODELS[0]), load_evaluation(MODELS[0])
    gate = evaluation.gate.model_copy(update={
        "learned": (GateSource(source="views", licence="CC0", pictures=12),), "learned_outliers": 7})
    text = card_text(card, evaluation.model_copy(update={"gate": gate}))
    assert "| views | CC0 | 12 |" in text and "and 7 files of folders beside the table" in text
