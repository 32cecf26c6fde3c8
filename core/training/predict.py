"""Logits and maps of many prepared inputs, in batches, and the one form in which predictions are written down.

A table of predictions is a CSV file with one line for each picture and finding. Whatever reads one (evaluation,
comparison) takes what it knows of the picture, its label among others, from the label table, by path.
"""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.files import write_atomically
from core.reading import calibrate
from core.reading.model_card import FindingSpec, InputSpec
from core.reading.network import Network
from core.reading.preprocess import normalize
from core.training.csv_table import table_lines
from core.training.labels import LabelRow

Float = NDArray[np.float32]
PREDICTIONS_NAME = "predictions.csv"
PREDICTION_COLUMNS = ("path", "finding", "fold", "logit", "probability", "threshold", "uncertain")
PREVALENCE_COLUMN = "prevalence"  # tables of earlier versions have none


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one model says of one picture about one finding.

    `fold` names the model where several answer (the fold that never saw the picture), else it is empty; `probability`
    is calibrated, 0-1, and `threshold` is that model's operating point on the same scale. `is_uncertain` is whether
    the probability lies in that model's uncertain band; `prevalence` is the part of pictures with the finding where the
    probability is right.
    """

    path: str
    finding: str
    fold: str
    logit: float
    probability: float
    threshold: float
    is_uncertain: bool = False
    prevalence: float = 0.5

    @property
    def is_above(self) -> bool:
        """Whether the model calls the picture positive."""
        return self.probability >= self.threshold

    @property
    def log_likelihood_ratio(self) -> float:
        """The calibrated log odds without those of the stated prevalence: comparable between models and ages."""
        chance, stated = min(max(self.probability, 1e-12), 1 - 1e-12), self.prevalence
        return math.log(chance / (1 - chance)) - math.log(stated / (1 - stated))


def prediction(row: LabelRow, spec: FindingSpec, fold: str, logit: float) -> Prediction:
    """Return what a logit says of a row about a finding, by the numbers that hold at the row's age."""
    numbers = calibrate.numbers_for(spec, row.years)
    chance = calibrate.probability(logit, numbers)
    is_uncertain = calibrate.is_uncertain(chance, numbers)
    return Prediction(row.path, spec.label, fold, logit, chance, numbers.threshold, is_uncertain, numbers.prevalence)


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write predictions as CSV, whole or not at all. Raises OSError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*PREDICTION_COLUMNS, PREVALENCE_COLUMN))
    for item in predictions:
        # so many digits that no two of one model are told apart by logit alone
        numbers = f"{item.logit:.6f}", f"{item.probability:.12g}", f"{item.threshold:.12g}"
        is_uncertain, prevalence = int(item.is_uncertain), f"{item.prevalence:.6g}"
        writer.writerow((item.path, item.finding, item.fold, *numbers, is_uncertain, prevalence))
    write_atomically(path, text.getvalue())


def read_predictions(path: Path) -> tuple[Prediction, ...]:
    """Read what `write_predictions` wrote, in its order. Raises OSError, and ValueError for a damaged table."""
    return tuple(_prediction(record, where) for where, record in table_lines(path, PREDICTION_COLUMNS))


def _prediction(record: dict[str, str], where: str) -> Prediction:
    try:
        numbers = (float(record["logit"]), float(record["probability"]), float(record["threshold"]))
        is_uncertain = bool(int(record["uncertain"]))
        prevalence = float(record.get(PREVALENCE_COLUMN) or 0.5)
        if not math.isfinite(numbers[0]):
            raise ValueError(f"the logit {numbers[0]} is no number")
        if not all(0 <= value <= 1 for value in numbers[1:]):
            raise ValueError("probability and threshold are numbers from 0 to 1")
        if not 0 < prevalence < 1:
            raise ValueError("a prevalence lies between 0 and 1")
    except ValueError as error:
        raise ValueError(f"{where} is damaged: {error}") from error
    return Prediction(record["path"], record["finding"], record["fold"], *numbers, is_uncertain, prevalence)


def batches(
    network: Network, gray: NDArray[np.uint8], spec: InputSpec, device: torch.device, batch: int = 64
) -> Iterator[tuple[Float, Float]]:
    """Yield logits (n, findings) and maps (n, findings, rows, columns) for each batch of gray (N, rows, columns)."""
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(gray), batch):
            x = torch.from_numpy(normalize(np.asarray(gray[start : start + batch]), spec)[:, None])
            logits, maps = network(x.to(device, memory_format=torch.channels_last))
            yield logits.float().cpu().numpy(), maps.float().cpu().numpy()


def predict_logits(network: Network, gray: NDArray[np.uint8], spec: InputSpec, device: torch.device) -> Float:
    """Return the logits (N, findings) of gray (N, rows, columns) uint8; the network is left in evaluation mode."""
    found = [logits for logits, _ in batches(network, gray, spec, device)]
    return np.concatenate(found) if found else np.zeros((0, network.head.out_features), np.float32)
