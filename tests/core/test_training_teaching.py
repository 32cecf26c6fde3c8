"""The mark of what a row teaches: other where anything that teaches is other, and only there."""

import numpy as np

from core.training.labels import Label
from core.training.places import Marks
from core.training.pointing import Box
from core.training.teaching import teaching_of
from tests.make.extent import zones_teach
from tests.make.scored import make_row

ROWS = [make_row(0, True), make_row(1, False)]
PATHS = [row.path for row in ROWS]
ZONES = {path: np.array([0.0, 1, 2, 0, 1, 3]) for path in PATHS}


def boxes(what: str, width: float = 0.5) -> dict[str, tuple[Box, ...]]:
    return {path: (Box(0.1, 0.1, width, 0.5, what),) for path in PATHS}


def test_other_boxes_or_scores_of_zones_are_another_mark_of_pictures_with_the_finding():
    config = zones_teach(box_weight=0.2).model_copy(update={"boxes": ("opacity",)})
    assert [row.label for row in ROWS] == [Label.POSITIVE, Label.NEGATIVE]
    found = teaching_of(ROWS, config, Marks(boxes("opacity"), ZONES))
    for marks in (Marks(boxes("opacity", 0.4), ZONES), Marks(boxes("opacity"), {PATHS[0]: ZONES[PATHS[0]][::-1]})):
        other = teaching_of(ROWS, config, marks)
        assert other[PATHS[0]] != found[PATHS[0]] and other[PATHS[1]] == found[PATHS[1]]


def test_boxes_that_do_not_teach_may_be_drawn_meanwhile():
    config = zones_teach(box_weight=0.2).model_copy(update={"boxes": ("opacity",)})
    without = teaching_of(ROWS, config, Marks())
    assert teaching_of(ROWS, config, Marks(boxes("nodule"))) == without
    unweighted = config.model_copy(update={"loop": config.loop.model_copy(update={"box_weight": 0.0})})
    assert teaching_of(ROWS, unweighted, Marks(boxes("opacity"))) == without
