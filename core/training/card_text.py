"""CARD.md of a model folder: what the model is for, what it must not be used for, and all figures with intervals.

Generated from model.json and evaluation.json alone, so that whoever has the folder can make it again. Sections follow
Mitchell et al. 2019, Model Cards for Model Reporting.
"""

from collections.abc import Sequence

from core.reading.model_card import AgeCalibration, FindingSpec, ModelCard
from core.training.calibration_text import calibration_lines
from core.training.config import RowFilter, StatedAge
from core.training.evaluation import Evaluation, Fitted, Provenance, ReportResult
from core.training.extent_text import extent_lines
from core.training.figure_text import figure_text
from core.training.gate_text import gate_data_lines, gate_lines
from core.training.plot_names import SHORTCUTS, failures_plot, parts_plot, report_plot
from core.training.shortcut_text import GUESS_HEADINGS, guess_rows, guesses_above

CARD_TEXT_NAME = "CARD.md"
PLOTS_FOLDER = "plots"
SMALL = 50  # pictures of a class below which a figure is called small
NO_PICTURES = "There are no test pictures to report on: no report finds a labelled picture in the table."
WEAK = 0.75  # sensitivity or specificity below which a report says what that means


def card_text(card: ModelCard, evaluation: Evaluation) -> str:
    """Return the text of CARD.md."""
    spec, *others = card.findings
    provenance = evaluation.provenance or Provenance()
    lines = [
        f"# {card.name} {card.version}",
        "",
        f"One question about {card.population.description}: does the image show **{spec.label.lower()}**?",
        "",
        *(f"A further one, from the same pass: **{other.label.lower()}**{_condition(other)}." for other in others),
        *([""] if others else []),
        "For research, not for diagnosis. Not a medical device.",
        "",
        "This page is generated from `model.json` and `evaluation.json`; `wetread-cli evaluate --update` measures "
        "anew, and writes the latter and this page.",
        "",
    ]
    for heading, text in provenance.texts.items():
        lines += [f"## {heading}", "", text.strip(), ""]
    lines += ["## Not assessed", "", *(f"- {name}" for name in card.not_assessed), ""]
    lines += ["## Figures", "", *figure_lines(evaluation), ""]
    lines += _plot_lines(evaluation)
    lines += extent_lines(evaluation)
    lines += ["## Operating point and calibration", ""]
    is_out_of_fold = provenance.is_out_of_fold or bool(evaluation.crossfitted)
    lines += _calibration_lines(card, provenance, is_out_of_fold)
    lines += calibration_lines(evaluation)
    lines += _curve_lines(evaluation)
    lines += _subgroup_lines(evaluation)
    lines += _shortcut_lines(evaluation)
    lines += gate_lines(evaluation.gate, figure_text)
    lines += ["## Data", "", *_data_lines(evaluation), ""]
    lines += ["## Network", ""]
    for text in provenance.network:
        lines += [text, ""]
    lines += [f"Weights SHA-256 `{card.weights_sha256}`.", ""]
    lines += ["## Versions", "", *_version_lines(card, provenance)]
    return "\n".join(lines).rstrip() + "\n"


