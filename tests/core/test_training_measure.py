"""Reports from answers: counts by hand, tables of predictions, and what is written of them."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes

from core.cli.main import main
from core.reading.model_card import load_card
from core.training.answers import Answer, Scored, answers_of
from core.training.card_text import card_text
from core.training.config import LabelWords, Report, RowFilter, SaidWords
from core.training.evaluation import Evaluation, Provenance, SourceCount, check_unseen, load_evaluation, rows_of
from core.training.figure_text import threshold_text
from core.training.labels import read_labels
from core.training.measure import each_source, evaluate_predictions, measure
from core.training.plots import draw_failures, draw_report
from core.training.pointing import Box
from core.training.predict import Prediction, read_predictions, write_predictions
from core.training.report_page import page
from tests.make.model import make_model
from tests.make.scored import make_answers, make_row
from tests.make.training import make_table

HEADLINE = Report(name="all", title="All", rows=RowFilter(), headline=True)


def test_a_report_counts_its_pictures_as_a_hand_would():
    rows = [make_row(index, index < 4) for index in range(10)]
    answers = make_answers(rows, [2, 1, 1, -1, 2, -1, -2, -2, -3, -3])
    answers["9.png"] = Answer(None, not_read="too-small")
    result = measure(HEADLINE, rows, answers, {}, draws=50)
    counts = result.confusion
    assert (counts.true_positives, counts.false_negatives) == (3, 1)
    assert (counts.false_positives, counts.true_negatives) == (1, 4)
    assert result.sensitivity.value == 0.75 and result.specificity.value == 0.8
    assert result.accuracy.value == pytest.approx(7 / 9) and result.not_read == {"too-small": 1}
    # pairs: 2 beats all but ties with 2 (4.5 of 5), 1 and 1 beat all but 2 (4 each), -1 ties with -1 and beats 3 (3.5)
    assert result.auc.value == pytest.approx((4.5 + 4 + 4 + 3.5) / 20)
    assert result.patients == 9 and len(result.benefit) == 49 and sum(point.count for point in result.curve) == 9


def test_a_probability_that_is_right_on_average_but_not_in_the_bins_is_called_miscalibrated():
    rng = np.random.default_rng(0)
    chance = rng.random(4000)
    rows = [make_row(index, bool(rng.random() < value)) for index, value in enumerate(chance)]
    logit = np.log(chance / (1 - chance))
    honest = measure(HEADLINE, rows, make_answers(rows, logit), {}, draws=50)
    bold = measure(HEADLINE, rows, make_answers(rows, 3 * logit), {}, draws=50)
    assert honest.calibration_error.value < 0.03 and bold.calibration_error.low > 0.1
    assert honest.auc == bold.auc  # the order is the same
    assert bold.brier.value > honest.brier.value


@pytest.fixture(scope="module")
def predicted(tmp_path_factory):
    home = tmp_path_factory.mktemp("predicted")
    folder = make_table(home / "set")
    rng = np.random.default_rng(1)
    found = []
    for row in read_labels(folder, LabelWords()):
        if row.is_known:
            logit = float(rng.normal() + 3 * row.is_positive - 1.5)
            chance = 1 / (1 + np.exp(-logit))
            found.append(Prediction(row.path, "Blob", "1", logit, chance, 0.5, abs(logit) < 0.3))
    write_predictions(home / "predictions.csv", found)
    return folder, home / "predictions.csv"


def test_a_table_of_predictions_is_evaluated_on_what_it_predicts(predicted):
    folder, table = predicted
    rows = read_labels(folder, LabelWords())
    evaluation, answers = evaluate_predictions(
        read_predictions(table)[:40], "folds", folder, rows, (), LabelWords(), draws=20
    )
    assert [result.report.title for result in evaluation.results] == ["All pictures", "clinic", "school"]
    assert evaluation.results[0].positives + evaluation.results[0].negatives == 40 == len(answers)
    asked, _ = evaluate_predictions(
        read_predictions(table)[:40], "folds", folder, rows, (HEADLINE,), LabelWords(), draws=20
    )
    assert asked.results[0].not_read == {"no prediction": 24}
    with pytest.raises(ValueError, match="no prediction of Cyst"):
        evaluate_predictions(read_predictions(table), "f", folder, rows, (), LabelWords(), finding="Cyst")


def test_a_table_that_predicts_a_part_of_the_pictures_is_written_down(predicted, tmp_path, capsys):
    folder, table = predicted
    part = tmp_path / "predictions.csv"
    write_predictions(part, read_predictions(table)[:40])
    out = tmp_path / "out"
    assert main(["evaluate", str(part), str(folder), "--out", str(out), "--bootstrap", "20"]) == 0
    assert sum(load_evaluation(out).results[0].model_dump()[name] for name in ("positives", "negatives")) == 40
    with pytest.raises(SystemExit):
        main(["evaluate", str(part), str(folder), "--bootstrap", "0"])
    assert "no whole number from 1 on" in capsys.readouterr().err


def test_the_page_needs_nothing_else_and_shows_no_picture_of_the_collection(predicted, tmp_path, capsys):
    folder, table = predicted
    out = tmp_path / "out"
    assert main(["evaluate", str(table), str(folder), "--out", str(out), "--bootstrap", "20"]) == 0
    assert "The source from the score" in capsys.readouterr().out
    html = (out / "report.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:src|href)="([^"]{0,30})', html)
    assert links and all(link.startswith("data:image/png;base64,") for link in links)
    assert not re.search(r"https?://|<script|@import|url\(", html)
    plots = {path.name for path in (out / "plots").iterdir()}
    assert {"all.png", "all-failures.png", "all-parts.png", "shortcuts.png", "source-clinic.png"} <= plots
    assert len(links) == len(plots) and all((out / "plots" / name).stat().st_size > 2000 for name in plots)
    assert load_evaluation(out).results[0].average_precision.value > 0.5
    assert read_predictions(out / "predictions.csv") == read_predictions(table)
    assert main(["evaluate", str(table), str(folder), "--update"]) == 2


def test_reports_of_all_and_of_each_source_are_made_for_a_bare_table():
    rows = [make_row(index, True, source=source) for index, source in enumerate("bca")]
    assert [report.title for report in each_source(rows)] == ["All pictures", "a", "b", "c"]


def test_an_older_evaluation_says_what_to_do(tmp_path):
    (tmp_path / "evaluation.json").write_text(json.dumps({"schema_version": 1}), encoding="utf-8")
    with pytest.raises(ValueError, match="schema 1, not 2: evaluate again"):
        load_evaluation(tmp_path)
    (tmp_path / "evaluation.json").write_text(json.dumps({"schema_version": 2}), encoding="utf-8")
    with pytest.raises(ValueError, match="damaged"):
        load_evaluation(tmp_path)
    assert load_evaluation(tmp_path / "none") is None


def test_a_model_is_updated_with_its_figures_and_keeps_its_reports(predicted, tmp_path, capsys):
    folder, _ = predicted
    model = make_model(tmp_path / "model", min_side_px=40)
    reports = tmp_path / "reports.toml"
    reports.write_text(
        '[[reports]]\nname = "one"\ntitle = "Just one"\nrows = {splits = ["test"]}\nheadline = true\n'
        '[card]\n"Intended use" = "Tests."\n', encoding="utf-8",
    )
    command = ["evaluate", str(model), str(folder), "--device", "cpu", "--bootstrap", "20", "--update"]
    assert main([*command, "--reports", str(reports)]) == 0
    text = (model / "CARD.md").read_text(encoding="utf-8")
    assert "Just one" in text and text == card_text(load_card(model), load_evaluation(model))
    assert {path.name for path in (model / "plots").iterdir()} >= {"one.png", "one-failures.png"}
    (model / "plots" / "forgotten.png").touch()
    assert main(command) == 0  # with the reports that the model has now
    assert [result.report.title for result in load_evaluation(model).results] == ["Just one"]
    assert not (model / "plots" / "forgotten.png").exists()
    assert load_evaluation(model).provenance.texts == {"Intended use": "Tests."}


SAID = SaidWords(positive=("virus",), negative=("bacteria",))
PATTERN = Report(name="pattern", title="Viral against bacterial", rows=RowFilter(), finding="Viral pattern", said=SAID,
                 headline=True)


def test_a_further_finding_is_measured_by_the_sources_words_on_its_own_predictions():
    words = ["PNEUMONIA (virus)", "PNEUMONIA (bacteria)", "NORMAL"]
    rows = [make_row(index, index % 3 < 2, said=words[index % 3]) for index in range(60)]
    first = make_answers(rows, [1.0] * 60)
    second = make_answers(rows, [3.0 * (index % 3 == 0) - 1 for index in range(60)])
    answers = {
        path: Answer(answer.prediction, further=(replace(second[path].prediction, finding="Viral pattern",
                                                         threshold=0.6),))
        for path, answer in first.items()
    }
    answers["0.png"] = Answer(None, not_read="too-small")
    result = measure(PATTERN, rows_of(PATTERN, rows), answers, {}, draws=20)
    assert (result.positives, result.negatives, result.threshold) == (19, 20, pytest.approx(0.6))
    assert result.auc.value == 1.0 and result.sensitivity.value == 1.0 and result.not_read == {"too-small": 1}
    whole = measure(HEADLINE, rows_of(HEADLINE, rows), answers, {}, draws=20)
    assert (whole.positives, whole.negatives) == (39, 20) and whole.auc.value == 0.5


def test_a_table_of_several_findings_gives_each_report_its_own(predicted):
    folder, table = predicted
    rows = [replace(row, said=row.word) for row in read_labels(folder, LabelWords())]
    said = SaidWords(positive=("opacity",), negative=("normal", "other"))
    one = read_predictions(table)
    two = [replace(item, finding="Viral pattern", probability=1 - item.probability, logit=-item.logit) for item in one]
    turned = HEADLINE.model_copy(update={"name": "turned", "finding": "Viral pattern", "said": said})
    evaluation, answers = evaluate_predictions(
        [*one, *two], "folds", folder, rows, (HEADLINE, turned), LabelWords(), draws=20
    )
    none = HEADLINE.model_copy(update={"name": "none", "finding": "Cyst", "said": said})
    alone, _ = evaluate_predictions(one, "folds", folder, rows, (HEADLINE, none), LabelWords(), draws=20)
    assert [result.report.name for result in alone.results] == ["all"]  # nobody was asked of cysts
    first, second = evaluation.results
    assert evaluation.finding == "Blob" and first.auc.value == pytest.approx(1 - second.auc.value)
    assert all(len(answer.further) == 1 for answer in answers.values())
    with pytest.raises(ValueError, match="two predictions of Blob"):
        evaluate_predictions([*one, *one], "folds", folder, rows, (HEADLINE,), LabelWords())


def test_the_answers_of_several_models_are_put_in_order_by_what_each_calibrated():
    # the second model's logits have another scale: pooled as they are they would put its negatives before all
    rows = [make_row(index, positive=index % 2 == 1) for index in range(8)]
    steps = [-2.0, 1.5, -1.0, 2.0]
    predictions = [
        Prediction(row.path, "Blob", fold, scale * step + shift, float(1 / (1 + np.exp(-step))), 0.5)
        for fold, scale, shift, part in (("1", 1.0, 0.0, rows[:4]), ("2", 3.0, 9.0, rows[4:]))
        for row, step in zip(part, steps, strict=True)
    ]
    scored = Scored.of(rows, answers_of(predictions, rows, "Blob"))
    assert scored.score == pytest.approx(steps * 2)
    alone = Scored.of(rows[4:], answers_of(predictions, rows, "Blob"))
    assert alone.score == pytest.approx([3 * step + 9 for step in steps])


def two_findings(table):
    """The table's predictions, and those of a further finding that says the opposite."""
    one = read_predictions(table)
    two = [replace(item, finding="Viral pattern", probability=1 - item.probability, logit=-item.logit) for item in one]
    return [*one, *two]


