"""The one place that imports torchmetrics: it imports torchvision where it finds it, which has to be mended first."""

import core.training.torchvision_import  # noqa: F401, I001  (first, for what it mends)
from torchmetrics.functional.classification import binary_calibration_error

__all__ = ["binary_calibration_error"]
