"""Cross-validation: one run a fold, and each picture predicted by a model that never saw its patient or source.

The folder holds plan.json (configuration and folds asked for), folds.csv (the split), one run folder for each fold
with its model, and predictions.csv with the out-of-fold predictions of all folds that are done.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from core.reading.model_card import ModelCard
from core.reading.network import Network
from core.reading.read_image import choose_device
from core.training.balancing import usable_rows
from core.training.checkpoint import State
from core.training.config import TrainingConfig
from core.training.dataset import Inputs
from core.training.fold_plan import Plan, open_plan, write_folds
from core.training.folds import Fold, part_of_group
from core.training.labels import TEST_SPLIT, LabelRow, read_labels, table_path
from core.training.loop import train
from core.training.places import Marks, kinds_taught, read_marks
from core.training.predict import (
    PREDICTIONS_NAME,
    Prediction,
    predict_logits,
    prediction,
    read_predictions,
    write_predictions,
)
from core.training.processes import first_then_others, is_first
from core.training.run import (
    INPUTS_NAME,
    SPLIT_NAME,
    calibrate,
    check_calibration,
    check_readable,
    check_split,
    divide,
    inputs_of,
    loop_data,
    open_run,
    readable_rows,
    split_of,
    tell_ungrouped,
)
from core.training.save_model import save_model
from core.training.unlabelled import candidates

Say = Callable[[str], None]
REMEDY = "take other folds or sources, let other groups calibrate, or raise held_out, in another folder"


def crossvalidate(
    config: TrainingConfig, plan: Plan, data: Path, folder: Path, resume: bool = False, cache: Path | None = None,
    say: Say = print, only: Sequence[str] = (),
) -> tuple[tuple[LabelRow, ...], tuple[Prediction, ...]]:
    """Train and predict fold by fold; return the table's rows and the out-of-fold predictions.

    A fold that is done is not done again; one that was cut off goes on from its checkpoint. The inputs of all folds
    are one cache, in the folder `cache` or in the cross-validation's own. With `only` the other folds are left to other
    calls, and predictions are those of the folds that are done. Raises OSError, FileExistsError where a
    cross-validation is there and `resume` is False, FileNotFoundError where none is there and it is True, and
    ValueError for another configuration or plan, a damaged table, a leak, an unknown fold or source of tests, or a fold
    that learns nothing.
    """
    rows = read_labels(data, config.labels, config.stated_ages)
    if unknown := set(plan.with_tests) - {row.source for row in rows if row.split == TEST_SPLIT}:
        raise ValueError(f"no test row is of the source {', '.join(sorted(unknown))}")
    usable = usable_rows(rows, config, plan.with_tests)
    folds = plan.of(usable, config)
    if no_folds := set(only) - {fold.name for fold in folds}:
        raise ValueError(f"no fold {', '.join(sorted(no_folds))}; there are: {', '.join(fold.name for fold in folds)}")

    def opened() -> tuple[Inputs, dict[str, dict[str, str]]]:
        open_plan(folder, config, plan, resume or not is_first())
        write_folds(folder, folds)
        tell_ungrouped(rows, config)
        inputs = inputs_of(table_path(data).parent, (*usable, *candidates(rows, config)), config,
                           cache or folder / INPUTS_NAME)
        parts: dict[str, dict[str, str]] = {}
        for fold in folds:  # all of them now: the last one would fail when the others have taken their hours
            with _named(fold):
                parts[fold.name] = open_fold(config, fold, rows, seen_by(fold), inputs, marks, folder / fold.folder,
                                             is_wanted=not only or fold.name in only)
        return inputs, parts

    def seen_by(fold: Fold) -> Sequence[LabelRow]:
        return part_of_group(fold.seen(usable), config.groups, plan.part_of, plan.part, config.seed)

    marks = read_marks(table_path(data).parent, rows, config)  # which may be damaged: before anything takes hours
    inputs, parts = first_then_others(opened)
    for number, fold in enumerate(folds, start=1):
        if only and fold.name not in only:
            continue
        if is_first():
            say(f"fold {fold.name} ({number} of {len(folds)}): predicts {len(fold.predicted)} pictures")
        with _named(fold):
            run_fold(config, fold, rows, seen_by(fold), parts[fold.name], inputs, marks, folder / fold.folder)
        if is_first():
            write_predictions(folder / PREDICTIONS_NAME, _predicted(folder, folds))
    return rows, _predicted(folder, folds)


@contextmanager
def _named(fold: Fold) -> Iterator[None]:
    """Say in an error which fold it is about."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"fold {fold.name}: {error}") from error


