"""The expected "no" as a value: why a file was not opened or an image not read.

Bugs are exceptions; what a user's files, models or machine can bring about is a `Refusal`. The sentences that a
person reads about one are in `core.findings.wording`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType


class Reason(StrEnum):
    """Why something was refused. The value is a stable word for JSON and CSV."""

    # the file
    NOT_FOUND = "not-found"
    NOT_PERMITTED = "not-permitted"
    NOT_A_FILE = "not-a-file"  # a folder, a pipe, a socket or a device: never opened
    EMPTY_FILE = "empty-file"
    NOT_AN_IMAGE = "not-an-image"  # neither DICOM nor a picture
    NO_PIXELS = "no-pixels"  # a DICOM object that holds no picture
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"  # known and not supported: a video, a syntax without decoder
    TOO_LARGE = "too-large"
    TOOK_TOO_LONG = "took-too-long"  # to decode: a busy machine, or a damaged stream
    NO_SUCH_FRAME = "no-such-frame"
    CHANGED = "changed"  # on the disk, since it was opened: what is there now may be another patient's
    # the medium or archive
    NOT_ON_MEDIUM = "not-on-medium"  # named by a DICOMDIR and not there
    WRONG_DICOMDIR = "wrong-dicomdir"  # none of the files that it names is there
    NOTHING_INSIDE = "nothing-inside"  # an archive without anything that can be opened
    PASSWORD_NEEDED = "password-needed"
    PASSWORD_WRONG = "password-wrong"
    PACKING = "packing"  # an archive or entry packed or encrypted in an unknown way, or too deep in others
    ARCHIVE_LIMIT = "archive-limit"  # more than an archive may hold, or than there is room for
    # the image, for the model
    WRONG_MODALITY = "wrong-modality"
    WRONG_BODY_PART = "wrong-body-part"
    NOT_FRONTAL = "not-frontal"
    COLOR = "color"
    SEVERAL_FRAMES = "several-frames"
    TOO_SMALL = "too-small"
    WRONG_SHAPE = "wrong-shape"  # far from the proportions of a chest film
    CONSTANT = "constant"  # one gray value everywhere
    # the same, by its pixels
    NOT_A_CHEST = "not-a-chest"
    LOOKS_LATERAL = "looks-lateral"
    TURNED = "turned"  # lies on its side or on its head
    PART_OF_CHEST = "part-of-chest"
    # the model
    MODEL_MISSING = "model-missing"
    MODEL_DAMAGED = "model-damaged"
    # the work
    FAILED = "failed"  # an unexpected error; the log has the trace
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One expected "no".

    `path` is the file concerned (None where there is none); `facts` are short values that the sentence about the
    refusal names, such as ``{"modality": "MR"}``. Facts never hold a patient's name.
    """

    reason: Reason
    path: Path | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
