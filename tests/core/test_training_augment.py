"""What augmentation may change and what it may not, and the one import of torchvision."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from core.reading.model_card import InputSpec
from core.reading.preprocess import normalize
from core.training.augment import augment_batch, cut_out, draw_move, mix, move, resample, vary
from core.training.config_loop import AugmentConfig

SPEC = InputSpec(rows=64, columns=64, mean=0.5, std=0.25)
STILL = AugmentConfig(flip=0, rotation_degrees=0, translation=0, scale=(1, 1), aspect=0, blur=0, resample=0, sharpen=0,
                      brightness=0, contrast=0, gamma=0, noise=0, cutouts=0)


def varied(gray, config, side=None):
    """Gray 0-1 (N, rows, columns) of what comes out, each picture from its own seed."""
    x, _ = augment_batch(gray, config, SPEC, range(len(gray)), side)
    return (x * SPEC.std + SPEC.mean)[:, 0]


def noise_pictures(count=3):
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64), np.uint8)


def test_torchvision_loads_beside_this_torch_whether_or_not_its_library_does():
    code = "from core.training.torchvision_import import v2; print(v2.RandomAffine(3).__class__.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "RandomAffine", done.stderr


def test_a_batch_keeps_its_shape_and_its_range_and_the_seeds_decide():
    gray = noise_pictures()
    first, moves = augment_batch(gray, AugmentConfig(), SPEC, (1, 2, 3))
    second, _ = augment_batch(gray, AugmentConfig(), SPEC, (1, 2, 3))
    assert first.shape == (3, 1, 64, 64) and first.dtype == torch.float32 and moves.shape == (3, 2, 3)
    assert torch.equal(first, second)
    pictures = first * SPEC.std + SPEC.mean
    assert pictures.min() >= -1e-6 and pictures.max() <= 1 + 1e-6


def test_a_picture_is_varied_alike_wherever_it_is_in_a_batch():
    gray = noise_pictures()
    whole, _ = augment_batch(gray, AugmentConfig(), SPEC, (1, 2, 3))
    last, _ = augment_batch(gray[2:], AugmentConfig(), SPEC, (3,))
    assert torch.equal(whole[2:], last)


def test_pictures_can_come_out_smaller():
    assert varied(noise_pictures(), AugmentConfig(), (32, 48)).shape == (3, 32, 48)


def test_up_stays_up():
    gray = np.zeros((40, 64, 64), np.uint8)
    gray[:, :32] = 200
    middle = varied(gray, AugmentConfig(noise=0, cutouts=0))[:, :, 24:40]
    assert (middle[:, 12:26].mean((1, 2)) > middle[:, 40:54].mean((1, 2))).all()


def test_bright_stays_brighter_than_dark():
    gray = np.full((40, 64, 64), 60, np.uint8)
    gray[:, 22:42, 22:42] = 180
    changed = varied(gray, AugmentConfig(noise=0, cutouts=0))
    assert (changed[:, 28:36, 28:36].mean((1, 2)) > changed.mean((1, 2))).all()


def test_without_strength_nothing_changes_but_rounding():
    gray = noise_pictures(2)
    assert torch.allclose(varied(gray, STILL), torch.from_numpy(gray).float() / 255, atol=1e-4)


def test_equalized_inputs_of_training_are_those_of_a_reading():
    gray = noise_pictures(2) // 3
    even = SPEC.model_copy(update={"tone": "equalized"})
    fed, _ = augment_batch(gray, STILL, even, (0, 0))
    assert fed[:, 0].numpy().tobytes() == normalize(gray, even).tobytes()


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.9])
def test_aspect_changes_proportions_and_keeps_the_shape(amount):
    picture = torch.zeros(1, 65, 64)
    picture[:, 22:43, 22:42] = 1
    random = np.random.default_rng(1)
    ratios = []
    for _ in range(30):
        matrix = draw_move((65, 64), STILL.model_copy(update={"aspect": amount}), random)
        changed = move(picture, matrix)[0].numpy() > 0.5
        assert changed.shape == (65, 64)
        ratios.append(changed.any(0).sum() / changed.any(1).sum())
    assert 1 / (1 + amount) - 0.12 <= min(ratios) and max(ratios) <= 1 + amount + 0.12
    assert amount == 0 or max(ratios) > 1.1 > 0.9 > min(ratios)


def test_the_move_says_where_a_point_went():
    picture = torch.zeros(1, 65, 64)
    picture[:, 20:23, 40:43] = 1
    for seed in range(10):
        matrix = draw_move((65, 64), AugmentConfig(), np.random.default_rng(seed))
        weights = move(picture, matrix)[0].numpy().astype(float)
        rows, columns = np.mgrid[:65, :64]
        found = (weights * columns).sum() / weights.sum(), (weights * rows).sum() / weights.sum()
        assert matrix @ (41, 21, 1) == pytest.approx(found, abs=0.3)


def test_what_comes_in_goes_on_as_the_edge_where_that_is_asked():
    picture = torch.full((1, 64, 48), 0.75)
    matrix = np.array([[0.5, 0.0, 10.0], [0.0, 0.5, 20.0]])
    black, edge = move(picture, matrix), move(picture, matrix, goes_on=True)
    assert black.min() == 0 and torch.allclose(edge, picture)


@pytest.mark.parametrize("seed", range(4))
def test_the_edge_changes_nothing_within_the_picture(seed):
    picture = torch.from_numpy(noise_pictures(1)[:, :48] / 255.0)
    matrix = draw_move((48, 64), AugmentConfig(), np.random.default_rng(seed))
    within = move(torch.ones_like(picture), matrix) > 0.999
    assert within.float().mean() > 0.5
    assert torch.allclose(move(picture, matrix)[within], move(picture, matrix, goes_on=True)[within], atol=1e-4)


def test_a_smaller_copy_is_less_sharp():
    picture = torch.from_numpy(noise_pictures(1)) / 255
    assert resample(picture, (0.3, 0.3)).diff().abs().mean() < picture.diff().abs().mean()


def test_rows_and_columns_can_lose_their_sharpness_apart():
    picture = torch.from_numpy(noise_pictures(1)) / 255
    changed = resample(picture, (1.0, 0.3))
    assert changed.diff(dim=-1).abs().mean() < 0.5 * changed.diff(dim=-2).abs().mean()
    only = STILL.model_copy(update={"resample": 1.0, "resample_smallest": 0.3})
    for is_apart in (False, True):
        ratios = []
        for seed in range(30):
            varied, _ = vary(picture[0][None], only.model_copy(update={"resample_apart": is_apart}),
                             np.random.default_rng(seed), picture.shape[-2:])
            ratios.append(float(varied.diff(dim=-1).abs().mean() / varied.diff(dim=-2).abs().mean()))
        assert (max(ratios) > 1.3 and min(ratios) < 0.8) == is_apart


def test_cutouts_are_small():
    random = np.random.default_rng(0)
    for _ in range(20):
        changed = cut_out(torch.full((1, 64, 64), 2.0), AugmentConfig(cutouts=2), random)
        assert (changed != 2.0).float().mean() < 0.05


def test_half_of_a_batch_is_mixed_pictures_and_targets_alike_and_the_seed_decides():
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(8, 1, 4, 4)).astype(np.float32))
    targets = x[:, 0, 0, :2].clone()  # as if the target were a pixel of the picture
    mixed_x, mixed_targets, mixed = mix(x, targets, 0.4, 3)
    assert mixed.sum() == 4
    assert torch.equal(mixed_x[~mixed], x[~mixed])
    assert torch.equal(mixed_targets[~mixed], targets[~mixed])
    assert torch.allclose(mixed_x[:, 0, 0, :2], mixed_targets, atol=1e-6)
    assert torch.equal(mixed_x, mix(x, targets, 0.4, 3)[0])
    assert not torch.equal(mixed_x, mix(x, targets, 0.4, 4)[0])
    assert not torch.equal(mixed_x[mixed], x[mixed])


def test_a_target_that_one_of_two_pictures_lacks_is_none_of_their_mixture():
    targets = torch.tensor([[1.0, float("nan")]] * 4 + [[0.0, 1.0]] * 4)
    _, found, mixed = mix(torch.zeros(8, 1, 2, 2), targets, 0.4, 5)
    assert torch.isnan(found[mixed][:, 1]).sum() >= torch.isnan(targets[mixed][:, 1]).sum()
    assert not torch.isnan(found[:, 0]).any()
