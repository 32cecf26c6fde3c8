"""Where a frame's attributes stand: its own functional group, the shared one, or the data set (PS3.3 C.7.6.16)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from core.dicom.values import first_item, items


@dataclass(frozen=True, slots=True, eq=False)
class FrameAttributes:
    """One frame's view of a data set."""

    dataset: Dataset
    shared: Dataset | None = None
    own: Dataset | None = None

    def group(self, keyword: str) -> Dataset | None:
        """Return the first item of a functional group's sequence: the frame's own, else the shared one."""
        for holder in (self.own, self.shared):
            if holder is not None and (item := first_item(holder, keyword)) is not None:
                return item
        return None

    def group_with(self, keyword: str, attribute: str) -> Dataset:
        """Return the item of a functional group that has an attribute, else the data set itself."""
        item = self.group(keyword)
        return item if item is not None and attribute in item else self.dataset


def frames_of(dataset: Dataset, frame_count: int) -> tuple[FrameAttributes, ...]:
    """Return the view of each frame; the last one stands for all that follow, which have no groups of their own."""
    shared = first_item(dataset, "SharedFunctionalGroupsSequence")
    own = items(dataset, "PerFrameFunctionalGroupsSequence")[:frame_count]
    if not own:
        return (FrameAttributes(dataset, shared),)
    padded = own if len(own) == frame_count else (*own, None)
    return tuple(FrameAttributes(dataset, shared, one) for one in padded)
