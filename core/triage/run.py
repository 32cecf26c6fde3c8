"""Many files, one after the other: each ends in exactly one row."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.dicom.load_image import load_image
from core.findings.finding import Reading
from core.reading.read_image import Model, Overtaken, never, read_image
from core.refusal import Refusal
from core.triage.rows import TriageRow, failed_row, row_of


def read_rows(
    paths: Iterable[Path], model: Model, overtaken: Overtaken = never
) -> Iterator[tuple[TriageRow, Reading | None]]:
    """Open and read files one by one; yield each file's row, and its reading where it could be opened.

    `overtaken` is asked between files and steps; a yes ends the work after the last whole row.
    """
    for path in paths:
        image = load_image(path)
        if isinstance(image, Refusal):
            yield failed_row(path, image), None
            continue
        reading = read_image(image, model, overtaken=overtaken)
        if reading is None:
            return
        yield row_of(reading, image.header), reading
