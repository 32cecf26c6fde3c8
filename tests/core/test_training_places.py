"""Where the map of the first finding should lie."""

from dataclasses import replace

import numpy as np
import pytest

from core.training.labels import read_labels
from core.training.places import Marks, kinds_taught, places_of, read_marks
from tests.make.extent import make_zones, zones_teach
from tests.make.training import make_table

CONFIG = zones_teach(box_weight=0.2).model_copy(update={"boxes": ("whole",)})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_zones(make_table(tmp_path_factory.mktemp("table") / "set"))


@pytest.fixture(scope="module")
def rows(table):
    return read_labels(table, CONFIG.labels)


def test_boxes_are_one_place_and_zones_share_their_weight_as_they_were_scored(rows):
    ill = next(row for row in rows if row.is_positive)
    healthy = next(row for row in rows if row.is_known and not row.is_positive)
    scores = np.array([3.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    marks = Marks({}, {ill.path: scores, healthy.path: scores})
    ((upper, lower), none) = places_of([ill, healthy], marks, CONFIG)
    assert none == () and (upper.weight, lower.weight) == (0.375, 0.125)
    assert (upper.zone, lower.zone) == (0, 2)
    assert places_of([ill], Marks({}, {ill.path: scores * 0}), CONFIG) == ((),)
    assert places_of([replace(ill, path="another")], marks, CONFIG) == ((),)


def test_what_readers_marked_is_read_where_it_counts(table, rows):
    marks = read_marks(table, rows, CONFIG)
    places = places_of(rows, marks, CONFIG)
    assert kinds_taught(places) == {"boxes", "zones"}
    ill = next(index for index, row in enumerate(rows) if row.is_positive and row.path in marks.boxes)
    assert sum(place.weight for place in places[ill] if place.kind == "zones") == pytest.approx(0.5)
    loop = CONFIG.loop.model_copy(update={"zone_weight": 0.0})
    unweighted = CONFIG.model_copy(update={"loop": loop})
    assert not read_marks(table, rows, unweighted).zones
    assert kinds_taught(places_of(rows, read_marks(table, rows, unweighted), unweighted)) == {"boxes"}
