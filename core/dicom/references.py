"""Which frames of which images an item is about (Image SOP Instance Reference Macro, PS3.3 10.3)."""

from collections.abc import Iterable, Mapping

from pydicom.dataset import Dataset

from core.dicom.values import numbers, text

References = Mapping[str, frozenset[int]]  # SOP Instance UID -> numbers of its frames from 1 on; none means all


def references(found: Iterable[Dataset]) -> References:
    """Return what items of the macro name: of several on one image all their frames, all of its where one tells none.

    A writer may name each frame in an item of its own.
    """
    named: dict[str, frozenset[int]] = {}
    for one in found:
        uid = text(one, "ReferencedSOPInstanceUID")
        frames = frozenset(int(frame) for frame in numbers(one, "ReferencedFrameNumber"))
        known = named.get(uid, frames)
        named[uid] = known | frames if known and frames else frozenset()
    return named


def refers(images: References, instance_uid: str, frame_index: int) -> bool:
    """Return whether a frame is named, index 0 is the image's first."""
    frames = images.get(instance_uid)
    return frames is not None and (not frames or frame_index + 1 in frames)
