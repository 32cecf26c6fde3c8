"""Where the lungs lie in a film, so that the network sees them alike however the film was framed.

Healthy children are framed with neck and jaw, ill ones closely; one hospital's films hold the abdomen, another's the
chest alone. A network that sees whole films learns that. So the first blocks of a network with general weights and one
linear map of their features say of each cell how much of it is lung; the box of both lungs is what the network sees.

All of it runs on the CPU, one picture at a time, and the box is in whole pixels: the same film gives the same input in
the window, on the command line and in training, whatever device the network is on. On another processor, whose sums
end otherwise in the last digit, an edge may, rarely, lie a pixel off.
"""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor
from torch.nn import functional

from core.reading.model_card import LUNGS_NAME, InputSpec, LungsSpec, ModelCard, load_checked
from core.reading.network import Beginning, fold_batch_norm
from core.reading.preprocess import PixelBox, normalize
from core.refusal import Reason, Refusal

BLOCKS = 8  # features of 80 channels at a stride of 16: larger parts of a picture, no object yet
SIDE = 160  # pixels: enough to tell lungs, a quarter of the network's work
WEIGHT, OFFSET = "lungs.weight", "lungs.bias"  # beside the beginning's own tensors
MOST_OF_LINE = 0.5  # of the cells of a column count, those that are most lung
MOST_OF_ROW = 0.36  # of those of a row: two lungs with the heart between them
KERNEL = (1, 80, 3, 3)
LEAST_LUNG = 0.3  # of the clearest cells: a picture with less of lungs in it is seen whole
LEAST_SIDE = 0.3  # of the picture's: what is found smaller is no pair of lungs

Gray = NDArray[np.uint8]


class LungLocator:
    """Finds the box of both lungs in the picture of a whole film."""

    def __init__(self, spec: LungsSpec, inputs: InputSpec, tensors: Mapping[str, Tensor]) -> None:
        """Take the tensors of a lungs.safetensors; `inputs` says how gray becomes input.

        Raises ValueError where the tensors are others than those of a locator, or not finite.
        """
        own = dict(tensors)
        self.spec = spec
        self._inputs = inputs
        beginning = Beginning(BLOCKS)
        try:
            self._weight, self._offset = own.pop(WEIGHT), own.pop(OFFSET)
            beginning.load_state_dict(own)
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"not the arrays that find lungs: {str(error).splitlines()[0]}") from error
        shapes = tuple(self._weight.shape), tuple(self._offset.shape)
        if shapes != (KERNEL, (1,)) or not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
            raise ValueError("not the arrays that find lungs: of other shapes, or not finite")
        self._beginning = fold_batch_norm(beginning).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def find(self, gray: Gray) -> PixelBox:
        """Return left, top, right, bottom of the lungs with their margin, in pixels of a whole (rows, columns) picture.

        The whole picture where nothing in it looks like lungs.
        """
        rows, columns = gray.shape
        box = box_of(self.lung_map(gray))
        if box is None:
            return 0, 0, columns, rows
        left, top, right, bottom = box
        beside, above = self.spec.margin * (right - left), self.spec.margin * (bottom - top)
        return (
            max(0, round((left - beside) * columns)), max(0, round((top - above) * rows)),
            min(columns, round((right + beside) * columns)), min(rows, round((bottom + above) * rows)),
        )

    @torch.inference_mode()
    def lung_map(self, gray: Gray) -> NDArray[np.float32]:
        """Return how much of each cell is lung, (10, 10), about 0-1, of a (rows, columns) picture."""
        features = features_of(self._beginning, gray, self._inputs)
        found: NDArray[np.float32] = (around(features, self._weight) + self._offset)[0, 0].numpy()
        return found


def features_of(beginning: Beginning, gray: Gray, inputs: InputSpec) -> Tensor:
    """Return the features of one whole picture, (1, 80, 10, 10), of which the lungs are told."""
    small = cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    out: Tensor = beginning(torch.from_numpy(normalize(np.asarray(small), inputs))[None, None])
    return out


def around(features: Tensor, weight: Tensor) -> Tensor:
    """Return a kernel's sum over each cell and those around it, the border's cells standing for what lies beyond."""
    padded = functional.pad(features, (1, 1, 1, 1), mode="replicate")
    return functional.conv2d(padded, weight)


def box_of(lung_map: NDArray[np.floating]) -> tuple[float, float, float, float] | None:
    """Return left, top, right, bottom of the lungs, in parts of the picture, from `lung_map`; None without lungs.

    The box ends where a line of cells is half as much lung as the clearest lines are.
    """
    cells = len(lung_map)
    few = round(cells * MOST_OF_ROW)
    columns = np.sort(lung_map, 0)[-round(cells * MOST_OF_LINE):].mean(0)
    rows = np.sort(lung_map, 1)[:, -few:].mean(1)
    if min(np.sort(columns)[-few:].mean(), np.sort(rows)[-few:].mean()) < LEAST_LUNG:
        return None
    left, right = _ends(columns, few)
    top, bottom = _ends(rows, few)
    return (left, top, right, bottom) if min(right - left, bottom - top) >= LEAST_SIDE else None


def _ends(profile: NDArray[np.floating], few: int) -> tuple[float, float]:
    """Where a profile first and last crosses half of its highest values, between cell centers, in parts of it."""
    half = np.sort(profile)[-few:].mean() / 2
    inside = np.flatnonzero(profile >= half)
    first, last = int(inside[0]), int(inside[-1])
    low = first + 0.5 - _crossing(profile, first, first - 1, half)
    high = last + 0.5 + _crossing(profile, last, last + 1, half)
    return low / len(profile), high / len(profile)


def _crossing(profile: NDArray[np.floating], inside: int, outside: int, half: float) -> float:
    """How far from the center of a cell inside the profile falls to `half`, in cells: to the border at its end."""
    if not 0 <= outside < len(profile):
        return 0.5
    return float((profile[inside] - half) / (profile[inside] - profile[outside]))


def load_lungs(folder: Path, card: ModelCard) -> LungLocator | Refusal | None:
    """Read and check `folder`/lungs.safetensors; None where the card has no such part."""
    if card.lungs is None:
        return None
    path = folder / LUNGS_NAME
    content = load_checked(path, card.lungs.sha256)
    if isinstance(content, Refusal):
        return content
    try:
        return LungLocator(card.lungs, card.input, load_tensors(content))
    except (SafetensorError, ValueError) as error:
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": str(error).splitlines()[0]})
