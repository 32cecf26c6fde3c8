"""Is this an image the model was made for? What the header and the frame's shape plainly exclude is refused.

The header is evidence, not proof: an image that says nothing of itself is read, and the reading says so. So is one
that says it in words that nobody here knows, such as another language's: its pixels are judged after that.
"""

import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame, Image
from core.reading.header_words import known_views, names_elsewhere
from core.reading.model_card import Population
from core.refusal import Reason, Refusal

LEAST_GRAY_RANGE = 8  # of 255


def refuse_by_header(image: Image, population: Population) -> Refusal | None:
    """Return why an image is plainly not for this model, judged without its pixels; None where nothing excludes it."""
    header = image.header
    if header.modality and header.modality.upper() not in population.modalities:
        return Refusal(Reason.WRONG_MODALITY, image.path, {"modality": header.modality.upper()})
    if image.is_color:
        return Refusal(Reason.COLOR, image.path)
    if image.frame_count > 1:
        return Refusal(Reason.SEVERAL_FRAMES, image.path, {"frames": str(image.frame_count)})
    if names_elsewhere(header.body_part) and not _names_any(header.body_part, population.body_parts):
        return Refusal(Reason.WRONG_BODY_PART, image.path, {"body_part": header.body_part.upper()})
    if not known_views(header.view_position) <= set(population.views):
        return Refusal(Reason.NOT_FRONTAL, image.path, {"view": header.view_position.upper()})
    return None


def refuse_by_shape(image: Image, frame: Frame, population: Population) -> Refusal | None:
    """Return why a frame is too small, of the wrong proportions or without any picture; None where it is not."""
    width, height = frame.columns, frame.rows * frame.pixel_aspect
    if min(frame.columns, frame.rows) < population.min_side_px:
        facts = {"size": f"{frame.columns} × {frame.rows}", "least": str(population.min_side_px)}
        return Refusal(Reason.TOO_SMALL, image.path, facts)
    if max(width, height) > population.max_side_ratio * min(width, height):
        return Refusal(Reason.WRONG_SHAPE, image.path, {"size": f"{frame.columns} × {frame.rows}"})
    low, high = frame.stored_range
    if low == high:
        return Refusal(Reason.CONSTANT, image.path)
    return None


def refuse_featureless(image: Image, gray: NDArray[np.uint8]) -> Refusal | None:
    """Return why the network's picture, uint8, shows nothing: a window that leaves (nearly) one gray of it.

    A few odd pixels do not make a picture: what counts is the range without the outer hundredths.
    """
    low, high = np.percentile(gray, (1, 99))
    return Refusal(Reason.CONSTANT, image.path) if high - low < LEAST_GRAY_RANGE else None


def is_unconfirmed(image: Image, population: Population) -> bool:
    """Return whether nothing in the file says that it is a chest radiograph, so that nobody could check it."""
    return not (image.header.modality and _names_any(image.header.body_part, population.body_parts))


def has_unknown_part(image: Image, population: Population) -> bool:
    """Return whether a file names a body part that is none of the model's, such as in another language."""
    body_part = image.header.body_part
    return bool(body_part) and not _names_any(body_part, population.body_parts)


def _names_any(text: str, names: tuple[str, ...]) -> bool:
    return any(name in text.upper() for name in names)
