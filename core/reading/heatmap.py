"""What part of a score comes from inside a region: an exact sum, since the score is the mean of its map."""

from dataclasses import dataclass

import numpy as np

from core.findings.finding import Finding
from core.findings.wording import share_text
from core.imaging.placement import Placement
from core.imaging.region import Region


@dataclass(frozen=True, slots=True)
class RegionShare:
    """A logit divided in three: ``inside + outside + constant == logit``.

    `inside` and `outside` are what the map's cells within and without the region add, `constant` is the network's
    own, the same for every image.
    """

    inside: float
    outside: float
    constant: float

    @property
    def fraction(self) -> float | None:
        """The part of the image's evidence that lies inside, or None where a fraction says nothing.

        It says nothing when the evidence does not speak for the finding as a whole, or one of the two parts speaks
        against it: parts of opposite sign make no percentage.
        """
        total = self.inside + self.outside
        if total <= 0 or self.inside < 0 or self.outside < 0:
            return None
        return self.inside / total

    @property
    def text(self) -> str:
        """The share as the window shows it beside the region."""
        return share_text(self.inside, self.outside, self.fraction)


def share_of_region(finding: Finding, placement: Placement, region: Region) -> RegionShare:
    """Return what a region on the image contributes to a finding's logit.

    Each cell's evidence counts by the part of its territory that the region covers, so disjoint regions add up.
    """
    columns, rows = placement.image_size
    mask, origin = region.mask(rows, columns)
    weights = placement.region_weights(mask, origin)
    cells = finding.evidence.astype(np.float64) / finding.evidence.size
    inside = float((cells * weights).sum())
    return RegionShare(inside, finding.logit - finding.constant - inside, finding.constant)