def figure_lines(evaluation: Evaluation) -> list[str]:
    """Return the table of all reports in Markdown, with the remarks below it; a sentence without any picture."""
    if not evaluation.has_pictures:
        return [NO_PICTURES]
    lines = [
        "With 95 % intervals, pictures of one patient counted together (AUC: DeLong, by patient Obuchowski; "
        "sensitivity, specificity and accuracy at the operating point: Wilson with the design effect; the others: "
        "drawing patients with replacement). No picture of these was trained on or used for calibration. Every picture "
        "of a line is answered: the input gate is not asked first, and a further finding is asked whatever the first "
        f"one said.{_ages_text(evaluation.stated_ages)}",
        "",
        "| Pictures | with / without | AUC | Average precision | Sensitivity | Specificity | Accuracy | Brier "
        "| Calibration error | In the band |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in sorted(evaluation.results, key=lambda result: not result.report.headline):
        title = f"**{result.report.title}**" if result.report.headline else result.report.title
        cells = (
            title,
            f"{result.positives} / {result.negatives}",
            *(figure_text(figure) for figure in (
                result.auc, result.average_precision, result.sensitivity, result.specificity, result.accuracy,
                result.brier, result.calibration_error,
            )),
            "–" if result.uncertain is None else f"{result.uncertain:.0%}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    remarks = [f"- {result.report.title}: {text}" for result in evaluation.results if (text := remark(result))]
    return [*lines, "", *remarks] if remarks else lines


def _ages_text(stated: Sequence[StatedAge]) -> str:
    """Return of whose pictures the age is taken as stated, as a further sentence; nothing where of none."""
    if not stated:
        return ""
    said = " and ".join(f"{part.years:g} years for pictures{_which_text(part.rows, '') or ' of any source'}"
                        for part in stated)
    return (f" Where the label table has no age it is taken as stated, {said}; a file that is read without an age is "
            "answered by the numbers for all ages instead.")


def remark(result: ReportResult) -> str:
    """Return what a reader must know beside a report's figures: its remark, what is weak, small or not read."""
    parts = [result.report.remark] if result.report.remark else []
    if result.sensitivity is not None and result.sensitivity.value < WEAK:
        parts.append(f"{1 - result.sensitivity.value:.0%} of those with the finding are missed.")
    if result.positives and result.specificity is not None and result.specificity.value < WEAK:
        parts.append(f"{1 - result.specificity.value:.0%} of those without the finding are flagged.")
    if not result.positives and result.specificity is not None:
        none = result.specificity
        parts.append(f"flagged: {1 - none.value:.1%} ({1 - none.high:.1%}–{1 - none.low:.1%}) of {result.negatives}.")
    if result.pointing is not None:
        parts.append(
            f"the strongest cell of the map lies in a reader's box in {result.pointing.hits.value:.0%} "
            f"({result.pointing.hits.low:.0%}–{result.pointing.hits.high:.0%}) of {result.pointing.pictures} boxed "
            f"pictures; a random point would in {result.pointing.by_chance:.0%}."
        )
    least = min((count for count in (result.positives, result.negatives) if count), default=0)
    if least < SMALL:
        parts.append(f"small numbers: {result.positives} with and {result.negatives} without the finding.")
    if result.not_read:
        refused = ", ".join(f"{count} {reason}" for reason, count in result.not_read.items())
        parts.append(f"not read, and in no figure: {refused}.")
    sentences = [part if part.endswith(".") else f"{part}." for part in parts]
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)


def _plot_lines(evaluation: Evaluation) -> list[str]:
    lines: list[str] = []
    for result in evaluation.results:
        if result.report.headline and result.curve:
            title, name = result.report.title, result.report.name
            for what, file in (("curves", report_plot(name)), ("failures, as points", failures_plot(name))):
                lines += [f"![{title}: {what}]({PLOTS_FOLDER}/{file}.png)", ""]
    return lines


def _calibration_lines(card: ModelCard, provenance: Provenance, is_out_of_fold: bool) -> list[str]:
    lines: list[str] = []
    whose = (
        "each as a model of a cross-validation answers that had not seen its patient" if is_out_of_fold
        else "of patients held out of training"
    )
    if provenance.fitted and provenance.fitted[0].positives:
        fitted = provenance.fitted[0]
        lines = [
            f"Fitted on {fitted.positives} pictures with and {fitted.negatives} without the finding, {whose}, weighted "
            "so that sources count in fixed shares and classes alike. A probability is "
            f"therefore that of a population in which {fitted.prevalence:.0%} of the images show the finding; where it "
            "is rarer, the number is too high. An operating point has the largest sensitivity + specificity (Youden) "
            "there, or the higher one that keeps a declared limit of false alarms: missed findings and false alarms "
            "weigh the same, since a second opinion that cries wolf is soon switched off and nobody may rely on its "
            "silence.",
            "",
        ]
    if provenance.with_tests:
        lines += [
            "In that cross-validation test pictures took part: what answers here had in part learned from those of "
            f"{', '.join(provenance.with_tests)}, of other patients. No test picture was calibrated on.",
            "",
        ]
    for index, spec in enumerate(card.findings):
        fitted_here = provenance.fitted[index] if index < len(provenance.fitted) else None
        without = () if index else provenance.without_numbers
        lines += _finding_lines(spec, fitted_here, named=len(card.findings) > 1, without=without)
    return lines


def _finding_lines(spec: FindingSpec, fitted: Fitted | None, named: bool, without: Sequence[str] = ()) -> list[str]:
    """Return the lines on one finding's numbers; `named` where there are several, `without` the ages that lack some."""
    lines = [f"**{spec.label}**{_condition(spec)}", ""] if named else []
    reached = "" if fitted is None or not fitted.positives else (
        f": weighted sensitivity {fitted.sensitivity:.3f} and specificity {fitted.specificity:.3f} on the "
        f"{fitted.positives + fitted.negatives} pictures that it was fitted on, so a little too good"
    )
    lines.append(f"- Operating threshold {spec.threshold:.3f}{reached}.{_point_text(fitted)}")
    if spec.uncertain is not None:
        low, high = spec.uncertain
        coverage = "" if fitted is None else f" at {fitted.coverage:.0%}"
        lines.append(
            f"- Uncertain between {low:.3f} and {high:.3f}: class-conditional split conformal prediction{coverage}; "
            "there the answer is not one single class."
        )
    for part in spec.calibrations:
        lines += _age_lines(part, fitted)
    if without:
        lines.append(f"- No numbers of their own, for want of pictures: {', '.join(without)}.")
    lines.append(
        f"- A map value of {spec.evidence_scale:.2f} logits is drawn as 1.0: the 95th percentile of supporting cells "
        "in held-out images with the finding."
    )
    return [*lines, ""]


def _age_lines(part: AgeCalibration, fitted: Fitted | None) -> list[str]:
    """Return the line on the numbers for patients of some ages."""
    band = "" if part.uncertain is None else f", uncertain between {part.uncertain[0]:.3f} and {part.uncertain[1]:.3f}"
    here = next((item for item in fitted.by_age if item.name == part.name), None) if fitted is not None else None
    reached = "" if here is None else (
        f"; fitted on {here.positives} pictures with and {here.negatives} without, reaching there a sensitivity of "
        f"{here.sensitivity:.3f} and a specificity of {here.specificity:.3f}, so a little too good"
    )
    return [
        f"- {capitalized(part.name)}, {part.ages[0]:g}–{part.ages[1]:g} years: threshold {part.threshold:.3f}{band}; "
        f"probabilities for {part.prevalence:.0%} with the finding{reached}.{_point_text(here)} Of other ages and "
        "where the age is not known the numbers above count, and the reading says so."
    ]


def _point_text(fitted: Fitted | None) -> str:
    """Return whose pictures numbers were fitted on and what limits their operating point, as further sentences."""
    if fitted is None or not fitted.sources:
        return ""
    whose = f" Pictures of {', '.join(fitted.sources)}."
    if fitted.limit is None:
        return f"{whose} No limit of false alarms is declared."
    which = f"pictures{_which_text(fitted.limit.rows)}{' of these ages' if fitted.name else ''}"
    most = f"at most {fitted.limit.most_flagged:.0%}"
    if fitted.limited_by == 0:
        return f"{whose} That of {which} {most} are flagged was asked but not applied: there were no such pictures."
    if fitted.is_limit_kept is False:
        return (f"{whose} That of {which} {most} are flagged was asked and cannot be kept: more of them reach any "
                "threshold below 1.")
    count = "" if fitted.limited_by is None else f" ({fitted.limited_by} here)"
    bound = {None: "", True: ", which raised it", False: ", which does not raise it"}[fitted.is_limited]
    return f"{whose} Of {which}{count} {most} may be flagged{bound}."


def _which_text(rows: RowFilter, of_any_label: str = " without the finding") -> str:
    """Return in words, as a noun goes on, all conditions that rows have to meet; `of_any_label` where no label is."""
    parts = [f" labelled {' or '.join(rows.labels)}" if rows.labels else of_any_label]
    parts += [f" {before} {', '.join(words)}" for before, words in (
        ("of", rows.sources), ("of the splits", rows.splits), ("of the views", rows.views),
        ("whose label basis has", rows.basis_contains), ("whose label basis lacks", rows.basis_lacks),
    ) if words]
    return "".join(parts)


def capitalized(text: str) -> str:
    """Return a text with its first letter large and all others as they are: "NIH adults", "COVID-19 reports"."""
    return text[:1].upper() + text[1:]


def _condition(spec: FindingSpec) -> str:
    """Return of whom a further finding is asked, as it ends a sentence."""
    parts = [] if spec.ages is None else [f"at {spec.ages[0]:g}–{spec.ages[1]:g} years"]
    parts += [f"where {spec.given.lower()} is above its threshold"] if spec.given else []
    return f", asked {' and '.join(parts)}" if parts else ""


def _subgroup_lines(evaluation: Evaluation) -> list[str]:
    lines: list[str] = []
    for result in evaluation.results:
        if result.subgroups:
            lines += [
                f"{result.report.title}, by part:",
                "",
                "| Part | with / without | AUC | Sensitivity | Specificity |",
                "|---|---|---|---|---|",
                *(
                    f"| {part.by}: {part.group} | {part.positives} / {part.negatives} | {figure_text(part.auc)} "
                    f"| {figure_text(part.sensitivity)} | {figure_text(part.specificity)} |"
                    for part in result.subgroups
                ),
                "",
            ]
            if result.report.headline and result.curve:
                lines += [f"![{result.report.title}: parts]({PLOTS_FOLDER}/{parts_plot(result.report.name)}.png)", ""]
    return ["## Parts", "", *lines] if lines else []


def _shortcut_lines(evaluation: Evaluation) -> list[str]:
    if not evaluation.source_guesses and not evaluation.correlations:
        return []
    lines = ["## What the score should not know", ""]
    if evaluation.source_guesses:
        lines += [
            f"Telling a source from all others by the score, among pictures of one label (0.5: not at all; "
            f"{guesses_above(evaluation.source_guesses)}). Part of it is real: sources differ in how much disease they "
            "show, and patients whose films are told better have probabilities nearer to 0 and 1 if these are right.",
            "",
            "| " + " | ".join(GUESS_HEADINGS) + " |",
            "|" + "---|" * len(GUESS_HEADINGS),
            *("| " + " | ".join(cells) + " |" for cells in guess_rows(evaluation.source_guesses)),
            "",
        ]
    if evaluation.correlations:
        lines += _correlation_lines(evaluation)
    return [*lines, f"![What the score should not know]({PLOTS_FOLDER}/{SHORTCUTS}.png)", ""]


def _correlation_lines(evaluation: Evaluation) -> list[str]:
    features = list(dict.fromkeys(item.feature for item in evaluation.correlations))
    kinds = list(dict.fromkeys((item.source, item.label, item.pictures) for item in evaluation.correlations))
    found = {(item.source, item.label, item.feature): item.rho for item in evaluation.correlations}
    return [
        "Rank correlation (Spearman) of the score with facts of the picture, within one source and label:",
        "",
        "| Source | Label | Pictures | " + " | ".join(features) + " |",
        "|" + "---|" * (3 + len(features)),
        *(
            f"| {source} | {label} | {pictures} | "
            + " | ".join(figure_text(found.get((source, label, feature))) for feature in features) + " |"
            for source, label, pictures in kinds
        ),
        "",
    ]


def _version_lines(card: ModelCard, provenance: Provenance) -> list[str]:
    versions: Sequence[tuple[str, str, float, str]] = [
        (card.version, card.weights_sha256, card.findings[0].threshold, "this version"),
        *((past.version, past.weights_sha256, past.threshold, past.remark) for past in provenance.history),
    ]
    return [
        "| Version | Weights | Threshold | |",
        "|---|---|---|---|",
        *(
            f"| {version} | `{weights[:8]}` | {threshold:.3f} | {text} |"
            for version, weights, threshold, text in versions
        ),
    ]


def _curve_lines(evaluation: Evaluation) -> list[str]:
    lines: list[str] = []
    for result in evaluation.results:
        if result.curve:
            lines += [
                f"{result.report.title}, predicted probability against how many show the finding:",
                "",
                "| Probability | Pictures | Mean probability | Show the finding |",
                "|---|---|---|---|",
                *(
                    f"| {point.low:.1f}–{point.high:.1f} | {point.count} | {point.mean_probability:.3f} "
                    f"| {point.positive_rate:.3f} |"
                    for point in result.curve
                ),
                "",
            ]
    return lines


def _data_lines(evaluation: Evaluation) -> list[str]:
    has_unlabelled = any(count.unlabelled for count in evaluation.sources)
    lines = [
        "No picture is part of this folder." if has_unlabelled else
        "Labelled pictures; no picture is part of this folder.",
        "",
        f"| Source | Licence | Trained | Held out | Tested | With the finding |{' Unlabelled |' * has_unlabelled}",
        f"|---|---|---|---|---|---|{'---|' * has_unlabelled}",
        *(
            f"| {count.source} | {count.licence or 'unknown'} | {count.trained} | {count.held_out} | {count.tested} "
            f"| {count.positives} |" + f" {count.unlabelled} |" * has_unlabelled
            for count in evaluation.sources
        ),
    ]
    return lines if evaluation.gate is None else [*lines, *gate_data_lines(evaluation.gate)]
