"""An evaluation as one HTML page that needs nothing else: no network, no script, no picture of a patient."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from core.training.calibration_text import COVERAGE, RELIABILITY, coverage_rows, reliability_rows
from core.training.card_text import remark
from core.training.evaluation import Evaluation, Subgroup
from core.training.extent_text import EXTENT_HEADINGS, extent_note, extent_parts, extent_rows
from core.training.figure_text import figure_text, threshold_text
from core.training.gate_text import HEADINGS, gate_rows, unseen_rows
from core.training.plot_names import SHORTCUTS, SOURCE_LIMIT, failures_plot, parts_plot, report_plot
from core.training.shortcut_text import GUESS_HEADINGS, guess_rows

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { border-bottom: 1px solid #8888; padding: .25rem .6rem; text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
.weak { font-weight: 600; color: #b04a00; }
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
REPORT_HEADINGS = (
    "Pictures", "with / without", "AUC", "Average precision", "Sensitivity", "Specificity", "Accuracy", "Brier",
    "Calibration error", "In the band",
)


def page(evaluation: Evaluation, plots: Mapping[str, bytes]) -> str:
    """Return the page's text; `plots` are those of `draw_all`, drawn into it."""
    identity = f"{evaluation.name} {evaluation.version}".strip()
    parts = [
        f"<h1>{escape(identity)}: {escape(evaluation.finding)}</h1>",
        f"<p>For research, not for diagnosis. Weights {escape(evaluation.weights_sha256[:8] or 'of several models')}; "
        f"{threshold_text(evaluation)}. 95 % intervals: AUC DeLong, by patient (Obuchowski); rates Wilson with the "
        "design effect of patients; rank correlations Fisher's, by picture; the others by drawing patients with "
        "replacement.</p>",
        _reports(evaluation),
    ]
    parts += [f"<p><b>{escape(result.report.title)}</b>: {escape(text)}</p>"
              for result in evaluation.results if (text := remark(result))]
    for caption, results in (("", evaluation.results), (", of training pictures out of fold", evaluation.crossfitted)):
        if results:
            parts.append(_table(f"Calibration{caption}", RELIABILITY, reliability_rows(results)))
            parts.append(_table(f"Coverage by source{caption}", COVERAGE, coverage_rows(results)))
    for result in evaluation.results:
        names = (report_plot, failures_plot, parts_plot)
        shown = [key for name in names if (key := name(result.report.name)) in plots]
        if shown:
            parts.append(f"<h2>{escape(result.report.title)}</h2>")
            parts += [_image(plots[key], f"{result.report.title}: {key}") for key in shown]
        if result.subgroups:
            parts.append(_subgroups(result.subgroups))
    if (extent := evaluation.extent) is not None:
        parts += [f"<h2>{escape(extent.config.label)}</h2>", f"<p>{escape(extent_note(extent))}</p>"]
        parts += [_table(caption, EXTENT_HEADINGS, extent_rows(part)) for caption, part in extent_parts(evaluation)]
    if SHORTCUTS in plots:
        parts += ["<h2>What the score should not know</h2>", _image(plots[SHORTCUTS], "shortcuts")]
    parts += [_guesses(evaluation), _correlations(evaluation), *_gate(evaluation)]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escape(identity)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _reports(evaluation: Evaluation) -> str:
    rows = []
    for result in sorted(evaluation.results, key=lambda result: not result.report.headline):
        figures = (result.auc, result.average_precision, result.sensitivity, result.specificity, result.accuracy,
                   result.brier, result.calibration_error)
        rows.append((
            result.report.title, f"{result.positives} / {result.negatives}", *map(figure_text, figures),
            "–" if result.uncertain is None else f"{result.uncertain:.0%}",
        ))
    return _table("All reports", REPORT_HEADINGS, rows)


def _subgroups(parts: Sequence[Subgroup]) -> str:
    headings = ("Part", "with / without", "AUC", "Sensitivity", "Specificity", "Calibration error")
    return _table("Parts", headings, ([
        f"{part.by}: {part.group}", f"{part.positives} / {part.negatives}", figure_text(part.auc),
        figure_text(part.sensitivity), figure_text(part.specificity),
        "–" if part.calibration_error is None else f"{part.calibration_error:.3f}",
    ] for part in parts))


def _guesses(evaluation: Evaluation) -> str:
    if not evaluation.source_guesses:
        return ""
    return _table(
        "Telling the source from the score, within one label (0.5 is not at all)",
        GUESS_HEADINGS,
        guess_rows(evaluation.source_guesses),
        marked=[guess.auc.value > SOURCE_LIMIT for guess in evaluation.source_guesses],
    )


def _correlations(evaluation: Evaluation) -> str:
    if not evaluation.correlations:
        return ""
    return _table(
        "Rank correlation of the score with facts of the picture, within one source and label",
        ("Source", "Label", "Fact", "Pictures", "Spearman's rho"),
        ((item.source, item.label, item.feature, str(item.pictures), figure_text(item.rho))
         for item in evaluation.correlations),
    )


def _gate(evaluation: Evaluation) -> list[str]:
    if evaluation.gate is None:
        return []
    whose = "patient" if evaluation.gate.is_of_one_source else "source"
    tables = (("Input gate", gate_rows(evaluation.gate.tested, figure_text)),
              (f"Input gate, {whose} or kind never seen", unseen_rows(evaluation.gate, figure_text)))
    return [_table(caption, HEADINGS, rows) for caption, rows in tables if rows]


def _table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]], marked: Sequence[bool] = ()
) -> str:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    lines = []
    for index, row in enumerate(rows):
        weak = ' class="weak"' if index < len(marked) and marked[index] else ""
        lines.append(f"<tr{weak}>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>")
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>\n" + "\n".join(lines) + "\n</table>"


def _image(content: bytes, alternative: str) -> str:
    encoded = base64.b64encode(content).decode("ascii")
    return f'<p><img alt="{escape(alternative)}" src="data:image/png;base64,{encoded}"></p>'