def test_a_further_finding_is_not_judged_on_the_label_of_the_first(predicted, tmp_path, capsys):
    folder, table = predicted
    both = two_findings(table)
    rows = read_labels(folder, LabelWords())
    arguments = (both, "folds", folder, rows)
    for reports in ((), (HEADLINE,)):
        with pytest.raises(ValueError, match="labels are about Blob, not about Viral pattern: which words"):
            evaluate_predictions(*arguments, reports, LabelWords(), finding="Viral pattern", draws=20)
    words = [replace(row, said=("virus", "bacteria")[index % 2]) for index, row in enumerate(rows)]
    evaluation, _ = evaluate_predictions(
        both, "folds", folder, words, (HEADLINE, PATTERN), LabelWords(), finding="Viral pattern", draws=20
    )
    (result,) = evaluation.results
    assert result.report == PATTERN and (result.positives, result.negatives) == (32, 32)
    assert evaluation.finding == "Viral pattern" and not evaluation.source_guesses
    first, _ = evaluate_predictions(*arguments, (HEADLINE,), LabelWords(), finding="Blob", draws=20)
    assert first.results[0].report == HEADLINE
    write_predictions(tmp_path / "both.csv", both)
    assert main(["evaluate", str(tmp_path / "both.csv"), str(folder), "--finding", "Viral pattern"]) == 2
    assert "labels are about Blob" in capsys.readouterr().err


