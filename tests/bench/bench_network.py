"""The bundled network against torchvision's DenseNet-121, the usual network for chest radiographs.

Both on two threads, one image of 224 x 224 pixels (ours: of its own input's size), in the memory layout that is fastest
for both. The peer's weights are drawn at random: its time does not depend on them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from safetensors.torch import load_file

import core.training.torchvision_import  # noqa: F401  (torchvision loads after it, beside any build of torch)
from core.paths import default_model_folder
from core.reading.model_card import WEIGHTS_NAME
from core.reading.network import Network, fold_batch_norm
from core.reading.preprocess import normalize
from core.reading.read_image import Model, load_model, make_finding
from core.reading.reference import reference_pictures
from core.refusal import Refusal
from tests.bench.harness import Figure, compare

THREADS = 2
RUNS = 25
PEER_INPUT = 224


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch use so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def densenet() -> torch.nn.Module:
    """Return torchvision's DenseNet-121 with one output, in channels-last."""
    from torchvision.models import densenet121

    return densenet121(weights=None, num_classes=1).eval().to(memory_format=torch.channels_last)


def peer_input() -> torch.Tensor:
    """Return one picture of three channels for the peer."""
    torch.manual_seed(0)
    return torch.randn(1, 3, PEER_INPUT, PEER_INPUT).to(memory_format=torch.channels_last)


def grad_cam(network: torch.nn.Module, x: torch.Tensor) -> Callable[[], object]:
    """Return a call of the package grad-cam that makes the map of one class (Selvaraju et al. 2017)."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    cam = GradCAM(model=network, target_layers=[network.features[-1]])
    return lambda: cam(input_tensor=x, targets=[ClassifierOutputTarget(0)])


def bundled() -> tuple[Model, torch.nn.Module, np.ndarray]:
    """Return the bundled model, its network as a reading prepares it, and one input of it."""
    model = load_model(default_model_folder(), device="cpu")
    assert not isinstance(model, Refusal)
    network = Network(len(model.card.findings), model.card.architecture)
    network.load_state_dict(load_file(default_model_folder() / WEIGHTS_NAME))
    inputs = normalize(reference_pictures(model.card.input)[:1], model.card.input)[:, None]
    return model, fold_batch_norm(network).to(memory_format=torch.channels_last), inputs


def figures() -> list[Figure]:
    """Measure call by call in turns, so that a busy machine slows both."""
    model, network, inputs = bundled()
    peer, x = densenet(), peer_input()
    own = torch.from_numpy(inputs).to(memory_format=torch.channels_last)
    with_map = grad_cam(peer, x)

    @torch.inference_mode()
    def bare() -> object:
        return network(own)

    @torch.inference_mode()
    def bare_peer() -> object:
        return peer(x)

    def predict() -> list[object]:
        logits, maps = model.predict(inputs)
        return [make_finding(model.card, index, logits[0], maps[0]) for index in range(len(model.card.findings))]

    size = f"{model.card.input.columns} x {model.card.input.rows}"
    with threads(THREADS):
        return [
            compare(f"network: forward pass at {size}", bare, bare_peer, "DenseNet-121, 224 x 224", 0.5, runs=RUNS),
            compare(f"network: prediction with all maps at {size}", predict, with_map,
                    "DenseNet-121 with Grad-CAM of one class", 0.25, runs=RUNS),
        ]
