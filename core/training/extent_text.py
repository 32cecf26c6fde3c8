"""The extent's figures in words and tables, for CARD.md, the page of an evaluation and a terminal."""

from collections.abc import Iterator

from core.training.evaluation import Evaluation, ExtentPart, ExtentResult
from core.training.figure_text import figure_text

EXTENT_HEADINGS = (
    "Zone", "r (Pearson)", "ρ (Spearman)", "Error", "r with one radiologist", "Error to one radiologist",
    "r between radiologists", "ρ between radiologists", "Error between radiologists", "Error of a constant",
)


def extent_parts(evaluation: Evaluation) -> Iterator[tuple[str, ExtentPart]]:
    """Yield the parts of the pictures that have figures, with their captions; nothing without an extent."""
    if evaluation.extent is not None:
        yield _caption("Training pictures, out of fold", evaluation.extent.out_of_fold), evaluation.extent.out_of_fold
        if evaluation.extent.test is not None:
            yield _caption("Test pictures", evaluation.extent.test), evaluation.extent.test


def extent_rows(part: ExtentPart) -> list[tuple[str, ...]]:
    """Return the rows under `EXTENT_HEADINGS`, one for each zone and one for the sum."""
    return [
        (
            line.zone, figure_text(line.model.pearson), figure_text(line.model.spearman), figure_text(line.model.error),
            figure_text(line.model_one_rater.pearson), figure_text(line.model_one_rater.error),
            figure_text(line.raters.pearson), figure_text(line.raters.spearman), figure_text(line.raters.error),
            figure_text(line.constant.error),
        )
        for line in part.lines
    ]


def extent_lines(evaluation: Evaluation) -> list[str]:
    """Return the section on the extent in Markdown; nothing where the model has none."""
    if evaluation.extent is None:
        return []
    lines = [f"## {evaluation.extent.config.label}", "", extent_note(evaluation.extent), ""]
    for caption, part in extent_parts(evaluation):
        lines += [f"{caption}:", "", f"| {' | '.join(EXTENT_HEADINGS)} |", "|" + "---|" * len(EXTENT_HEADINGS)]
        lines += [f"| {' | '.join(row)} |" for row in extent_rows(part)]
        lines.append("")
    return lines


def extent_note(result: ExtentResult) -> str:
    """Return what the figures are, on whom, and what they leave out."""
    config = result.config
    seen = "the label of its first finding" + result.knew_scores * (
        ", and these scores taught it where its map should lie")
    ages = "" if config.ages is None else f", of patients of {config.ages[0]:g} to {config.ages[1]:g} years"
    return (
        f"Six scores of 0 to 3 (Brixia, Borghesi and Maroldi 2020) from the features of the same forward pass, asked "
        f"where the first finding is above its threshold{ages}; measured on {config.population}, whatever the first "
        f"finding said. Learned by ridge regression from the mean of {len(config.raters)} radiologists. Figures are "
        "against that mean, with 95 % intervals from drawing patients; those with one radiologist, the mean over them, "
        "stand beside the radiologists' agreement with each other. Out of fold means that the regression had not seen "
        f"the patient; the network had, with {seen}. Errors are mean absolute differences; the "
        "constant is the mean of the pictures that were learned from."
    )


def extent_summary(evaluation: Evaluation) -> list[str]:
    """Return a line on each part's sum and the mean of its zones, for a terminal."""
    lines = []
    for caption, part in extent_parts(evaluation):
        whole = part.lines[-1]
        lines.append(
            f"Extent. {caption}: sum r {figure_text(whole.model.pearson)}, error {figure_text(whole.model.error)}; "
            f"radiologists with each other r {figure_text(whole.raters.pearson)}, error "
            f"{figure_text(whole.raters.error)}; error of a zone {part.zone_error:.2f}."
        )
    return lines


def _caption(name: str, part: ExtentPart) -> str:
    return f"{name}, {part.pictures} of {part.patients} patients"