def test_several_pictures_of_a_patient_make_the_pointing_game_less_certain():
    rows = [make_row(index, True, patient=f"p{index // 4}") for index in range(40)]
    answers = {
        path: replace(answer, points_at=(0.2, 0.2) if index // 4 % 2 else (0.8, 0.8))
        for index, (path, answer) in enumerate(make_answers(rows, [1.0] * 40).items())
    }
    boxes = {row.path: (Box(0.0, 0.0, 0.5, 0.5, "opacity"),) for row in rows}
    asked = HEADLINE.model_copy(update={"boxes": ("opacity",)})
    clustered = measure(asked, rows, answers, boxes, draws=20).pointing
    single = measure(asked, [replace(row, patient=row.path) for row in rows], answers, boxes, draws=20).pointing
    assert clustered.hits.value == single.hits.value == 0.5 and clustered.pictures == 40
    assert clustered.hits.high - clustered.hits.low > 1.5 * (single.hits.high - single.hits.low)


def by_age(rows, logits):
    """Answers at a threshold of 0.4 of the first half of the rows, and of 0.6 of the others."""
    half = len(rows) // 2
    return make_answers(rows[:half], logits[:half], 0.4) | make_answers(rows[half:], logits[half:], 0.6)


def test_where_ages_have_thresholds_of_their_own_no_single_one_is_said_to_be_that_of_the_rates(monkeypatch):
    rows = [make_row(index, index % 2 == 0) for index in range(40)]
    logits = np.random.default_rng(2).normal(size=40)
    mixed = measure(HEADLINE, rows, by_age(rows, logits), {}, draws=20)
    alike = measure(HEADLINE, rows, make_answers(rows, logits, 0.4), {}, draws=20)
    assert mixed.threshold_range == (0.4, 0.6) and alike.threshold_range is None
    whole = Evaluation(name="n", version="1", weights_sha256="ab" * 32, finding="Blob", threshold=0.4,
                       labels=LabelWords(), results=(alike,))
    assert threshold_text(whole) == "operating threshold 0.400"
    apart = whole.model_copy(update={"results": (mixed,)})
    assert threshold_text(apart) == "operating threshold of each age, 0.400 to 0.600"
    assert "operating threshold of each age" in page(apart, {})
    folds = apart.model_copy(update={"weights_sha256": ""})
    assert threshold_text(folds) == "operating threshold of each age or model, 0.400 to 0.600"
    adults = measure(HEADLINE, rows[20:], by_age(rows, logits), {}, draws=20)
    each = whole.model_copy(update={"results": (alike, adults)})
    assert threshold_text(each) == "operating threshold of each age, 0.400 to 0.600"

    drawn = []
    monkeypatch.setattr(Axes, "axvline", lambda axes, x, **look: drawn.append(x))
    for result, answers in ((mixed, by_age(rows, logits)), (alike, make_answers(rows, logits, 0.4))):
        drawn.clear()
        scored = Scored.of(rows, answers)
        draw_report(result, scored)
        draw_failures(result, scored)
        assert drawn == ([] if result is mixed else [0.4] * 3)


def test_an_evaluation_of_before_thresholds_by_age_still_loads(predicted):
    folder, table = predicted
    rows = read_labels(folder, LabelWords())
    evaluation, _ = evaluate_predictions(read_predictions(table), "f", folder, rows, (), LabelWords(), draws=20)
    raw = evaluation.model_dump(mode="json")
    for result in raw["results"]:
        del result["threshold_range"]
    assert Evaluation.model_validate(raw) == evaluation


def test_the_page_says_whose_the_intervals_of_rank_correlations_are(predicted):
    folder, table = predicted
    rows = read_labels(folder, LabelWords())
    evaluation, _ = evaluate_predictions(read_predictions(table), "f", folder, rows, (), LabelWords(), draws=20)
    assert "rank correlations Fisher's, by picture" in page(evaluation, {})


def evaluation_of(splits=("train",), counts=()):
    return Evaluation(name="n", version="1", weights_sha256="ab" * 32, finding="Blob", threshold=0.5,
                      labels=LabelWords(), results=(), provenance=Provenance(train_splits=splits), sources=counts)


OWN = "ab" * 32
SCHOOL = SourceCount(source="school", licence="", trained=3, held_out=1, tested=0, positives=2)


def test_a_report_on_rows_that_were_learned_from_is_told_by_the_models_own_splits_and_sources():
    rows = [make_row(0, True, split="train"), make_row(1, False, split="test"), make_row(2, True, split="more")]
    with pytest.raises(ValueError, match=r"'all' asks for pictures .*\(1, such as 0\.png\): say with splits"):
        check_unseen([HEADLINE], rows, None, OWN)
    with pytest.raises(ValueError, match=r"such as 2\.png"):
        check_unseen([HEADLINE], rows[1:], evaluation_of(("train", "more")), OWN)
    check_unseen([HEADLINE], rows[1:], evaluation_of(), OWN)
    check_unseen([HEADLINE], rows, evaluation_of(counts=(SCHOOL,)), OWN)  # of another source than the rows
    with pytest.raises(ValueError, match=r"that the model learned from, .* it is about$"):
        check_unseen([HEADLINE], rows, evaluation_of(counts=(SCHOOL.model_copy(update={"source": "clinic"}),)), OWN)
    assert Provenance.model_validate({"network": []}).train_splits == ("train",)  # of an older model folder


def test_of_a_model_of_which_nothing_is_known_no_row_is_said_to_have_been_learned_from():
    rows = [make_row(index, index % 2 == 0, split="train") for index in range(2)]
    for known in (None, evaluation_of()):
        with pytest.raises(ValueError, match=r"may have learned .* another split than train, such as test$"):
            check_unseen([HEADLINE], rows, known, OWN)
    check_unseen([HEADLINE], [replace(row, split="test") for row in rows], None, OWN)  # as it advises


def test_figures_of_other_weights_say_nothing_of_what_a_model_learned_from():
    rows = [make_row(0, True, split="train"), make_row(1, False, split="more")]
    for known in (evaluation_of(counts=(SCHOOL,)), evaluation_of(("more",))):
        with pytest.raises(ValueError, match=r"may have learned .*such as 0\.png"):
            check_unseen([HEADLINE], rows, known, "cd" * 32)


def test_a_card_is_not_updated_with_figures_of_training_pictures(predicted, tmp_path, capsys):
    folder, _ = predicted
    model = make_model(tmp_path / "model", min_side_px=40)
    reports = tmp_path / "reports.toml"
    reports.write_text('[[reports]]\nname = "one"\ntitle = "All of it"\nrows = {}\n', encoding="utf-8")
    command = ["evaluate", str(model), str(folder), "--device", "cpu", "--bootstrap", "20", "--reports", str(reports)]
    assert main([*command, "--update"]) == 2
    assert "'one' asks for pictures that the model may have learned from" in capsys.readouterr().err
    assert not (model / "CARD.md").exists()
    assert main(command) == 0  # figures alone claim nothing
