"""What each row of a label table teaches beside its label, as a short mark: a run does not go on with another."""

import hashlib
import json
from collections.abc import Sequence

from core.training.balancing import groups_of
from core.training.config import TrainingConfig
from core.training.labels import LabelRow
from core.training.places import Marks, places_of
from core.training.questions import asked

MARK_LETTERS = 8


def teaching_of(rows: Sequence[LabelRow], config: TrainingConfig, marks: Marks) -> dict[str, str]:
    """Return path -> the mark: of the row's group, its answers to the questions, its boxes and its zones' scores.

    Of boxes and scores those that teach the network; others may be drawn meanwhile.
    """
    answers = [[row.label.value for row in asked(rows, question)] for question in config.questions]
    homes, places = groups_of(rows, config.groups).tolist(), places_of(rows, marks, config)
    found = {}
    for index, (row, home, own) in enumerate(zip(rows, homes, places, strict=True)):
        group = "" if home < 0 else config.groups[home].name
        content = json.dumps([group, [said[index] for said in answers], [place.numbers for place in own]])
        found[row.path] = hashlib.sha256(content.encode()).hexdigest()[:MARK_LETTERS]
    return found
