"""The one place that imports torchvision (training only).

torchvision's wheels carry a compiled library built against one torch. Beside another build of torch (a CPU-only one)
it does not load, and `import torchvision` fails because two operators, which training never calls, are not declared.
Declared by name they are enough: transforms are plain Python.
"""

import importlib.util
from pathlib import Path

import torch

_kept: list[torch.library.Library] = []  # a library's operators live as long as the object


def _declare_missing_operators() -> None:
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("training needs torchvision: in Wetread's sources, pip install -e '.[train]'")
    folder = Path(next(iter(spec.submodule_search_locations)))
    try:
        for library in sorted(folder.glob("_C.*")):
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
    except OSError:
        library_object = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            library_object.define(  # type: ignore[no-untyped-call]
                f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )
        _kept.append(library_object)


_declare_missing_operators()

from torchvision.transforms import v2  # noqa: E402  (after the operators are there)

__all__ = ["v2"]
