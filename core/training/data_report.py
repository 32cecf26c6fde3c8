"""A checked collection as tables for a terminal, files in a folder and a contact sheet."""

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from core.files import write_atomically
from core.training.config_part import Part
from core.training.data_check import DataCheck, class_of
from core.training.labels import TEST_SPLIT, LabelRow
from core.training.picture_facts import FEATURES, THUMBNAIL, PictureFacts

CHECK_NAME, FACTS_NAME, COPIES_NAME, LEAKS_NAME = "check.json", "facts.csv", "copies.csv", "patient-leaks.csv"
SHEET_NAME = "contact-sheet.png"
PLAIN_WIDTH = 150  # of a table that goes to a file or a pipe
PER_ROW = 16  # pictures of a source and class on the contact sheet
TEXT_WIDTH = 330  # pixels, left of them
STRONG = 0.75  # AUC from which a fact is called a shortcut
SHOWN = 3  # strongest facts of a source in the table


def print_check(check: DataCheck) -> None:
    """Print counts, leaks, sizes and shortcuts."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(
        f"{check.pictures} pictures of {check.patients} patients; {check.without_patient} pictures name no patient; "
        f"{len(check.unreadable)} cannot be opened.", highlight=False,
    )
    console.print(_counts(check))
    console.print(_sizes(check))
    for line in leak_lines(check):
        console.print(line, highlight=False)
    console.print(_features(check))
    console.print(_guesses(check))


def leak_lines(check: DataCheck) -> list[str]:
    """Return what was found of copies and of patients in several splits, in sentences."""
    across = [copy for copy in check.copies if copy.across_splits]
    contrary = [copy for copy in check.copies if copy.across_labels]
    apart = [copy for copy in check.copies if copy.across_patients]
    tested = sum(TEST_SPLIT in leak.splits for leak in check.patient_leaks)
    lines = [
        f"Copies: {len(check.copies)} pairs; {len(across)} between splits, {len(contrary)} with different labels, "
        f"{len(apart)} under different patients.",
        f"Patients in more than one split: {len(check.patient_leaks)}; {tested} with pictures in the test split.",
    ]
    lines += [f"  {copy.first} = {copy.second} ({copy.how}, {copy.coarse:.3f}, fine {copy.fine:.2f})"
              for copy in across[:10]]
    lines += [f"  patient {leak.patient}: {', '.join(leak.splits)}" for leak in check.patient_leaks[:10]]
    return lines


def write_check(folder: Path, check: DataCheck, facts: PictureFacts, rows: Sequence[LabelRow]) -> None:
    """Write check.json, the facts of each picture, copies, leaks and the contact sheet. Raises OSError.

    The contact sheet shows pictures of patients: it stays where the collection may be.
    """
    write_atomically(folder / CHECK_NAME, json.dumps(check.model_dump(), indent=2, ensure_ascii=False) + "\n")
    lines = ([path, *(f"{value:.6g}" for value in line)] for path, line in zip(facts.paths, facts.values, strict=True))
    write_atomically(folder / FACTS_NAME, _csv(("path", *FEATURES), lines))
    write_atomically(folder / COPIES_NAME, _parts(check.copies))
    write_atomically(folder / LEAKS_NAME, _parts(check.patient_leaks))
    ok, content = cv2.imencode(".png", contact_sheet(facts, rows))
    assert ok
    write_atomically(folder / SHEET_NAME, content.tobytes())


def contact_sheet(facts: PictureFacts, rows: Sequence[LabelRow], seed: int = 0) -> NDArray[np.uint8]:
    """Return (rows, columns) uint8: a line for each source and class with some of its pictures, drawn by the seed."""
    position = {path: index for index, path in enumerate(facts.paths)}
    kinds: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.path in position:
            kinds.setdefault((row.source, class_of(row)), []).append(position[row.path])
    side, gap = THUMBNAIL, 4
    sheet = np.full((gap + max(1, len(kinds)) * (side + gap), TEXT_WIDTH + PER_ROW * (side + gap)), 32, np.uint8)
    generator = np.random.default_rng(seed)
    for line, ((source, label), members) in enumerate(sorted(kinds.items())):
        top = gap + line * (side + gap)
        for offset, text in ((26, source), (48, f"{label or 'no label'}: {len(members)}")):
            cv2.putText(sheet, text[:36], (8, top + offset), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
        for column, index in enumerate(generator.permutation(members)[:PER_ROW]):
            left = TEXT_WIDTH + column * (side + gap)
            sheet[top : top + side, left : left + side] = facts.thumbnails[index]
    return sheet


def _counts(check: DataCheck) -> Table:
    table = Table(title="pictures (patients) of each class")
    labels = sorted({count.label for count in check.counts})
    for heading in ("source", "split", *(label or "no label" for label in labels)):
        table.add_column(heading, justify="left" if heading in ("source", "split") else "right")
    found = {(count.source, count.split, count.label): count for count in check.counts}
    for source, split in dict.fromkeys((count.source, count.split) for count in check.counts):
        cells = (found.get((source, split, label)) for label in labels)
        table.add_row(source, split, *("" if cell is None else f"{cell.pictures} ({cell.patients})" for cell in cells))
    return table


def _sizes(check: DataCheck) -> Table:
    table = Table(title="sizes of the files in pixels")
    for heading in ("source", "most common", "part", "smallest side", "largest side"):
        table.add_column(heading, justify="left" if heading == "source" else "right")
    for item in check.resolutions:
        table.add_row(item.source, item.most_common, f"{item.part:.0%}", str(item.smallest), str(item.largest))
    return table


def _features(check: DataCheck) -> Table:
    table = Table(title="classes told by one fact without anatomy (AUC, strongest first)")
    for heading in ("source", "class", "pictures / others", "facts"):
        table.add_column(heading, justify="right" if "/" in heading else "left")
    kinds = dict.fromkeys((item.source, item.label) for item in check.features)
    for source, label in kinds:
        items = [item for item in check.features if (item.source, item.label) == (source, label)]
        strong = items[:SHOWN]
        facts = ", ".join(f"{item.feature} {'↑' if item.larger else '↓'} {item.auc:.2f}" for item in strong)
        table.add_row(source or "all together", label, f"{items[0].pictures} / {items[0].others}", facts,
                      style="bold" if strong[0].auc >= STRONG else None)
    return table


def _guesses(check: DataCheck) -> Table:
    table = Table(title="guessed by a random forest, cross-validated by patient")
    for heading in ("guess", "among", "from", "classes", "pictures", "accuracy", "chance", "AUC"):
        table.add_column(heading, justify="left" if heading in ("guess", "among", "from") else "right")
    for guess in check.guesses:
        table.add_row(guess.what, guess.among, guess.by, str(guess.classes), str(guess.pictures),
                      f"{guess.accuracy:.2f}", f"{guess.chance:.2f}", f"{guess.auc:.2f}",
                      style="bold" if guess.auc >= STRONG else None)
    return table


def _parts(parts: Sequence[Part]) -> str:
    if not parts:
        return ""
    names = tuple(type(parts[0]).model_fields)
    return _csv(names, ([_cell(getattr(part, name)) for name in names] for part in parts))


def _cell(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _csv(heading: Sequence[str], lines: Iterator[list[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(lines)
    return text.getvalue()
