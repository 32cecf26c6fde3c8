"""A network in 8-bit integers for ONNX Runtime, with what that costs: AUC before and after, and the time of a picture.

Static quantization (Jacob et al. 2018): weights and activations as int8, ranges from labelled training pictures. What
it loses is measured on pictures that were not trained on, before anything is written, and stands beside the file.
"""

import io
import logging
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from core.files import sha256_of, write_atomically
from core.reading.model_card import CARD_NAME
from core.reading.preprocess import normalize
from core.reading.read_image import Model
from core.training.config import Report
from core.training.dataset import cached_inputs
from core.training.evaluation import rows_of
from core.training.export import INPUT_NAME, Floats, Runner, load_onnx, onnx_of
from core.training.labels import TEST_SPLIT, LabelRow
from core.training.metrics import auc

QUANTISED_NAME, FIGURES_NAME = "model.int8.onnx", "quantised.json"
CALIBRATING = 128  # pictures from which the ranges of activations are taken
RUNS = 31  # of each network, in turns, for the time of a picture


class Loss(BaseModel):
    """AUC of the logits of one report's pictures, in floating point and in integers."""

    model_config = ConfigDict(frozen=True)
    report: str
    positives: int
    negatives: int
    before: float
    after: float

    @property
    def loss(self) -> float:
        """What is lost; below zero where integers happen to do better."""
        return self.before - self.after


class Quantised(BaseModel):
    """The content of quantised.json: what was measured before the file was written."""

    model_config = ConfigDict(frozen=True)
    name: str
    version: str
    weights_sha256: str
    quantised_sha256: str
    calibrated_on: int
    losses: tuple[Loss, ...]
    largest_logit_difference: float
    milliseconds_before: float  # our network, as a reading runs it
    milliseconds_onnx: float  # the same in floating point, run by ONNX Runtime
    milliseconds_after: float
    threads: int

    @property
    def worst(self) -> Loss:
        """The report that loses most."""
        return max(self.losses, key=lambda item: item.loss)


def quantise(
    model: Model, table_folder: Path, rows: Sequence[LabelRow], reports: Sequence[Report], folder: Path,
    most_loss: float, cache: Path,
) -> Quantised:
    """Quantise a model (on the CPU) and write it into `folder` if no report loses more AUC than `most_loss`.

    `rows` must hold pictures of another split than the test's, for the ranges, of patients for whom no report asks,
    and of each report's both classes; that the reports' were not trained on is a matter of `evaluation.check_unseen`.
    Inputs are kept in the folder `cache`. Raises ValueError where there is nothing to take the ranges from, or the loss
    cannot be measured or is larger, ModuleNotFoundError where ONNX's packages are missing, and OSError.
    """
    labels = [finding.label for finding in model.card.findings]
    asked = [(report, rows_of(report, rows)) for report in reports if report.finding in ("", *labels)]
    asked = [(report, part) for report, part in asked if len({row.is_positive for row in part}) == 2]
    outside = [row for row in rows if row.is_known and row.split != TEST_SPLIT]
    measured_on = {row.patient for _, part in asked for row in part}
    ranging = spread([row for row in outside if row.patient not in measured_on], CALIBRATING)
    if not asked:
        raise ValueError("no report finds labelled pictures of both classes: the loss of AUC cannot be measured")
    if not outside:
        raise ValueError("no labelled picture outside the test split: there is nothing to take the ranges from")
    if not ranging:
        raise ValueError("the loss is measured on the patients of all labelled pictures outside the test split: there "
                         "is nothing left to take the ranges from")
    unseen = list(dict.fromkeys(row.path for _, part in asked for row in part))
    inputs = cached_inputs(table_folder, [*unseen, *(row.path for row in ranging)], model.card.input, cache)
    whole = onnx_of(model)
    ranged = [row.path for row in ranging if row.path not in inputs.refused]
    content = in_integers(whole, normalize(inputs.gray[inputs.rows_of(ranged)], model.card.input)[:, None])
    paths = [path for path in unseen if path not in inputs.refused]
    gray = inputs.gray[inputs.rows_of(paths)]
    small = load_onnx(content)
    before, after = (_logits(run, gray, model) for run in (model.predict, small))
    times = milliseconds([model.predict, load_onnx(whole, torch.get_num_threads()),
                          load_onnx(content, torch.get_num_threads())],
                         normalize(gray[:1], model.card.input)[:, None])
    place = {path: index for index, path in enumerate(paths)}
    done = Quantised(
        name=model.card.name, version=model.card.version, weights_sha256=model.card.weights_sha256,
        quantised_sha256=sha256_of(content), calibrated_on=len(ranged),
        losses=tuple(
            measured(report, part, place, *(logits[:, labels.index(report.finding or labels[0])]
                                            for logits in (before, after)))
            for report, part in asked
        ),
        largest_logit_difference=float(np.abs(before - after).max()),
        milliseconds_before=times[0], milliseconds_onnx=times[1], milliseconds_after=times[2],
        threads=torch.get_num_threads(),
    )
    if not done.worst.loss <= most_loss:
        raise ValueError(f"{done.worst.report}: the AUC falls from {done.worst.before:.4f} to {done.worst.after:.4f}, "
                         f"more than {most_loss:g}: nothing was written")
    write_atomically(folder / QUANTISED_NAME, content)
    write_atomically(folder / CARD_NAME, model.card.model_dump_json(indent=2) + "\n")
    write_atomically(folder / FIGURES_NAME, done.model_dump_json(indent=2) + "\n")
    return done


