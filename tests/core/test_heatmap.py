"""A region's share of a score is an exact sum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.findings.finding import Finding
from core.imaging.placement import Placement
from core.imaging.region import Region, Shape
from core.reading.heatmap import share_of_region
from core.reading.read_image import place_grid


def rectangle(left: float, top: float, right: float, bottom: float) -> Region:
    return Region(left, top, right, bottom, Shape.RECTANGLE)


RNG = np.random.default_rng(5)


def made(evidence, constant: float = -1.5) -> Finding:
    evidence = np.asarray(evidence, np.float32)
    logit = float(evidence.mean(dtype=np.float64)) + constant
    return Finding("Opacity", 0.5, 0.5, logit, constant, evidence, 4.0)


def placed(columns: int, rows: int, side: int = 224) -> Placement:
    return place_grid(Placement((columns, rows), (side, side), (side / columns, side / rows), (0.0, 0.0)), 7, 7)


@settings(max_examples=30, deadline=None)
@given(x=st.integers(0, 120), y=st.integers(0, 90), width=st.integers(1, 80), height=st.integers(1, 60))
def test_inside_outside_and_constant_add_up_to_the_logit(x, y, width, height):
    finding, placement = made(RNG.normal(size=(7, 7))), placed(150, 110)
    share = share_of_region(finding, placement, rectangle(x, y, x + width, y + height))
    assert share.inside + share.outside + share.constant == pytest.approx(finding.logit, abs=1e-9)


def test_two_halves_share_the_whole():
    finding, placement = made(RNG.uniform(0, 3, (7, 7))), placed(150, 110)
    parts = [share_of_region(finding, placement, rectangle(*box)) for box in ((0, 0, 60, 110), (60, 0, 150, 110))]
    assert sum(part.inside for part in parts) == pytest.approx(float(finding.evidence.mean()), rel=1e-5)
    assert sum(part.fraction for part in parts) == pytest.approx(1, rel=1e-5)


def test_a_region_over_the_only_hot_cell_holds_all_of_the_score():
    evidence = np.zeros((7, 7))
    evidence[3, 4] = 9.8
    finding, placement = made(evidence), placed(150, 110)
    left, right = placement.cell_edges(0)[4:6]
    top, bottom = placement.cell_edges(1)[3:5]
    around = rectangle(left - 2, top - 2, right + 2, bottom + 2)
    share = share_of_region(finding, placement, around)
    assert share.inside == pytest.approx(0.2, rel=1e-5) and share.text == "100 % of the score"


def test_parts_of_opposite_sign_make_no_percentage():
    evidence = np.full((7, 7), 1.0)
    evidence[:, :2] = -1.0
    share = share_of_region(made(evidence), placed(150, 110), rectangle(0, 0, 20, 110))
    assert share.fraction is None and "logits" in share.text
