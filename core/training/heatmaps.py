"""Do maps show where: the model's own beside other methods, against readers' boxes.

Pointing game (Zhang et al. 2016), part of the evidence inside the boxes, and overlap at the best threshold, on one
raster of the image for all, with intervals by patient. Priors do not look at the picture at all: where the boxes of
all other patients lie, and where lungs lie on average, if the table of boxes holds lungs.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from core.dicom.load_image import load_image
from core.imaging.placement import Placement
from core.reading.network import Network
from core.reading.preprocess import preprocess
from core.reading.read_image import Model, place_grid
from core.refusal import Refusal
from core.training.config import Report
from core.training.config_part import Part
from core.training.evaluation import Figure, figure, rows_of
from core.training.figure_text import figure_text
from core.training.fold_models import ModelOf
from core.training.heatmap_checks import likeness, with_random_weights
from core.training.heatmap_marks import LEVELS, RASTER, Floats, Map, Marks, Mask, box_mask, lung_prior, on_raster
from core.training.heatmap_methods import METHODS
from core.training.labels import LabelRow
from core.training.metrics import Interval, rate_by_patient
from core.training.paired import mcnemar
from core.training.pointing import Box, named
from core.training.resampling import DRAWS, bootstrap

OWN, PRIOR, LUNGS = "the model's map", "prior: others' boxes", "prior: lungs on average"
PLAIN_WIDTH = 180  # of a table that goes to a file or a pipe
Progress = Callable[[int, int], None]  # done, of


class MethodResult(Part):
    """One method on one report's boxed pictures."""

    method: str
    hits: Figure  # pictures whose strongest point lies in a box
    energy: Figure  # mean part of the positive evidence that lies in boxes
    overlap: Figure  # mean intersection over union at `level`
    level: float  # of each map's largest value, the best one for this method
    p: float | None  # McNemar's by patient, hits against the model's map
    milliseconds: float | None  # median for a picture, with the forward pass; None for the prior
    deletion: Figure | None = None  # area under the probability as what the map names is blurred away: small is good
    insertion: Figure | None = None  # ... and put back: large is good
    likeness: float | None = None  # mean rank correlation with the same method's map at random weights: 0 is good
    label_likeness: float | None = None  # ... with its map of a network that learned random labels: 0 is good


class BoxedReport(Part):
    """All methods on the pictures of a report that show the finding and have boxes."""

    report: Report
    pictures: int
    patients: int
    by_chance: float  # mean part of the image that boxes cover: what a random point hits
    left_out: int  # boxed pictures that could not be opened
    methods: tuple[MethodResult, ...]


def compare_maps(
    model_of: ModelOf, folder: Path, rows: Sequence[LabelRow], report: Report, boxes: dict[str, tuple[Box, ...]],
    methods: Sequence[str] = tuple(METHODS), draws: int = DRAWS, progress: Progress = lambda done, of: None,
    checks: bool = False, taught_noise: Model | None = None,
) -> BoxedReport | None:
    """Compare the methods on a report's boxed positives that `model_of` has a model for; None where there is none.

    `boxes` are those of each path; the report's `boxes` say which words count. Pictures go through the same
    preprocessing as a reading's, but not through the gate: what is asked is where, not whether. `checks` adds deletion,
    insertion and the sanity check of `heatmap_checks`, which take many forward passes; `taught_noise`, a model trained
    on random labels, how like its maps are. Raises ValueError where that one is fed otherwise.
    """
    boxed = [row for row in rows_of(report, rows) if row.is_positive and named(boxes.get(row.path, ()), report.boxes)]
    chosen = [(row, model) for row in boxed if (model := model_of(row)) is not None]
    masks = {row.path: box_mask(named(boxes[row.path], report.boxes)) for row, _ in chosen}
    random: dict[str, Network] = {}  # by the weights that they are like
    lungs = lung_prior(boxes)
    marks = {name: Marks() for name in (OWN, *methods, PRIOR, *(() if lungs is None else (LUNGS,)))}
    read: list[LabelRow] = []
    for done, (row, model) in enumerate(chosen, start=1):
        opened = opened_input(model, folder / row.path)
        if opened is not None:
            read.append(row)
            maps = maps_of(model, model.network, *opened, methods)
            for name, found in maps.items():
                marks[name].add(on_raster(found.grid, found.placement), masks[row.path], found.seconds)
            if checks:
                key = model.card.weights_sha256
                if key not in random:
                    random[key] = with_random_weights(model.network)
                for name, found in maps.items():
                    marks[name].check(found, model, opened[0])
                for name, alike in _likenesses(maps, maps_of(model, random[key], *opened, methods)).items():
                    marks[name].likeness.append(alike)
            if taught_noise is not None:
                if taught_noise.card.input != model.card.input:
                    raise ValueError("the model that learned random labels takes another input: train it with the same")
                others = maps_of(taught_noise, taught_noise.network, *opened, methods)
                for name, alike in _likenesses(maps, others).items():
                    marks[name].label_likeness.append(alike)
        progress(done, len(chosen))
    if not read:
        return None
    for row in read:
        marks[PRIOR].add(_prior(row, read, masks), masks[row.path])
        if lungs is not None:
            marks[LUNGS].add(lungs, masks[row.path])
    return BoxedReport(
        report=report,
        pictures=len(read),
        patients=len({row.patient for row in read}),
        by_chance=float(np.mean([masks[row.path].mean() for row in read])),
        left_out=len(chosen) - len(read),
        methods=tuple(_result(name, found, marks[OWN], read, draws) for name, found in marks.items()),
    )


