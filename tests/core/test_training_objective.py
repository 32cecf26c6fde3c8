"""What a step minimizes."""

import math

import numpy as np
import pytest
import torch

from core.reading.model_card import InputSpec, Zones
from core.training.objective import (
    PLACE_TEMPERATURE,
    findings_loss,
    pair_loss,
    place_loss,
    places_moved,
)
from core.training.places import BOX_MARGIN, InBoxes, InZone
from core.training.pointing import Box

NAN, SPEC = float("nan"), InputSpec(rows=224, columns=224, mean=0.5, std=0.5)
STILL = np.array([[1.0, 0, 0], [0, 1.0, 0]])
MIRROR = np.array([[-1.0, 0, 223], [0, 1.0, 0]])
LOWER_LEFT = (Box(0.05, 0.6, 0.3, 0.3, "opacity"),)


def test_what_is_not_asked_has_no_gradient():
    logits = torch.zeros(2, 2, requires_grad=True)
    loss = findings_loss(logits, torch.tensor([[1.0, NAN], [0.0, 1.0]]), torch.tensor([1.0, 2.0]), 0.0)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(math.log(2) * (1 + 2 / 2))
    assert logits.grad[0, 1] == 0 and logits.grad[1, 1] == pytest.approx(-0.5)


def test_smoothing_draws_targets_to_the_middle():
    logits = torch.tensor([[40.0]])
    assert findings_loss(logits, torch.tensor([[1.0]]), torch.ones(1), 0.2) == pytest.approx(4.0)


def test_views_that_agree_cost_nothing_and_one_far_off_no_more_than_it_is_off():
    first = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    assert pair_loss(first, first) == 0
    assert pair_loss(first, first + 1) == pytest.approx(0.5) and pair_loss(first, first + 10) == pytest.approx(9.5)


def one_place_loss(maps, inside, weight=1.0):
    return float(place_loss(maps, inside[:, None].float(), torch.full((len(maps), 1), weight)))


def test_a_map_inside_its_box_costs_nothing_and_one_outside_much():
    inside = torch.zeros(1, 7, 7, dtype=torch.bool)
    inside[0, 5, 1] = True
    good, bad = torch.zeros(1, 7, 7), torch.zeros(1, 7, 7)
    good[0, 5, 1], bad[0, 0, 0] = 40, 40
    assert one_place_loss(good, inside) < 1e-3 < 10 < one_place_loss(bad, inside)


def test_how_strong_a_map_is_does_not_matter_and_pictures_without_boxes_count_nothing():
    maps, inside = torch.randn(2, 7, 7), torch.zeros(2, 7, 7, dtype=torch.bool)
    assert one_place_loss(maps, inside) == 0
    inside[1, :3] = True
    found = one_place_loss(maps, inside)
    assert found == pytest.approx(one_place_loss(maps + 5, inside), abs=1e-5)
    assert found == pytest.approx(one_place_loss(maps[1:], inside[1:]) / 2, abs=1e-5)
    assert found == pytest.approx(one_place_loss(maps, inside, 0.25) * 4, abs=1e-5)


def test_over_zones_a_map_that_lies_as_they_were_scored_costs_least():
    shares = (0.5, 0.2, 0.0, 0.3, 0.0, 0.0)
    zones = Zones(softness=0.02)
    places = tuple(InZone(zone, zones, share) for zone, share in enumerate(shares) if share)
    inside, weights = places_moved([places, ()], [STILL, STILL], SPEC, (7, 7))
    assert inside.shape == (2, 3, 7, 7) and weights.sum(1).tolist() == [1, 0]
    maps = torch.zeros(2, 7, 7, requires_grad=True)
    optimizer = torch.optim.Adam([maps], lr=0.3)
    for _ in range(300):
        optimizer.zero_grad()
        place_loss(maps, torch.from_numpy(inside), torch.from_numpy(weights)).backward()
        optimizer.step()
    part = torch.softmax(maps[0].detach().flatten() / PLACE_TEMPERATURE, 0).reshape(7, 7)
    found = [float((part * torch.from_numpy(own)).sum()) for own in inside[0]]
    assert found == pytest.approx([0.5, 0.2, 0.3], abs=0.03) and maps[1].detach().abs().sum() == 0


def cells_inside(boxes, matrix, grid):
    ((inside,),), _ = places_moved([(InBoxes(boxes, 1.0),)], [matrix], SPEC, grid)
    return inside


@pytest.mark.parametrize("grid", [(7, 7), (5, 5)])
def test_cells_inside_are_those_that_look_into_the_box(grid):
    found = cells_inside(LOWER_LEFT, STILL, grid)
    rows, columns = np.nonzero(found)
    assert found.any() and rows.min() >= grid[0] // 2 and columns.max() <= grid[1] // 2
    assert not cells_inside((), STILL, grid).any()


def test_boxes_move_with_the_picture():
    assert cells_inside(LOWER_LEFT, MIRROR, (7, 7))[:, 4:].any()
    assert not cells_inside(LOWER_LEFT, MIRROR, (7, 7))[:, :3].any()
    shift = STILL + np.array([[0, 0, 1000], [0, 0, 0]])
    assert not cells_inside(LOWER_LEFT, shift, (7, 7)).any()


def test_a_box_over_all_holds_all_cells():
    assert cells_inside((Box(-BOX_MARGIN, -BOX_MARGIN, 1.1, 1.1, ""),), STILL, (7, 7)).all()


def test_zones_share_each_cell_and_move_with_the_picture():
    places = tuple(InZone(zone, Zones(), 1.0) for zone in range(6))
    (still, mirrored), _ = places_moved([places, places], [STILL, MIRROR], SPEC, (7, 7))
    assert still.sum(0) == pytest.approx(np.ones((7, 7)), abs=0.02) == mirrored.sum(0)
    assert still[0, 0, 0] > 0.9 and mirrored[0, 0, 6] > 0.9 and still[5, 6, 6] > 0.9
