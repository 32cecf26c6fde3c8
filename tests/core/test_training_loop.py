"""The loop's own parts: seeds, schedules, accumulation, determinism, and a loss that is no number."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.reading.network import Network
from core.training.alignment import Alignment, Kinds
from core.training.balancing import Balance, draw
from core.training.config_loop import LoopConfig
from core.training.config_part import WRITTEN
from core.training.loop import Stepper, Trained, Watched, dealt, pairs, side_of, step_seed, train
from core.training.places import InBoxes
from core.training.pointing import Box
from core.training.schedule import learning_rate
from core.training.start_weights import load_imagenet
from tests.make.training import SIZE, draw_chest, made_config


@pytest.fixture
def parts():
    """Eight drawn chests to learn from, which are watched as well."""
    gray = np.stack([draw_chest(seed, seed % 2 == 1)[4:68, 8:72] for seed in range(8)])
    assert gray.shape[1:] == (SIZE, SIZE)
    positive = np.arange(8) % 2 == 1
    targets = positive.astype(np.float32)[:, None]
    drawn = Balance(np.full(8, 1 / 8), positive.astype(np.float64), positive.astype(np.intp))
    trained = Trained(gray, drawn, targets, ((),) * 8, Kinds(np.arange(8) % 4, np.arange(4) % 2))
    return trained, Watched(gray, positive, {"all": np.ones(8, bool)}, ())


def weights_after(parts, folder, stop_after=None, **loop):
    folder.mkdir()
    return train(made_config(**loop), *parts, folder, stop_after)


def second_gradient(trained, **loop):
    """Return what the second step goes by: AdamW's own steps are nearly as long where a gradient is only rounding."""
    config = made_config(**{"dropout": 0.0, "drop_path": 0.0, "mixed_precision": "never", **loop})
    torch.manual_seed(config.seed)
    torch.set_num_threads(1)
    network, device = Network(1), torch.device("cpu")
    load_imagenet(network, config.architecture)  # at random it says the same of all pictures
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    stepper = Stepper(config, trained, network, optimizer, Alignment(trained.kinds, device), device)
    stepper.step(0)
    stepper.step(1)
    return torch.cat([value.grad.double().flatten() for value in network.parameters() if value.grad is not None])


def largest_difference(one, other):
    return max(float((one[name].double() - other[name].double()).abs().max()) for name in one)


def test_a_batch_in_parts_gives_the_step_of_the_whole_batch(parts, monkeypatch):
    # with batch statistics of their own the parts would be normalized otherwise: here the stored ones are used
    monkeypatch.setattr(nn.BatchNorm2d, "train", lambda self, mode=True: nn.Module.train(self, False))
    whole, in_parts, other, apart = (second_gradient(parts[0], **{"batch": 8, "align_weight": 5.0, **change})
                                     for change in ({}, {"accumulate": 4}, {"batch": 4}, {"align_weight": 0.0}))
    size = whole.norm()
    assert (in_parts - whole).norm() < 0.001 * size
    assert min((other - whole).norm(), (apart - whole).norm()) > 0.1 * size


@pytest.mark.parametrize("count", [1, 2, 4])
def test_each_part_of_a_batch_has_pictures_of_both_classes(parts, count):
    drawn = parts[0].balance
    for step in range(20):
        batch = draw(drawn, 8, seed=0, step=step)
        places = dealt(8, count)
        assert sorted(np.concatenate(places).tolist()) == list(range(8))
        assert all(0 < drawn.target[batch[part]].mean() < 1 for part in places)


def test_a_deterministic_run_gives_the_same_weights_again_and_leaves_torch_as_it_was(parts, tmp_path):
    first, second = (weights_after(parts, tmp_path / name, deterministic=True) for name in "ab")
    assert largest_difference(first, second) == 0
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_batch_that_cannot_be_divided_evenly_is_an_error(parts, tmp_path):
    with pytest.raises(ValueError, match="batch of 4 cannot be divided into 3 parts"):
        weights_after(parts, tmp_path / "run", batch=4, accumulate=3)


