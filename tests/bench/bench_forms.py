"""Ways to run the bundled network on a CPU, against the one that a reading uses: what would pay, and what does not.

One picture at a time, in turns, on one thread: a window on two cores leaves one to the network. None of these figures
has a target. resources/docs/inference.md says what was kept, and why.
"""

import shutil
from collections.abc import Callable

import numpy as np
import torch

from core.paths import default_model_folder
from core.reading.preprocess import normalize
from core.reading.read_image import load_model
from core.reading.reference import reference_pictures
from core.refusal import Refusal
from core.training.export import load_onnx, onnx_of
from core.training.quantise import in_integers
from tests.bench.bench_network import threads
from tests.bench.harness import Figure, compare

THREADS = 1
RUNS = 25
Call = Callable[[], object]


def figures() -> list[Figure]:
    """Measure each way against the reading's own, call by call in turns."""
    model = load_model(default_model_folder(), device="cpu")
    assert not isinstance(model, Refusal)
    pictures = normalize(reference_pictures(model.card.input), model.card.input)[:, None]
    whole = onnx_of(model)
    small = in_integers(whole, pictures)
    with threads(THREADS):
        ways = {**torch_ways(model.network, pictures[:1]),
                "ONNX Runtime": onnx_way(whole, pictures[:1]),
                "ONNX Runtime, int8": onnx_way(small, pictures[:1])}
        return [
            compare(f"forms: {name}", way, lambda: model.predict(pictures[:1]),
                    "as a reading runs it: float32, channels-last, folded", None, runs=RUNS)
            for name, way in ways.items()
        ]


def torch_ways(network: torch.nn.Module, inputs: np.ndarray) -> dict[str, Call]:
    """Return calls of torch in other ways; torch.compile only where there is a C++ compiler."""
    x = torch.from_numpy(inputs)
    last = x.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def autocast() -> object:
        with torch.autocast("cpu", torch.bfloat16):
            return network(last)

    ways: dict[str, Call] = {"bfloat16": autocast}
    if shutil.which("g++") is not None:
        compiled = torch.compile(network)

        @torch.inference_mode()
        def compiled_call() -> object:
            return compiled(last)

        ways["torch.compile"] = compiled_call
    return ways


def onnx_way(content: bytes, inputs: np.ndarray) -> Call:
    """Return a call of an ONNX file's network."""
    run = load_onnx(content, THREADS)
    return lambda: run(inputs)
