"""Do maps show where: evidence in six lung zones against radiologists' scores of them (Brixia).

A map's evidence in a zone is its positive part, averaged with the zone's weights. Two questions are asked of it: within
a picture, whether it orders the six zones as the radiologists do; and across pictures, whether a zone has more of it
where they gave it more. Methods that stretch each map to its own largest value cannot answer the second.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import spearmanr

from core.findings.extent import ZONES
from core.reading.extent import make_extent, zone_weights
from core.reading.model_card import Zones
from core.reading.read_image import Model
from core.training.config_part import Part
from core.training.evaluation import Figure, figure
from core.training.figure_text import figure_text
from core.training.fold_models import ModelOf
from core.training.heatmap_marks import RASTER, Floats, lung_prior, on_raster
from core.training.heatmap_methods import METHODS
from core.training.heatmaps import LUNGS, OWN, PLAIN_WIDTH, BoxedReport, maps_of, opened_input
from core.training.pointing import Box
from core.training.resampling import DRAWS, Chosen, bootstrap
from core.training.zones import ZoneScores

PRIOR = "prior: others' scores"
SCORES = "the model's six scores"  # no map: what the model says of the zones itself, learned from scored pictures
Values = NDArray[np.float64]  # (pictures, zones)
Progress = Callable[[int, int], None]  # done, of


class ZoneResult(Part):
    """One method's rank correlations with the radiologists' mean scores."""

    method: str
    within: Figure | None  # mean over pictures whose zones are not all scored alike
    across: Figure | None  # mean over zones; None where a zone's evidence is always the same, or knows no picture


class ZonedReport(Part):
    """All methods on the scored pictures."""

    pictures: int
    patients: int
    left_out: int  # scored pictures that could not be opened
    methods: tuple[ZoneResult, ...]
    raters: ZoneResult  # the radiologists with each other, the mean over pairs


def compare_zones(
    model_of: ModelOf, folder: Path, scored: ZoneScores, boxes: Mapping[str, Sequence[Box]],
    methods: Sequence[str] = tuple(METHODS), draws: int = DRAWS, progress: Progress = lambda done, of: None,
) -> ZonedReport | None:
    """Compare the methods on the scored pictures that `model_of` has a model for; None where there is none.

    Lung `boxes` of the table make the prior that knows no picture. Beside the maps stand the model's own scores of the
    zones, where every model has them.
    """
    weights = zone_weights(Zones(), RASTER, RASTER).reshape(len(ZONES), -1)
    evidence: dict[str, list[Values]] = {name: [] for name in (OWN, *methods)}
    asked = [(row, model) for row in scored.rows if (model := model_of(row)) is not None]
    own_scores: list[Values] = []
    read = set()
    for done, (row, model) in enumerate(asked, start=1):
        opened = opened_input(model, folder / row.path)
        if opened is not None:
            read.add(row.path)
            for name, found in maps_of(model, model.network, *opened, methods).items():
                evidence[name].append(_in_zones(on_raster(found.grid, found.placement), weights))
            own_scores += _scores(model, opened[0])
        progress(done, len(asked))
    if not read:
        return None
    scored = scored.where(np.array([row.path in read for row in scored.rows]))
    found_of = {name: np.array(values) for name, values in evidence.items()}
    if len(own_scores) == len(scored.rows):
        found_of[SCORES] = np.array(own_scores)
    found_of[PRIOR] = np.array([_others(scored, index) for index in range(len(scored.rows))])
    lungs = lung_prior(boxes)
    if lungs is not None:
        found_of[LUNGS] = np.tile(_in_zones(lungs, weights), (len(scored.rows), 1))
    return ZonedReport(
        pictures=len(scored.rows), patients=len(set(scored.patients)), left_out=len(asked) - len(read),
        methods=tuple(_result(name, [(found, scored.mean)], scored.patients, draws, knows_picture=name != PRIOR)
                      for name, found in found_of.items()),
        raters=_result("radiologists with each other", [
            (scored.scores[:, one], scored.scores[:, other])
            for one in range(scored.scores.shape[1]) for other in range(one)
        ], scored.patients, draws),
    )


def print_zones(result: ZonedReport) -> None:
    """Print the table."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    table = Table(title=f"Six lung zones: {result.pictures} scored pictures of {result.patients} patients")
    table.add_column("map")
    for heading in ("ρ of zones within a picture", "ρ of a zone across pictures"):
        table.add_column(heading, justify="right", no_wrap=True)
    for item in (*result.methods, result.raters):
        table.add_row(item.method, figure_text(item.within), figure_text(item.across),
                      style="bold" if item.method == OWN else None)
    console.print(table)


def to_json(results: Sequence[BoxedReport], zoned: ZonedReport | None) -> str:
    """Return the results against boxes and against zones as JSON."""
    found = {
        "schema_version": 1,
        "reports": [result.model_dump(mode="json") for result in results],
        "zones": None if zoned is None else zoned.model_dump(mode="json"),
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _in_zones(raster: Floats, weights: NDArray[np.float32]) -> Values:
    return np.asarray(weights @ np.maximum(raster, 0).ravel(), np.float64)


def _scores(model: Model, x: torch.Tensor) -> list[Values]:
    """The zones' scores of an input (1, 1, rows, columns), as they are shown; none where the model has no extent."""
    if model.extent is None or model.card.extent is None:
        return []
    seen = model.look(x.cpu().numpy())
    return [np.array(make_extent(model.extent, model.card.extent, seen.cells[0], seen.middle[0]).scores)]


def _others(scored: ZoneScores, index: int) -> Values:
    """The mean scores of the pictures of other patients; zeros where there are none."""
    others = [number for number, name in enumerate(scored.patients) if name != scored.patients[index]]
    return np.asarray(scored.mean[others].mean(0) if others else np.zeros(len(ZONES)))


def _result(
    name: str, pairs: Sequence[tuple[Values, Values]], patients: Sequence[str], draws: int, knows_picture: bool = True
) -> ZoneResult:
    """Return both correlations; across pictures none of what knows no picture.

    The mean of all other pictures is the lower the higher the picture's own scores are, by how it is made.
    """
    within = np.array([[_rho(one, other) for one, other in zip(*pair, strict=True)] for pair in pairs]).mean(0) \
        if pairs else np.full(len(patients), np.nan)

    def mean_within(chosen: Chosen) -> float | None:
        found = within[chosen]
        return float(found[~np.isnan(found)].mean()) if (~np.isnan(found)).any() else None

    def mean_across(chosen: Chosen) -> float | None:
        found = [_rho(one[chosen, zone], other[chosen, zone]) for one, other in pairs for zone in range(len(ZONES))]
        return None if not found or np.isnan(found).any() else float(np.mean(found))

    return ZoneResult(method=name, within=figure(bootstrap(mean_within, patients, draws)),
                      across=figure(bootstrap(mean_across, patients, draws)) if knows_picture else None)


def _rho(one: Values, other: Values) -> float:
    """Spearman's rank correlation; not a number where either does not vary."""
    if np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return float("nan")
    return float(spearmanr(one, other).statistic)
