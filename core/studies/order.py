"""The order of the images of a series: by position, else by number, else by time, else by name."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from core.imaging.image import Image

SAME_ORIENTATION = 1e-3  # how far the cosines of two images of one stack may differ


def sort_images(images: Iterable[Image]) -> list[Image]:
    """Return the images of one series in the order in which a reader scrolls through them.

    By position along the slice normal where every image has one and all lie the same way, in the direction in which
    the instance numbers grow; images at one place, and all others, by instance number, time and natural file name.
    """
    by_number = sorted(images, key=_number_key)
    positions = positions_along_normal(by_number)
    if positions is None:
        return by_number
    ascending = np.corrcoef(np.arange(len(positions)), positions)[0, 1] >= 0
    # positions are rounded, so that noise in their last digits does not tear images of one place apart
    places = [round(position if ascending else -position, 2) for position in positions]
    return [image for _, image in sorted(zip(places, by_number, strict=True), key=lambda one: one[0])]


def positions_along_normal(images: Sequence[Image]) -> list[float] | None:
    """Return each image's position along the common slice normal in mm; None where they are no stack of slices."""
    origins = [image.header.patient_position for image in images]
    cosines = [image.header.patient_orientation for image in images]
    if len(images) < 2 or None in origins or None in cosines:
        return None
    directions = np.array(cosines, dtype=np.float64)
    if np.abs(directions - directions[0]).max() > SAME_ORIENTATION:
        return None
    normal = np.cross(directions[0, :3], directions[0, 3:])
    positions = np.array(origins, dtype=np.float64) @ normal
    return [float(position) for position in positions] if np.ptp(positions) > 0.01 else None


def natural_key(name: str) -> tuple[Any, ...]:
    """Return the key by which img2 comes before img10."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in parts), name


def _number_key(image: Image) -> tuple[Any, ...]:
    header = image.header
    number = int(header.instance_number) if re.fullmatch(r"-?\d+", header.instance_number) else None
    return (number is None, number or 0, header.date, header.time, natural_key(image.path.name), str(image.path))
