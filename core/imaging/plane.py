"""A plane of pixels in patient coordinates, and where the pixels of one lie on another (PS3.3 C.7.6.2.1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame, Image

Affine = NDArray[np.float64]  # (2, 3): continuous coordinates to continuous coordinates

IDENTITY: Affine = np.array([[1.0, 0, 0], [0, 1.0, 0]])
IDENTITY.flags.writeable = False

PARALLEL_COSINE = 0.99999  # planes less than a quarter of a degree apart: half a millimeter over 12 cm

THIN_MM = 1.0  # the thickness of a slice that does not tell it
MOST_MM = 1e6  # farther away lies nothing of a patient
MOST_SKEW = 0.2  # rows and columns stand at right angles, but for rounding


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """`position` is the center of the first pixel, mm; `across` and `down` are the unit vectors of rows and columns.

    `step_mm` is the distance from one column to the next, and from one row to the next.
    """

    position: NDArray[np.float64]
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    step_mm: tuple[float, float]

    @staticmethod
    def of(
        position: Sequence[float], orientation: Sequence[float], column_mm: float, row_mm: float
    ) -> "Plane | None":
        """Return the plane of Image Position and Image Orientation (Patient); cosines need not be of length 1.

        None where the numbers are no plane's: directions that are none or the same, distances of kilometers.
        """
        sizes = [*(abs(value) for value in (*position, *orientation)), 1 / column_mm, 1 / row_mm, column_mm, row_mm]
        axes = np.array(orientation, np.float64).reshape(2, 3)
        lengths = np.linalg.norm(axes, axis=1, keepdims=True)
        if max(sizes) > MOST_MM or lengths.min() < 1 / MOST_MM:
            return None
        across, down = axes / lengths
        if abs(float(across @ down)) > MOST_SKEW:
            return None
        return Plane(np.array(position, np.float64), across, down, (column_mm, row_mm))

    @property
    def normal(self) -> NDArray[np.float64]:
        """The unit vector across the plane."""
        return np.cross(self.across, self.down)

    def to_mm(self, x: float, y: float) -> NDArray[np.float64]:
        """Return the patient position, mm, of a continuous image position."""
        return np.asarray(self.position + (x - 0.5) * self.step_mm[0] * self.across
                          + (y - 0.5) * self.step_mm[1] * self.down)

    def distance(self, point: NDArray[np.float64]) -> float:
        """Return how far, mm, a patient position lies along the normal from this plane."""
        return float((point - self.position) @ self.normal)

    def is_parallel(self, other: "Plane") -> bool:
        """Return whether another plane is as good as parallel to this one; it may be turned within, or face away."""
        return abs(float(self.normal @ other.normal)) >= PARALLEL_COSINE

    def from_plane(self, other: "Plane") -> Affine:
        """Return the (2, 3) affine from positions on another plane to this one's, along this one's normal."""
        axes = np.stack([self.across / self.step_mm[0], self.down / self.step_mm[1]])
        steps = np.stack([other.across * other.step_mm[0], other.down * other.step_mm[1]], axis=1)
        return np.column_stack([axes @ steps, axes @ (other.to_mm(0, 0) - self.position) + 0.5])


def plane_of(image: Image, index: int, frame: Frame) -> Plane | None:
    """Return where a frame of an image lies; None where position, orientation or spacing are unknown."""
    facts = image.facts_of(index)
    if facts.position is None or facts.orientation is None or frame.spacing is None:
        return None
    return Plane.of(facts.position, facts.orientation, frame.spacing.column_mm, frame.spacing.row_mm)


def inverted(affine: Affine) -> Affine:
    """Return the inverse of an affine. Raises numpy.linalg.LinAlgError where it has none."""
    linear = np.linalg.inv(affine[:, :2])
    return np.column_stack([linear, -linear @ affine[:, 2]])


def chained(second: Affine, first: Affine) -> Affine:
    """Return the affine that applies `first` and then `second`."""
    return np.column_stack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]])


def for_pixel_centers(affine: Affine) -> Affine:
    """Return an affine of continuous coordinates as OpenCV wants it, whose pixel centers lie on whole numbers."""
    shifted = affine.copy()
    shifted[:, 2] += affine[:, :2].sum(axis=1) / 2 - 0.5
    return shifted
