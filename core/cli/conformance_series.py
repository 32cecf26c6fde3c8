"""The order of whole series against the reference orders of a folder: `series/NAME` beside `series/NAME.order.tsv`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cli.conformance_tables import ORDER, read_table

Place = tuple[str, int]  # a file's path in its series' folder, and a frame of it; 1 is the first


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """One series with a reference order. `why` is empty where ours agrees; `parts` says how it was split."""

    name: str
    files: int
    frames: int
    parts: tuple[str, ...]
    why: str

    @property
    def agrees(self) -> bool:
        """Whether every frame is there and each part of the series is in the reference's order."""
        return not self.why


def check_series(folder: Path) -> list[SeriesResult]:
    """Open every series with a reference order below `folder` and compare the orders.

    Raises OSError, and ValueError for a table that is none.
    """
    return [_check(table) for table in sorted(Path(folder, "series").glob("*.order.tsv"))]


def _check(table: Path) -> SeriesResult:
    from core.dicom.load_image import load_image
    from core.refusal import Refusal
    from core.studies.scan import find_files
    from core.studies.study import add_images

    name = table.name.removesuffix(".order.tsv")
    folder = table.with_name(name)
    reference = [(row["file"], int(row["frame"])) for row in read_table(table, ORDER)]
    outcomes = [load_image(path) for path in find_files([folder])]
    patients = add_images((), [one for one in outcomes if not isinstance(one, Refusal)])
    stacks = [stack for patient in patients for study in patient.studies for series in study.series
              for stack in series.stacks]
    ours = [[(frame.image.path.relative_to(folder).as_posix(), frame.index + 1) for frame in stack.frames]
            for stack in stacks]
    parts = tuple(f"{stack.label or 'whole'}: {len(stack.frames)}" for stack in stacks)
    return SeriesResult(name, len(outcomes), len(reference), parts, difference(ours, reference))


def difference(ours: Sequence[Sequence[Place]], reference: Sequence[Place]) -> str:
    """Return how the stacks of a series differ from its reference order; "" where each is in that order.

    A series that was split has no order between its parts, so each part is compared with its own frames' order.
    """
    missing = set(reference) - {place for stack in ours for place in stack}
    if missing or sum(map(len, ours)) != len(reference):
        return f"{len(missing)} of {len(reference)} frames are missing" if missing else "frames appear twice"
    rank = {place: number for number, place in enumerate(reference)}
    for stack in ours:
        ranks = [rank[place] for place in stack]
        if ranks != sorted(ranks):
            first = next(i for i, (one, right) in enumerate(zip(ranks, sorted(ranks), strict=True)) if one != right)
            return f"at {first + 1} stands {stack[first][0]} frame {stack[first][1]}"
    return ""


def series_report(results: Sequence[SeriesResult]) -> Iterator[str]:
    """Yield the lines of the printed result."""
    for one in results:
        found = one.why or "in the reference's order"
        yield f"series {one.name}: {one.files} files, {one.frames} frames ({', '.join(one.parts)}): {found}"
    if results:
        yield f"{sum(one.agrees for one in results)} of {len(results)} series are in the reference's order"