def test_a_loss_that_is_no_number_ends_the_run_with_advice(parts, tmp_path):
    with pytest.raises(ValueError, match="learning_rate"):
        weights_after(parts, tmp_path / "run", steps=6, evaluate_every=6, learning_rate=1e30, clip_norm=1e30)


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_the_rate_warms_up_and_falls_to_nothing(schedule):
    loop = made_config(steps=100, warmup_steps=10, learning_rate=0.5, schedule=schedule).loop
    rates = [learning_rate(loop, step) for step in range(100)]
    assert max(rates) == rates[9] == rates[10] == 0.5
    assert rates[0] == pytest.approx(0.05) and rates[-1] < 0.01
    assert rates[:10] == sorted(rates[:10]) and rates[10:] == sorted(rates[10:], reverse=True)


def test_a_restart_begins_a_second_lower_course():
    loop = made_config(steps=100, warmup_steps=10, learning_rate=0.5, restarts=((0.6, 0.4),)).loop
    rates = [learning_rate(loop, step) for step in range(100)]
    assert rates[10] == 0.5 and rates[59] < 0.01 and rates[60] == pytest.approx(0.2) and rates[99] < 0.01
    assert rates[60:] == sorted(rates[60:], reverse=True)
    plain = made_config(steps=60, warmup_steps=10, learning_rate=0.5).loop
    assert rates[:60] == [learning_rate(plain, step) for step in range(60)]


def test_of_several_restarts_each_begins_a_course_that_goes_to_the_next():
    loop = made_config(steps=100, warmup_steps=10, learning_rate=0.5, restarts=((0.5, 0.6), (0.8, 0.4))).loop
    rates = [learning_rate(loop, step) for step in range(100)]
    assert [rates[step] for step in (10, 50, 80)] == pytest.approx([0.5, 0.3, 0.2])
    assert max(rates[step] for step in (49, 79, 99)) < 0.01


@pytest.mark.parametrize("restarts", [
    ((0.0, 0.5),), ((1.0, 0.5),), ((0.6, 0.5), (0.4, 0.5)), ((0.6, 0.0),), ((0.6, 1.5),)])
def test_restarts_that_cannot_be_are_refused(restarts):
    with pytest.raises(ValueError, match="restart"):
        made_config(restarts=restarts)


def test_what_a_run_wrote_of_one_restart_is_read():
    for part, restarts in ((0.6, ((0.6, 0.4),)), (0.0, ())):
        written = {"steps": 100, "restart_at": part, "restart_factor": 0.4}
        assert LoopConfig.model_validate(written, context=WRITTEN).restarts == restarts
        with pytest.raises(ValueError, match="restart_at"):
            LoopConfig.model_validate(written)


def test_the_rate_stays_or_falls_in_steps():
    constant = made_config(steps=100, warmup_steps=1, learning_rate=0.5, schedule="constant").loop
    assert {learning_rate(constant, step) for step in range(100)} == {0.5}
    falling = made_config(steps=100, warmup_steps=1, learning_rate=0.5, schedule="steps", decay_at=(0.5, 0.9)).loop
    rates = [learning_rate(falling, step) for step in (49, 50, 89, 90)]
    assert rates == pytest.approx([0.5, 0.05, 0.05, 0.005])


def test_steps_and_runs_and_parts_of_steps_have_seeds_of_their_own():
    seeds = [step_seed(seed, step) for seed in range(10) for step in range(100)]
    parts = [step_seed(seed, step, kind, part) for seed in range(3) for step in range(9) for kind in (1, 2)
             for part in range(8)]
    assert len({*seeds, *parts}) == len(seeds) + len(parts)


def test_pictures_are_smaller_at_first_in_whole_cells():
    config = made_config(steps=10, smaller_until=0.5, smaller_side=0.5)
    assert [side_of(config, step) for step in (0, 4, 5, 9)] == [(32, 32)] * 2 + [(SIZE, SIZE)] * 2


def test_frozen_blocks_stay_as_they_started(parts, tmp_path):
    first = weights_after(parts, tmp_path / "a", frozen_blocks=2, steps=1, evaluate_every=1)
    last = weights_after(parts, tmp_path / "b", frozen_blocks=2, steps=3, evaluate_every=3)
    frozen = [name for name in first if name.startswith(("stem.", "blocks.0.", "blocks.1."))]
    assert frozen and all(torch.equal(first[name], last[name]) for name in frozen)
    assert not torch.equal(first["blocks.2.layers.0.weight"], last["blocks.2.layers.0.weight"])


