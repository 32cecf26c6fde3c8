"""That the score is not the source: while a network learns, sources' mean logits within a label are drawn together.

Collections differ in how easy their pictures are: a network grows surest where it is easiest, and its logit then tells
where a picture is from. What is drawn together are the means alone, of the pictures of one label: the part of maximum
mean discrepancy (Gretton et al. 2012) that a linear kernel sees, between the groups of the training draw. A batch has a
picture or two of a small group, so that running means stand for the groups, and pictures are moved against the gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.training.balancing import groups_of
from core.training.config import Group
from core.training.labels import LabelRow
from core.training.processes import process_count

KEPT = 0.98  # of the running sums, from step to step: about the last fifty count
PRIOR = 5.0  # pictures at the label's mean that each group begins with, so that its first ones do not pull alone


@dataclass(frozen=True, eq=False)
class Kinds:
    """Which rows are alike in label and group: each row's kind (N,), -1 for none, and each kind's label (kinds,)."""

    of_rows: NDArray[np.intp]
    labels: NDArray[np.intp]


def kinds_of(rows: Sequence[LabelRow], groups: Sequence[Group]) -> Kinds:
    """Return the kinds of `rows`: a word of the label column in a group; none in groups that are not aligned."""
    words = sorted({row.word for row in rows})
    homes = groups_of(rows, groups).tolist()
    own = [(words.index(row.word), home) if home >= 0 and groups[home].aligns else None
           for row, home in zip(rows, homes, strict=True)]
    kinds = sorted({kind for kind in own if kind is not None})  # in an order that is not the table's
    of_rows = [-1 if kind is None else kinds.index(kind) for kind in own]
    return Kinds(np.array(of_rows, np.intp), np.array([word for word, _ in kinds], np.intp))


class Alignment:
    """The running means of one run's kinds, and the part of the loss that draws those of one label together.

    A step's logits are noted part by part and count from the next step on, those of all processes together: so that
    parts and processes take the steps that one takes.
    """

    def __init__(self, kinds: Kinds, device: torch.device) -> None:
        self._labels = torch.from_numpy(kinds.labels).to(device)
        self._label_count = int(kinds.labels.max(initial=-1)) + 1
        number = torch.float32 if device.type == "mps" else torch.float64  # which Apple's GPUs have not
        self._kept = torch.zeros(2, len(kinds.labels), dtype=number, device=device)  # sums of logits, pictures
        self._noted = torch.zeros_like(self._kept)

    def gaps(self) -> Tensor:
        """Return how far each kind's mean logit lies above that of its label, (kinds,)."""
        of_label = self._kept.new_zeros(2, self._label_count).index_add(1, self._labels, self._kept)
        mean = (of_label[0] / of_label[1].clamp_min(1e-9))[self._labels]
        sums, counts = self._kept
        gaps: Tensor = (sums - counts * mean) / (counts + PRIOR)
        return gaps

    def loss(self, logits: Tensor, kinds: Tensor) -> Tensor:
        """Return the mean over (N,) logits of each times the gap of its kind, and note them.

        On the whole that is the variance of the kinds' means within their labels; its gradient moves each picture
        against the gap. A kind of -1 counts nothing.
        """
        told = kinds >= 0
        own = kinds[told]
        noted = logits.detach()[told].to(self._noted.dtype)
        self._noted.index_add_(1, own, torch.stack([noted, torch.ones_like(noted)]))
        return (self.gaps()[own].to(logits.dtype) * logits[told]).sum() / len(logits)

    def next_step(self) -> None:
        """Let what was noted count."""
        if process_count() > 1:
            torch.distributed.all_reduce(self._noted)
        self._kept = self._kept * KEPT + self._noted
        self._noted.zero_()

    def state(self) -> Tensor:
        """Return what a checkpoint keeps."""
        return self._kept

    def go_on_from(self, state: Tensor) -> None:
        """Take what a checkpoint kept."""
        self._kept = state.to(self._kept)
