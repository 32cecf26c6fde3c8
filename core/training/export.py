"""A model folder's network in other programs' forms: ONNX, TorchScript, torch.export.

Each file takes gray (N, 1, rows, columns) float32 as ``(gray 0-1 - mean) / std`` and gives logits (N, findings) and
maps (N, findings, grid rows, grid columns); model.json travels inside it, with labels, calibration and thresholds. What
it answers is compared with ours before it is written. Wetread itself reads none of them: they can hold code.
"""

import importlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.files import write_atomically
from core.reading.model_card import CARD_NAME, ModelCard
from core.reading.preprocess import normalize
from core.reading.read_image import Model
from core.reading.reference import reference_pictures

Floats = NDArray[np.float32]
Runner = Callable[[Floats], tuple[Floats, Floats]]  # inputs to logits and maps
TOLERANCE = 1e-3  # logits, also of each cell of the maps; kernels that add in another order differ by less
INPUT_NAME, OUTPUT_NAMES = "gray", ("logits", "maps")


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was written, and the largest difference of its logits and maps from ours on the reference inputs."""

    path: Path
    difference: float


def export_model(model: Model, form: str, folder: Path) -> Export:
    """Write a model (on the CPU) in one of FORMS into `folder`, after its answers were found to be ours.

    Raises ValueError where they are not, ModuleNotFoundError where ONNX's packages are missing, and OSError.
    """
    name, make, load = FORMS[form]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes that become constants, as they are, and of forms that grow old
        content = make(model.network, example_inputs(model.card), model.card)
        difference = largest_difference(load(content), model)
    if not difference <= TOLERANCE:
        raise ValueError(f"as {form} the network answers otherwise, by up to {difference:.3g}: nothing was written")
    write_atomically(folder / name, content)
    return Export(folder / name, difference)


def onnx_of(model: Model) -> bytes:
    """Return a model as the content of an ONNX file. Raises ModuleNotFoundError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _to_onnx(model.network, example_inputs(model.card), model.card)


def example_inputs(card: ModelCard) -> Floats:
    """Return the reference pictures as network input, (3, 1, rows, columns) float32."""
    return normalize(reference_pictures(card.input), card.input)[:, None]


def largest_difference(run: Runner, model: Model) -> float:
    """Return how far logits and maps of `run` lie from the model's, for three pictures at once and for one."""
    inputs = example_inputs(model.card)
    return max(
        float(np.abs(theirs - ours).max())
        for part in (inputs, inputs[:1])
        for theirs, ours in zip(run(part), model.predict(part), strict=True)
    )


def _to_torchscript(network: torch.nn.Module, inputs: Floats, card: ModelCard) -> bytes:
    content = io.BytesIO()
    with torch.no_grad():
        traced = torch.jit.trace(network, torch.from_numpy(inputs), check_trace=False)  # type: ignore[no-untyped-call]
    torch.jit.save(traced, content, _extra_files={CARD_NAME: card.model_dump_json()})
    return content.getvalue()


def _to_torch_export(network: torch.nn.Module, inputs: Floats, card: ModelCard) -> bytes:
    content = io.BytesIO()
    torch.export.save(_program(network, inputs), content, extra_files={CARD_NAME: card.model_dump_json()})
    return content.getvalue()


def _to_onnx(network: torch.nn.Module, inputs: Floats, card: ModelCard) -> bytes:
    for name in ("onnx", "onnxruntime", "onnxscript"):
        importlib.import_module(name)  # what is missing is named, before the exporter wraps it in an error of its own
    program = torch.onnx.export(
        _program(network, inputs), dynamo=True, verbose=False, input_names=[INPUT_NAME],
        output_names=list(OUTPUT_NAMES), optimize=True,
    )
    assert program is not None  # it is, with dynamo=True
    proto = program.model_proto
    proto.metadata_props.add(key=CARD_NAME, value=card.model_dump_json())
    return bytes(proto.SerializeToString())


def _program(network: torch.nn.Module, inputs: Floats) -> torch.export.ExportedProgram:
    """Return the network as a graph for any number of pictures."""
    pictures = torch.export.Dim("pictures", min=1)
    with torch.no_grad():
        return torch.export.export(network, (torch.from_numpy(inputs),), dynamic_shapes=({0: pictures},))


def _run_torch(module: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]) -> Runner:
    def run(inputs: Floats) -> tuple[Floats, Floats]:
        with torch.no_grad():
            logits, maps = module(torch.from_numpy(inputs))
        return logits.numpy(), maps.numpy()

    return run


def _load_torchscript(content: bytes) -> Runner:
    return _run_torch(torch.jit.load(io.BytesIO(content)))  # type: ignore[no-untyped-call]


def _load_torch_export(content: bytes) -> Runner:
    return _run_torch(torch.export.load(io.BytesIO(content)).module())


def load_onnx(content: bytes, threads: int = 0) -> Runner:
    """Return a call of an ONNX file's network by ONNX Runtime on the CPU; 0 threads: as many as it likes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(inputs: Floats) -> tuple[Floats, Floats]:
        logits, maps = session.run(list(OUTPUT_NAMES), {INPUT_NAME: inputs})
        return logits, maps

    return run


Maker = Callable[[torch.nn.Module, Floats, ModelCard], bytes]
FORMS: dict[str, tuple[str, Maker, Callable[[bytes], Any]]] = {
    "onnx": ("model.onnx", _to_onnx, load_onnx),
    "torchscript": ("model.torchscript", _to_torchscript, _load_torchscript),
    "torch-export": ("model.pt2", _to_torch_export, _load_torch_export),
}
