"""Two models' scores beside each other where neither should know anything: the source, size, brightness, sharpness."""

from collections.abc import Mapping, Sequence

import numpy as np
from rich.table import Table

from core.training.answers import Answers, Scored, answered_by_all
from core.training.config_part import Part
from core.training.evaluation import Figure
from core.training.figure_text import figure_text
from core.training.labels import LabelRow
from core.training.plot_names import SOURCE_LIMIT
from core.training.shortcuts import correlations, source_guesses


class ComparedGuess(Part):
    """How well either score tells a source from all others among pictures of one label; 0.5 is not at all."""

    label: str
    source: str
    pictures: int
    others: int
    first: Figure
    second: Figure


class ComparedCorrelation(Part):
    """Spearman's rank correlation of either score with a fact of the picture, within one source and label."""

    source: str
    label: str
    feature: str
    pictures: int
    first: Figure
    second: Figure


class Shortcuts(Part):
    """What two scores know that they should not, on the pictures that both models read."""

    guesses: tuple[ComparedGuess, ...] = ()
    correlations: tuple[ComparedCorrelation, ...] = ()


def compare_shortcuts(
    first: Answers, second: Answers, rows: Sequence[LabelRow], facts: Mapping[str, Mapping[str, float]]
) -> Shortcuts:
    """Return both models' figures on the rows that both read; `facts` of the pictures by path, as `picture_facts`."""
    shared = answered_by_all(rows, (first, second))
    ours, theirs = Scored.of(shared, first), Scored.of(shared, second)
    guessed = {(item.label, item.source): item.auc for item in source_guesses(theirs)}
    related = {(item.source, item.label, item.feature): item.rho for item in correlations(theirs, facts)}
    return Shortcuts(
        guesses=tuple(
            ComparedGuess(label=item.label, source=item.source, pictures=item.pictures, others=item.others,
                          first=item.auc, second=guessed[item.label, item.source])
            for item in source_guesses(ours) if (item.label, item.source) in guessed
        ),
        correlations=tuple(
            ComparedCorrelation(source=item.source, label=item.label, feature=item.feature, pictures=item.pictures,
                                first=item.rho, second=related[item.source, item.label, item.feature])
            for item in correlations(ours, facts) if (item.source, item.label, item.feature) in related
        ),
    )


def shortcut_tables(found: Shortcuts) -> list[Table]:
    """Return what is printed: each source and each correlation with both models' figures."""
    tables = []
    if found.guesses:
        tables.append(_table(
            "Telling the source from the score, within one label (0.5 is not at all)",
            ("label", "source", "pictures / others"), "AUC",
            [((item.label, item.source, f"{item.pictures} / {item.others}"), item.first, item.second)
             for item in found.guesses],
        ))
    if found.correlations:
        tables.append(_table(
            "Rank correlation of the score with facts of the picture, within one source and label",
            ("source", "label", "fact", "pictures"), "rho",
            [((item.source, item.label, item.feature, str(item.pictures)), item.first, item.second)
             for item in found.correlations],
        ))
    return tables


def shortcut_summary(found: Shortcuts) -> list[str]:
    """Return a line on the sources and one on each fact: what either model's score knows on average and at most."""
    lines = []
    if found.guesses:
        sides = [[item.first.value for item in found.guesses], [item.second.value for item in found.guesses]]
        lines.append("The source from the score: " + _both(sides) + "; above " + f"{SOURCE_LIMIT}: " + ", ".join(
            f"{name} {sum(value > SOURCE_LIMIT for value in side)}" for name, side in zip("AB", sides, strict=True)
        ) + f" of {len(found.guesses)}.")
    for feature in dict.fromkeys(item.feature for item in found.correlations):
        own = [item for item in found.correlations if item.feature == feature]
        sides = [[abs(item.first.value) for item in own], [abs(item.second.value) for item in own]]
        lines.append(f"The score and {feature}, correlation without its sign: {_both(sides)}.")
    return lines


def _both(sides: Sequence[Sequence[float]]) -> str:
    parts = (f"{name} on average {np.mean(side):.3f}, at most {max(side):.3f}"
             for name, side in zip("AB", sides, strict=True))
    return "; ".join(parts)


def _table(
    title: str, headings: Sequence[str], figure: str, lines: Sequence[tuple[tuple[str, ...], Figure, Figure]]
) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading)
    for heading in (f"{figure} of A", f"{figure} of B", "smaller"):
        table.add_column(heading, justify="right", no_wrap=True)
    for cells, first, second in lines:
        ours, theirs = abs(first.value), abs(second.value)
        smaller = "–" if ours == theirs else "A" if ours < theirs else "B"
        table.add_row(*cells, figure_text(first), figure_text(second), smaller)
    return table
