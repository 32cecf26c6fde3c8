"""The parts of a run: who is held out, drawn by patient within source and label; written down, checked for leaks."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.files import write_atomically
from core.training.csv_table import table_lines
from core.training.labels import LabelRow

TRAINED, HELD_OUT, UNLABELLED = "trained", "held-out", "unlabelled"


def hold_out(rows: Sequence[LabelRow], part: float, seed: int) -> dict[str, str]:
    """Return path -> "trained" or "held-out": about `part` of the patients of each source and label.

    All pictures of a patient go the same way, also where a patient occurs in two sources. A patient's place depends
    on the seed and the patient's name only, so that rows added later do not move the others between the parts by
    more than the rounding of their stratum.
    """
    pictures: dict[str, list[LabelRow]] = defaultdict(list)
    for row in rows:
        pictures[row.patient].append(row)
    strata: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for patient, own in pictures.items():
        strata[min(row.source for row in own), any(row.is_positive for row in own)].append(patient)
    held: set[str] = set()
    for patients in strata.values():
        patients.sort(key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
        held.update(patients[: round(part * len(patients))])
    return {row.path: HELD_OUT if row.patient in held else TRAINED for row in rows}


def check_for_leaks(parts: Mapping[str, Iterable[LabelRow]]) -> None:
    """Raise ValueError where a patient, a path or the same file (SHA-1) is in two parts."""
    homes: dict[tuple[str, str], str] = {}
    for name, rows in parts.items():
        for row in rows:
            for kind, value in (("patient", row.patient), ("path", row.path), ("file", row.sha1)):
                home = homes.setdefault((kind, value), name) if value else name
                if home != name:
                    raise ValueError(f"the {kind} {value} is in {home} and in {name}")


def write_split(path: Path, rows: Sequence[LabelRow], parts: Mapping[str, str], teaching: Mapping[str, str]) -> None:
    """Write path, patient, source, label and part of each row as CSV, by path: a run learns from them in this order.

    `teaching` is `teaching_of` these rows.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "patient", "source", "label", "part", "teaching"))
    writer.writerows((row.path, row.patient, row.source, row.word, parts[row.path], teaching[row.path])
                     for row in sorted(rows, key=lambda row: row.path))
    write_atomically(path, text.getvalue())


def read_split(path: Path) -> dict[str, str]:
    """Read what `write_split` wrote: path -> part. Raises OSError, and ValueError for a damaged table."""
    return {record["path"]: record["part"] for _, record in table_lines(path, ("path", "part"))}


def read_told(path: Path) -> dict[str, tuple[str, str, str]]:
    """Read what `write_split` kept of what the table said: path -> source, label and teaching, "" of earlier versions.

    Raises as `read_split`.
    """
    return {record["path"]: (record["source"], record["label"], record.get("teaching", ""))
            for _, record in table_lines(path, ("path", "source", "label"))}
