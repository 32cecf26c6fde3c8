"""What a step minimizes."""

import math

import numpy as np
import pytest
import torch

from core.reading.model_card import InputSpec
from core.training.objective import BOX_MARGIN, box_loss, cells_inside, findings_loss, pair_loss
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


def test_a_map_inside_its_box_costs_nothing_and_one_outside_much():
    inside = torch.zeros(1, 7, 7, dtype=torch.bool)
    inside[0, 5, 1] = True
    good, bad = torch.zeros(1, 7, 7), torch.zeros(1, 7, 7)
    good[0, 5, 1], bad[0, 0, 0] = 40, 40
    assert box_loss(good, inside) < 1e-3 < 10 < box_loss(bad, inside)


def test_how_strong_a_map_is_does_not_matter_and_pictures_without_boxes_count_nothing():
    maps, inside = torch.randn(2, 7, 7), torch.zeros(2, 7, 7, dtype=torch.bool)
    assert box_loss(maps, inside) == 0
    inside[1, :3] = True
    assert box_loss(maps, inside) == pytest.approx(float(box_loss(maps + 5, inside)), abs=1e-5)
    assert box_loss(maps, inside) == pytest.approx(float(box_loss(maps[1:], inside[1:])) / 2, abs=1e-5)


@pytest.mark.parametrize("grid", [(7, 7), (5, 5)])
def test_cells_inside_are_those_that_look_into_the_box(grid):
    found = cells_inside(LOWER_LEFT, STILL, SPEC, grid)
    rows, columns = np.nonzero(found)
    assert found.any() and rows.min() >= grid[0] // 2 and columns.max() <= grid[1] // 2
    assert not cells_inside((), STILL, SPEC, grid).any()


def test_boxes_move_with_the_picture():
    assert cells_inside(LOWER_LEFT, MIRROR, SPEC, (7, 7))[:, 4:].any()
    assert not cells_inside(LOWER_LEFT, MIRROR, SPEC, (7, 7))[:, :3].any()
    shift = STILL + np.array([[0, 0, 1000], [0, 0, 0]])
    assert not cells_inside(LOWER_LEFT, shift, SPEC, (7, 7)).any()


def test_a_box_over_all_holds_all_cells():
    assert cells_inside((Box(-BOX_MARGIN, -BOX_MARGIN, 1.1, 1.1, ""),), STILL, SPEC, (7, 7)).all()
