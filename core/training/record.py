"""An evaluation written down: figures, predictions, plots, a page; and into a model folder, with its card."""

from collections.abc import Sequence
from pathlib import Path

from core.files import write_atomically
from core.reading.model_card import ModelCard
from core.training.answers import Answers, Scored
from core.training.card_text import CARD_TEXT_NAME, PLOTS_FOLDER, card_text
from core.training.evaluation import EVALUATION_NAME, Evaluation, rows_of, to_json
from core.training.labels import LabelRow
from core.training.plots import draw_all
from core.training.predict import PREDICTIONS_NAME, write_predictions
from core.training.report_page import page

PAGE_NAME = "report.html"


def scored_reports(evaluation: Evaluation, answers: Answers, rows: Sequence[LabelRow]) -> dict[str, Scored]:
    """Return the pictures of each report, by its name, as far as they were asked: `rows` may be a whole table."""
    reports = (result.report for result in evaluation.results)
    asked = tuple(row for row in rows if row.path in answers)
    return {report.name: Scored.of(rows_of(report, asked), answers, report.finding) for report in reports}


def write_evaluation(folder: Path, evaluation: Evaluation, answers: Answers, rows: Sequence[LabelRow]) -> None:
    """Write evaluation.json, predictions.csv, the plots and report.html into a folder. Raises OSError."""
    plots = draw_all(evaluation, scored_reports(evaluation, answers, rows))
    write_atomically(folder / EVALUATION_NAME, to_json(evaluation))
    found = [item for answer in answers.values() for item in (answer.prediction, *answer.further) if item is not None]
    write_predictions(folder / PREDICTIONS_NAME, found)
    _write_plots(folder, plots)
    write_atomically(folder / PAGE_NAME, page(evaluation, plots))


def update_model(
    folder: Path, card: ModelCard, evaluation: Evaluation, answers: Answers, rows: Sequence[LabelRow]
) -> None:
    """Write evaluation.json, CARD.md and its plots into a model folder; plots of earlier reports go. Raises OSError."""
    plots = draw_all(evaluation, scored_reports(evaluation, answers, rows))
    for old in (folder / PLOTS_FOLDER).glob("*.png"):
        if old.stem not in plots:
            old.unlink()
    _write_plots(folder, plots)
    write_atomically(folder / EVALUATION_NAME, to_json(evaluation))
    write_atomically(folder / CARD_TEXT_NAME, card_text(card, evaluation))


def _write_plots(folder: Path, plots: dict[str, bytes]) -> None:
    for name, content in plots.items():
        write_atomically(folder / PLOTS_FOLDER / f"{name}.png", content)
