"""Other ways to say where a score comes from, beside the model's own maps: each gives a map on the input's pixels.

Grad-CAM (Selvaraju et al. 2017), Grad-CAM++ (Chattopadhay et al. 2018) and Eigen-CAM (Muhammad and Yeasin 2020) by the
package grad-cam, on the last features; integrated gradients (Sundararajan et al. 2017) and occlusion (Zeiler and
Fergus 2014) by captum, as their users get them.
"""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import core.training.torchvision_import  # noqa: F401  (before the packages that import torchvision themselves)

# isort: split
from captum.attr import IntegratedGradients, Occlusion
from pytorch_grad_cam import EigenCAM, GradCAM, GradCAMPlusPlus
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from core.reading.network import Network

STEPS = 32  # of the integral
WINDOW, STRIDE = 32, 16  # of the occluding square, in input pixels
SMOOTHING = 8.0  # pixels: attributions to single pixels are noise without it
Floats = NDArray[np.float32]
Method = Callable[[Network, Tensor, int, float], Floats]


class _OneLogit(nn.Module):
    """The network as the packages want one: a picture in, one score out."""

    def __init__(self, network: Network, index: int) -> None:
        super().__init__()
        self.network = network
        self.index = index

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 1) logits of (N, 1, rows, columns)."""
        logits: Tensor = self.network(x)[0][:, self.index : self.index + 1]
        return logits


def _by_activations(kind: Callable[..., object]) -> Method:
    def method(network: Network, x: Tensor, index: int, black: float) -> Floats:
        with torch.enable_grad(), kind(model=_OneLogit(network, index), target_layers=[network.features]) as cam:  # type: ignore[attr-defined]
            return np.asarray(cam(input_tensor=x, targets=[ClassifierOutputTarget(0)])[0], np.float32)

    return method


def integrated_gradients(network: Network, x: Tensor, index: int, black: float) -> Floats:
    """Return what each pixel adds on the way from a black picture, smoothed; only what speaks for the finding."""
    with torch.enable_grad():
        explained = IntegratedGradients(_OneLogit(network, index)).attribute(
            x, baselines=torch.full_like(x, black), target=0, n_steps=STEPS, internal_batch_size=8
        )
    picture = explained.detach().float().cpu().numpy()[0, 0]
    return np.asarray(np.maximum(cv2.GaussianBlur(picture, (0, 0), SMOOTHING), 0), np.float32)


def occlusion(network: Network, x: Tensor, index: int, black: float) -> Floats:
    """Return how much the score falls when a gray square hides a place; where it rises, 0."""
    with torch.inference_mode():
        explained = Occlusion(_OneLogit(network, index)).attribute(
            x, sliding_window_shapes=(1, WINDOW, WINDOW), strides=(1, STRIDE, STRIDE), baselines=float(x.mean()),
            target=0, perturbations_per_eval=16,
        )
    return np.asarray(np.maximum(explained.float().cpu().numpy()[0, 0], 0), np.float32)


# name -> (network, input (1, 1, rows, columns), the finding's index, the input's value of black) -> (rows, columns)
METHODS: dict[str, Method] = {
    "Grad-CAM": _by_activations(GradCAM),
    "Grad-CAM++": _by_activations(GradCAMPlusPlus),
    "Eigen-CAM": _by_activations(EigenCAM),
    "integrated gradients": integrated_gradients,
    "occlusion": occlusion,
}
