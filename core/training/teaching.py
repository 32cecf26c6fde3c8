"""What each row of a label table teaches beside its label, as a short mark: a run does not go on with another."""

import hashlib
import json
from collections.abc import Sequence

from core.training.balancing import groups_of
from core.training.config import TrainingConfig
from core.training.labels import LabelRow
from core.training.places import Marks
from core.training.pointing import named
from core.training.questions import asked

MARK_LETTERS = 8


def teaching_of(rows: Sequence[LabelRow], config: TrainingConfig, marks: Marks) -> dict[str, str]:
    """Return path -> the mark: of the row's group, its answers to the questions, its boxes and its zones' scores.

    Of boxes and scores those that teach the network; others may be drawn meanwhile.
    """
    answers = [[row.label.value for row in asked(rows, question)] for question in config.questions]
    found = {}
    for place, (row, home) in enumerate(zip(rows, groups_of(rows, config.groups).tolist(), strict=True)):
        teaches_place = row.is_positive and config.loop.box_weight
        boxes = named(marks.boxes.get(row.path, ()), config.boxes) if teaches_place else ()
        zones = marks.zones.get(row.path) if row.is_positive else None
        content = json.dumps([
            "" if home < 0 else config.groups[home].name, [own[place] for own in answers],
            [[box.x, box.y, box.width, box.height] for box in boxes], [] if zones is None else zones.tolist(),
        ])
        found[row.path] = hashlib.sha256(content.encode()).hexdigest()[:MARK_LETTERS]
    return found
