"""The input gate of a run: fitted to its network after training, whatever that network is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.imaging.image import Frame
from core.reading.input_gate import gate_features
from core.reading.network import Network, fold_batch_norm
from core.reading.preprocess import preprocess
from core.reading.read_image import choose_device
from core.training.checkpoint import State
from core.training.config import TrainingConfig
from core.training.gate_data import Shown, find_outliers, pictures_to_learn
from core.training.gate_fit import FittedGate, fit_gate, looked_at
from core.training.labels import LabelRow
from core.training.run_log import progress_bar

Float = NDArray[np.float32]


def train_gate(
    config: TrainingConfig, state: State, folder: Path, rows: Sequence[LabelRow], outliers: Sequence[Path] = ()
) -> FittedGate | None:
    """Fit the gate that the configuration asks for, None where it asks for none, to a network's weights.

    `folder` is the table's, `outliers` are folders of images that are nothing the model is made for. Raises ValueError
    as `fit_gate`.
    """
    if config.gate is None:
        return None
    device = choose_device()
    network = Network(len(config.finding_labels), config.architecture)
    network.load_state_dict(state)
    network = fold_batch_norm(network)
    network.to(device)

    @torch.inference_mode()
    def look(inputs: Float) -> Float:
        batch = torch.from_numpy(inputs).to(device, memory_format=torch.channels_last)
        return gate_features(network.halfway(batch).float().cpu().numpy())

    def inputs(pictures: Iterator[tuple[Shown, Frame]]) -> Iterator[tuple[Shown, Float]]:
        yield from ((shown, preprocess(frame, config.input)[0]) for shown, frame in pictures)

    with progress_bar() as bar:
        task = bar.add_task("gate: pictures", total=None, note="")
        pictures = pictures_to_learn(folder, rows, config.gate, find_outliers(outliers, config.population))
        shown, features = looked_at(inputs(pictures), look, progress=lambda done: bar.update(task, completed=done))
        fits = bar.add_task("gate: fits", note="")
        return fit_gate(
            features, shown, config.gate, config.seed, lambda done, of: bar.update(fits, completed=done, total=of)
        )