def spread(rows: Sequence[LabelRow], count: int) -> list[LabelRow]:
    """Return up to `count` rows, taken in turn from each source and label, in the table's order."""
    kinds: dict[tuple[str, str], list[LabelRow]] = defaultdict(list)
    for row in rows:
        kinds[row.source, row.word].append(row)
    chosen: list[LabelRow] = []
    for turn in range(max(map(len, kinds.values()), default=0)):
        chosen += [own[turn] for own in kinds.values() if turn < len(own)]
    return chosen[:count]


def milliseconds(runs: Sequence[Runner], inputs: Floats) -> list[float]:
    """Return the median time of one call of each, taken in turns, so that a busy machine slows all alike."""
    found: list[list[float]] = [[] for _ in runs]
    for turn in range(RUNS + 1):
        for run, times in zip(runs, found, strict=True):
            started = time.perf_counter()
            run(inputs)
            if turn:  # the first warms up
                times.append((time.perf_counter() - started) * 1000)
    return [statistics.median(times) for times in found]


def _logits(run: Runner, gray: NDArray[np.uint8], model: Model) -> Floats:
    """Return the logits, (N, findings)."""
    parts = [run(normalize(gray[start : start + 32], model.card.input)[:, None])[0]
             for start in range(0, len(gray), 32)]
    return np.concatenate(parts)


def measured(
    report: Report, rows: Sequence[LabelRow], place: Mapping[str, int], before: Floats, after: Floats
) -> Loss:
    """Return what a report's rows lose: `before` and `after` are its finding's logits (N,), `place` where a path is.

    Raises ValueError where the rows that could be opened are of one class only.
    """
    read = [row for row in rows if row.path in place]
    positive = np.array([row.is_positive for row in read], dtype=bool)
    index = np.array([place[row.path] for row in read], dtype=np.intp)
    figures = (auc(positive, before[index]), auc(positive, after[index]))
    if figures[0] is None or figures[1] is None:
        raise ValueError(f"{report.title}: too few pictures open, the loss of AUC cannot be measured")
    return Loss(report=report.title, positives=int(positive.sum()), negatives=int((~positive).sum()),
                before=figures[0], after=figures[1])


def in_integers(content: bytes, inputs: Floats) -> bytes:
    """Return an ONNX file in integers, with ranges from these inputs (N, 1, rows, columns)."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, quantize_static

    class Pictures(CalibrationDataReader):  # type: ignore[misc]
        """One picture after the other."""

        def __init__(self) -> None:
            self._rest: Iterator[Floats] = iter(inputs)

        def get_next(self) -> dict[str, Floats] | None:
            """Return the next picture, None at the end."""
            picture = next(self._rest, None)
            return None if picture is None else {INPUT_NAME: picture[None]}

    with tempfile.TemporaryDirectory() as place, _without_advice():
        target = Path(place) / QUANTISED_NAME
        quantize_static(
            onnx.load(io.BytesIO(content)), target, Pictures(), per_channel=True, activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
        )
        return target.read_bytes()


@contextmanager
def _without_advice() -> Iterator[None]:
    """Keep back ONNX Runtime's advice to infer shapes and fold batch normalization first: the file comes so."""
    root = logging.getLogger()

    def is_other(record: logging.LogRecord) -> bool:
        return "pre-processing before quantization" not in record.getMessage()

    root.addFilter(is_other)
    try:
        yield
    finally:
        root.removeFilter(is_other)