def open_fold(
    config: TrainingConfig, fold: Fold, rows: Sequence[LabelRow], seen: Sequence[LabelRow], inputs: Inputs,
    marks: Marks, run: Path, is_wanted: bool,
) -> dict[str, str]:
    """Return path -> part of a fold's run, which may see `seen`; nothing of one that is done or not wanted here.

    Raises ValueError where it learned, or would learn, from another table, and where it cannot be calibrated.
    """
    if (run / PREDICTIONS_NAME).is_file() or not is_wanted:
        if (run / SPLIT_NAME).is_file():
            check_readable(run, split_of(run, rows, seen, config, marks), inputs)
        return {}
    if all(row.path in inputs.refused for row in fold.predicted):
        raise ValueError("none of the pictures that it predicts could be read")
    open_run(run, config, resume=True)
    parts = split_of(run, rows, seen, config, marks)
    check_readable(run, parts, inputs)
    check_split(rows, seen, parts, config, fold.predicted)
    trained, held_out, _ = readable_rows(rows, seen, parts, inputs)
    check_calibration(config, trained, held_out, REMEDY)
    return parts


def _predicted(folder: Path, folds: Sequence[Fold]) -> tuple[Prediction, ...]:
    """Return what all folds have predicted that are done by now, here or in another call."""
    files = [folder / fold.folder / PREDICTIONS_NAME for fold in folds]
    return tuple(one for file in files if file.is_file() for one in read_predictions(file))


def run_fold(
    config: TrainingConfig, fold: Fold, rows: Sequence[LabelRow], seen: Sequence[LabelRow], parts: Mapping[str, str],
    inputs: Inputs, marks: Marks, run: Path,
) -> tuple[Prediction, ...]:
    """Do one fold in its run folder, or read what it predicted when it was done before; `parts` are `open_fold`'s.

    Raises as `crossvalidate`.
    """
    done = run / PREDICTIONS_NAME

    def predicted() -> tuple[Prediction, ...]:
        if not done.is_file():
            calibrations = calibrate(config, prepared, state)
            named = config.model_copy(update={"name": f"{config.name}, fold {fold.name}"})
            card = save_model(run / "model", named, state, calibrations, prepared.held_out.gray,
                              has_places=bool(kinds_taught(trained.places)))
            write_predictions(done, predict_fold(config, card, fold, inputs, state))
        return read_predictions(done)

    if done.is_file():
        return read_predictions(done)
    prepared = divide(rows, seen, parts, inputs, marks)
    trained, watched = loop_data(config, prepared)
    state = train(config, trained, watched, run)
    return first_then_others(predicted)


def predict_fold(
    config: TrainingConfig, card: ModelCard, fold: Fold, inputs: Inputs, state: State
) -> tuple[Prediction, ...]:
    """Return what the fold's model says of the pictures that it predicts; those that do not open are left out."""
    rows = [row for row in fold.predicted if row.path not in inputs.refused]
    device = choose_device()
    network = Network(len(card.findings), card.architecture)
    network.load_state_dict(state)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    logits = predict_logits(network, inputs.of(rows).gray, config.input, device)
    found = []
    for index, spec in enumerate(card.findings):
        found += [
            prediction(row, spec, fold.name, logit)
            for row, logit in zip(rows, np.asarray(logits[:, index], np.float64).tolist(), strict=True)
        ]
    return tuple(found)
