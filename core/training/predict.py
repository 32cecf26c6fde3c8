"""Logits and maps of many prepared inputs, in batches."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from core.reading.model_card import InputSpec
from core.reading.network import Network
from core.reading.preprocess import normalize

Float = NDArray[np.float32]


def batches(
    network: Network, gray: NDArray[np.uint8], spec: InputSpec, device: torch.device, batch: int = 64
) -> Iterator[tuple[Float, Float]]:
    """Yield logits (n,) and maps (n, rows, columns) of the first finding for each batch of gray (N, rows, columns)."""
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(gray), batch):
            x = torch.from_numpy(normalize(np.asarray(gray[start : start + batch]), spec)[:, None])
            logits, maps = network(x.to(device, memory_format=torch.channels_last))
            yield logits[:, 0].float().cpu().numpy(), maps[:, 0].float().cpu().numpy()


def predict_logits(network: Network, gray: NDArray[np.uint8], spec: InputSpec, device: torch.device) -> Float:
    """Return the logits (N,) of gray (N, rows, columns) uint8; the network is left in evaluation mode."""
    found = [logits for logits, _ in batches(network, gray, spec, device)]
    return np.concatenate(found) if found else np.zeros(0, np.float32)
