"""What augmentation may change and what it may not, and the one import of torchvision."""

import subprocess
import sys

import pytest
import torch

from core.reading.model_card import InputSpec
from core.training.augment import RandomAspect, RandomCutouts, RandomResample, augment_batch, build_augmentation
from core.training.config import AugmentConfig

SPEC = InputSpec(rows=64, columns=64, mean=0.5, std=0.25)


def gray_of(x):
    return x * SPEC.std + SPEC.mean


def test_torchvision_loads_beside_this_torch_whether_or_not_its_library_does():
    code = "from core.training.torchvision_import import v2; print(v2.RandomAffine(3).__class__.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "RandomAffine", done.stderr


def augmented(gray, config):
    return augment_batch(gray, build_augmentation(config, SPEC), SPEC, range(len(gray)))


def test_a_batch_keeps_its_shape_and_its_range_and_each_pictures_seed_decides():
    gray = torch.randint(0, 256, (3, 64, 64), dtype=torch.uint8)
    first = augmented(gray, AugmentConfig())
    assert first.shape == (3, 1, 64, 64) and first.dtype == torch.float32
    parts = [augment_batch(gray[n:n + 1], build_augmentation(AugmentConfig(), SPEC), SPEC, [n]) for n in range(3)]
    assert torch.equal(first, torch.cat(parts))
    other = augment_batch(gray, build_augmentation(AugmentConfig(), SPEC), SPEC, [3, 4, 5])
    assert not torch.equal(first, other)
    assert gray_of(first).min() >= -1e-6 and gray_of(first).max() <= 1 + 1e-6


def test_augmentation_leaves_the_number_of_threads():
    before = torch.get_num_threads()
    augmented(torch.zeros((1, 64, 64), dtype=torch.uint8), AugmentConfig())
    assert torch.get_num_threads() == before


def test_up_stays_up():
    gray = torch.zeros((40, 64, 64), dtype=torch.uint8)
    gray[:, :32] = 200
    varied = gray_of(augmented(gray, AugmentConfig(noise=0, cutouts=0)))[:, 0]
    middle = varied[:, :, 24:40]
    assert (middle[:, 12:26].mean((1, 2)) > middle[:, 40:54].mean((1, 2))).all()


def test_bright_stays_brighter_than_dark():
    gray = torch.full((40, 64, 64), 60, dtype=torch.uint8)
    gray[:, 22:42, 22:42] = 180
    varied = gray_of(augmented(gray, AugmentConfig(noise=0, cutouts=0)))[:, 0]
    assert (varied[:, 28:36, 28:36].mean((1, 2)) > varied.mean((1, 2))).all()


def test_without_strength_nothing_changes_but_rounding():
    still = AugmentConfig(flip=0, rotation_degrees=0, translation=0, scale=(1, 1), aspect=0, blur=0, resample=0,
                          sharpen=0, brightness=0, contrast=0, gamma=0, noise=0, cutouts=0)
    gray = torch.randint(0, 256, (2, 64, 64), dtype=torch.uint8)
    same = gray_of(augmented(gray, still))[:, 0]
    assert torch.allclose(same, gray.float() / 255, atol=1e-4)


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.9])
def test_aspect_changes_proportions_and_keeps_the_shape(amount):
    picture = torch.zeros((1, 65, 64))
    picture[:, 22:43, 22:42] = 1
    torch.manual_seed(1)
    ratios = []
    for _ in range(30):
        changed = RandomAspect(amount)(picture)
        assert changed.shape == picture.shape
        ratios.append(float((changed.sum(1) > 0.5).sum() / (changed.sum(2) > 0.5).sum()))
    assert 1 / (1 + amount) - 0.12 <= min(ratios) and max(ratios) <= 1 + amount + 0.12
    assert amount == 0 or max(ratios) > 1.1 > 0.9 > min(ratios)


def test_a_smaller_copy_is_less_sharp():
    picture = torch.rand((1, 64, 64))
    torch.manual_seed(0)
    assert RandomResample(0.3)(picture).diff(dim=2).abs().mean() < picture.diff(dim=2).abs().mean()


def test_cutouts_are_small():
    torch.manual_seed(0)
    for _ in range(20):
        changed = RandomCutouts(2, (0.002, 0.02))(torch.full((1, 64, 64), 2.0))
        assert (changed != 2.0).float().mean() < 0.05
