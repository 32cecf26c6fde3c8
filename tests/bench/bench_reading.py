"""A prediction with all its maps, against the same network's bare forward pass on the same input."""

import numpy as np
import torch
from safetensors.torch import load_file

from core.dicom.load_image import load_image
from core.paths import default_model_folder, sample_paths
from core.reading.model_card import WEIGHTS_NAME, ModelCard
from core.reading.network import Network, fold_batch_norm
from core.reading.preprocess import preprocess
from core.reading.read_image import load_model, make_finding, read_image
from core.refusal import Refusal
from tests.bench.harness import Figure, compare


def bare_network(card: ModelCard) -> Network:
    """Load the bundled network as anyone would who only wants its logits, batch normalization folded."""
    network = Network(len(card.findings), card.architecture)
    network.load_state_dict(load_file(default_model_folder() / WEIGHTS_NAME))
    return fold_batch_norm(network.eval()).to(memory_format=torch.channels_last)


def figures() -> list[Figure]:
    """Measure on the CPU, on the sample chest radiograph, call by call in turns, so that a busy machine slows both.

    The peer returns logits and no maps. Ours returns findings: calibrated probabilities and every map. The second
    figure has no target: the whole reading of a decoded image, with the gate and the resampling to the input's size.
    """
    model = load_model(default_model_folder(), device="cpu")
    image = load_image(sample_paths()[0])
    assert not isinstance(model, Refusal) and not isinstance(image, Refusal)
    frame = image.frame(0)
    assert not isinstance(frame, Refusal)
    inputs, _ = preprocess(frame, model.card.input)
    network = bare_network(model.card)

    @torch.inference_mode()
    def bare() -> torch.Tensor:
        batch = torch.from_numpy(inputs).to(memory_format=torch.channels_last)
        return network.head(network.cells(batch).mean((2, 3)))

    def predict() -> list[object]:
        logits, maps = model.predict(inputs)
        return [make_finding(model.card, index, logits[0], maps[0]) for index in range(len(model.card.findings))]

    assert np.allclose(bare().numpy(), model.predict(inputs)[0], atol=1e-4)
    against = f"bare forward pass, {model.card.input.columns} x {model.card.input.rows}"
    return [
        compare("reading: prediction with all heatmaps", predict, bare, against, 1.15, runs=25),
        compare("reading: the whole reading of a decoded image", lambda: read_image(image, model), bare, against,
                None, runs=25),
    ]