def print_maps(results: Sequence[BoxedReport]) -> None:
    """Print a table for each report."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    for result in results:
        table = Table(title=f"{result.report.title}: {result.pictures} boxed pictures of {result.patients} patients; "
                      f"a random point hits {result.by_chance:.0%}")
        table.add_column("map")
        checked = any(item.deletion is not None for item in result.methods)
        noisy = any(item.label_likeness is not None for item in result.methods)
        more = ("deletion", "insertion", "like random") if checked else ()
        last = ("like random labels",) if noisy else ()
        for heading in ("points into a box", "p", "evidence in boxes", "best overlap (IoU)", "at", "ms", *more, *last):
            table.add_column(heading, justify="right", no_wrap=True)
        for item in result.methods:
            table.add_row(
                item.method, figure_text(item.hits), "" if item.p is None else f"{item.p:.3f}",
                figure_text(item.energy), figure_text(item.overlap), f"{item.level:.2f}",
                "" if item.milliseconds is None else f"{item.milliseconds:.0f}",
                *((figure_text(item.deletion), figure_text(item.insertion), _likeness_text(item.likeness))
                  if checked else ()),
                *((_likeness_text(item.label_likeness),) if noisy else ()),
                style="bold" if item.method == OWN else None,
            )
        console.print(table)
    console.print("95 % intervals by patient; p: McNemar, against the model's map.", highlight=False)


def _likeness_text(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def opened_input(model: Model, path: Path) -> tuple[torch.Tensor, Placement] | None:
    """Return the network's input (1, 1, rows, columns) and its place on the image; None for what cannot be opened."""
    image = load_image(path)
    frame = image if isinstance(image, Refusal) else image.frame()
    if isinstance(frame, Refusal):
        return None
    inputs, placement = preprocess(frame, model.card.input)
    x = torch.from_numpy(inputs).to(next(model.network.parameters()).device, memory_format=torch.channels_last)
    return x, placement


def maps_of(
    model: Model, network: Network, x: torch.Tensor, placement: Placement, methods: Sequence[str]
) -> dict[str, Map]:
    """Return each method's map of one input by a network: the model's, or one like it."""
    started = time.perf_counter()
    with torch.inference_mode():
        maps = network(x)[1].float().cpu().numpy()
    seconds = time.perf_counter() - started
    own = place_grid(placement, maps.shape[3], maps.shape[2], model.card.first_center)
    found = {OWN: Map(maps[0, 0], own, seconds)}
    pixels = replace(placement, grid_size=placement.input_size, first_center=(0.5, 0.5), stride=(1.0, 1.0))
    black = -model.card.input.mean / model.card.input.std
    for name in methods:
        started = time.perf_counter()
        grid = METHODS[name](network, x, 0, black)
        found[name] = Map(grid, pixels, time.perf_counter() - started)
    return found


def _likenesses(maps: dict[str, Map], others: dict[str, Map]) -> dict[str, float]:
    """How like each method's maps by two networks are; without those that are the same all over."""
    alike = {name: likeness(found.on_input(), others[name].on_input()) for name, found in maps.items()}
    return {name: value for name, value in alike.items() if value is not None}


def _prior(row: LabelRow, rows: Sequence[LabelRow], masks: dict[str, Mask]) -> Floats:
    """Return how often each place lies in the boxes of other patients; alike everywhere where there are none."""
    others = [masks[other.path] for other in rows if other.patient != row.patient]
    return np.mean(others, axis=0, dtype=np.float32) if others else np.ones((RASTER, RASTER), np.float32)


def _result(name: str, marks: Marks, own: Marks, rows: Sequence[LabelRow], draws: int) -> MethodResult:
    patients = [row.patient for row in rows]
    grid = np.array(marks.overlaps)
    best = int(grid.mean(0).argmax())
    hits = figure(rate_by_patient(np.array(marks.hits), patients))
    inside, overlap = (figure(_mean(values, patients, draws)) for values in (marks.energy, grid[:, best]))
    assert hits is not None and inside is not None and overlap is not None  # there are pictures
    return MethodResult(
        method=name, hits=hits, energy=inside, overlap=overlap, level=float(LEVELS[best]),
        p=None if marks is own else mcnemar(np.array(own.hits), np.array(marks.hits), patients).p,
        milliseconds=float(np.median(marks.seconds)) * 1000 if marks.seconds else None,
        deletion=figure(_mean(marks.deletion, patients, draws)),
        insertion=figure(_mean(marks.insertion, patients, draws)),
        likeness=float(np.mean(marks.likeness)) if marks.likeness else None,
        label_likeness=float(np.mean(marks.label_likeness)) if marks.label_likeness else None,
    )


def _mean(values: Sequence[float] | NDArray[np.float64], patients: Sequence[str], draws: int) -> Interval | None:
    found = np.asarray(values, np.float64)
    return bootstrap(lambda chosen: float(found[chosen].mean()), patients, draws) if found.size else None