def test_places_count_in_the_loss(parts, tmp_path):
    trained, watched = parts
    corner = replace(trained, places=((InBoxes((Box(0.2, 0.2, 0.6, 0.6, "here"),), 1.0),),) * 8)
    losses = []
    for name, data in (("with", corner), ("without", trained)):
        (tmp_path / name).mkdir()
        train(made_config(steps=1, evaluate_every=1), data, watched, tmp_path / name)
        losses.append(json.loads((tmp_path / name / "log.jsonl").read_text().splitlines()[0])["loss"])
    assert losses[0] > losses[1] + 0.05


def test_mixing_pictures_takes_other_steps_and_the_same_ones_again(parts, tmp_path):
    plain, mixed, again = (
        weights_after(parts, tmp_path / name, deterministic=True, mixup=strength)
        for name, strength in (("plain", 0.0), ("mixed", 0.4), ("again", 0.4))
    )
    assert largest_difference(mixed, again) == 0 < largest_difference(plain, mixed)


def test_second_views_are_of_pictures_drawn_and_the_seed_decides():
    first, second = pairs(32, 0.25, 5)
    assert len(first) == len(second) == 8 and len(set(first) | set(second)) == 16
    assert all(np.array_equal(one, other) for one, other in zip((first, second), pairs(32, 0.25, 5), strict=True))
    assert not np.array_equal(first, pairs(32, 0.25, 6)[0])
    assert pairs(32, 0.0, 5)[0].size == 0


@pytest.mark.parametrize("count, part, number", [
    (2, 0.25, 1), (3, 0.25, 1), (3, 0.5, 1), (2, 0.01, 1), (7, 0.25, 1), (8, 0.25, 2), (1, 0.5, 0), (3, 0.0, 0)])
def test_of_a_small_part_of_a_batch_one_picture_is_seen_twice(count, part, number):
    first, second = pairs(count, part, 5)
    assert len(first) == len(second) == number and len({*first, *second}) == 2 * number


def test_second_views_are_seen_however_the_batch_is_divided(parts, tmp_path):
    losses = []
    for weight in (1000.0, 0.0):
        weights_after(parts, tmp_path / str(weight), steps=1, evaluate_every=1, batch=8, accumulate=4, paired=0.25,
                      pair_weight=weight)
        losses.append(json.loads((tmp_path / str(weight) / "log.jsonl").read_text().splitlines()[0])["loss"])
    assert losses[0] > losses[1]


def test_views_that_do_not_agree_count_in_the_loss(parts, tmp_path):
    losses = []
    for weight in (1000.0, 0.0):
        weights_after(parts, tmp_path / str(weight), steps=1, evaluate_every=1, paired=0.5, pair_weight=weight)
        losses.append(json.loads((tmp_path / str(weight) / "log.jsonl").read_text().splitlines()[0])["loss"])
    assert losses[0] > losses[1]


def test_means_that_are_drawn_together_give_other_steps(parts, tmp_path):
    plain, drawn = (weights_after(parts, tmp_path / str(weight), deterministic=True, steps=3, align_weight=weight)
                    for weight in (0.0, 5.0))
    assert largest_difference(plain, drawn) > 0


def test_means_are_drawn_together_from_where_the_configuration_says(parts, tmp_path):
    late = {"steps": 4, "deterministic": True, "align_weight": 5.0, "align_from": 0.5, "evaluate_every": 2}
    plain, drawn = (weights_after(parts, tmp_path / name, stop_after=stop, **{**late, "align_weight": weight})
                    for name, stop, weight in (("plain", 2, 0.0), ("drawn", 2, 5.0)))
    assert largest_difference(plain, drawn) == 0
    plain, drawn = (weights_after(parts, tmp_path / str(weight), **{**late, "align_weight": weight})
                    for weight in (0.0, 5.0))
    assert largest_difference(plain, drawn) > 0


def test_mixed_pictures_are_no_second_views():
    with pytest.raises(ValueError, match="exclude each other"):
        made_config(mixup=0.3, paired=0.25)
