"""One training run in its folder: configuration, split, inputs, training, and in the end a model folder."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.files import write_atomically
from core.reading.model_card import CARD_NAME
from core.reading.network import Network
from core.reading.read_image import choose_device, load_model
from core.refusal import Refusal
from core.training.alignment import kinds_of
from core.training.balancing import balance, dealt_anew, groups_of, usable_rows
from core.training.calibrating import Answered, fit_all, no_maps, out_of_fold
from core.training.checkpoint import BEST_NAME, CHECKPOINT_NAME, State
from core.training.config import Report, TrainingConfig, learns_alike
from core.training.config_part import Part, read_written
from core.training.crossfit import cross_fitted_results
from core.training.dataset import Inputs, cached_inputs
from core.training.evaluation import (
    NO_SOURCE,
    Evaluation,
    ReportResult,
    default_reports,
    rows_of,
)
from core.training.extent import add_extent, with_test
from core.training.fit_calibration import Calibration, uncalibrated
from core.training.fold_plan import checked_folds
from core.training.gate import train_gate
from core.training.gate_data import check_outliers
from core.training.gate_measure import with_gate
from core.training.given import CONFIG_NAME, MODEL_FOLDER, recalled, write_given
from core.training.labels import TEST_SPLIT, LabelRow, matches, read_labels, table_path
from core.training.looks import LOOKS, overlap_weights
from core.training.loop import Trained, Watched, train
from core.training.measure import evaluate_model
from core.training.places import Marks, kinds_taught, places_of, read_marks
from core.training.predict import batches
from core.training.processes import first_then_others, is_first
from core.training.provenance import provenance_of
from core.training.questions import asked, targets
from core.training.record import update_model
from core.training.run_log import LOG_NAME, progress_bar
from core.training.save_model import save_model
from core.training.source_counts import count_sources, rows_of_reports
from core.training.split import (
    HELD_OUT,
    TRAINED,
    UNLABELLED,
    check_for_leaks,
    hold_out,
    read_split,
    read_told,
    write_split,
)
from core.training.teaching import teaching_of
from core.training.unlabelled import candidates, with_unlabelled, without_measured
from core.training.zones import parts_with_scores, scored_rows

SPLIT_NAME, INPUTS_NAME, UNREADABLE_NAME = "split.csv", "inputs", "unreadable.json"
# any of them tells a run from a folder in which nothing was learned yet
BEGUN = (LOG_NAME, CHECKPOINT_NAME, BEST_NAME, f"{MODEL_FOLDER}/{CARD_NAME}")


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a run learns from and what it looks at: rows and inputs of both parts, in the same order."""

    rows: tuple[LabelRow, ...]  # the whole table
    trained_rows: tuple[LabelRow, ...]
    trained: Inputs
    held_out_rows: tuple[LabelRow, ...]
    held_out: Inputs
    unlabelled_rows: tuple[LabelRow, ...]
    unlabelled: Inputs
    marks: Marks


class Unreadable(Part):
    """Which pictures of a run could not be read when it began."""

    paths: tuple[str, ...]


def train_model(
    config: TrainingConfig, data: Path, run: Path, model_folder: Path | None = None, resume: bool = False,
    cache: Path | None = None, folds: Path | None = None, outliers: Sequence[Path] = (),
) -> Evaluation | None:
    """Do the whole of a run: prepare, train, calibrate, save the model and evaluate it. Returns its figures.

    With `folds`, a cross-validation's folder, its out-of-fold predictions calibrate instead of the held-out patients.
    `outliers` are folders of images that the input gate learns to stop, beside those that the configuration names.
    Of several processes (`processes`) only the first one has figures; the others return None. Without a picture that a
    report asks for, the figures say so. A run that is resumed without model folder, folds or outliers takes those that
    it was given before; the model's is then in its given.json. Raises FileNotFoundError where there is none to resume,
    as `recalled`, `check_outliers`, `open_run`, `prepare`, `check_reports`, `check_calibration`, `check_alone` and
    `train`, and ValueError where nothing was learned.
    """
    if resume and not (run / CONFIG_NAME).is_file():
        raise FileNotFoundError(f"{run} holds no run to resume: begin one without --resume")
    given = recalled(run, model_folder, folds, outliers, resume)
    model_folder, folds, outliers = given.model, given.folds, given.outliers
    check_outliers(outliers)
    plan = None if folds is None else checked_folds(folds.parent if folds.is_file() else folds, config)

    def opened() -> Prepared:
        had_begun = has_begun(run)
        open_run(run, config, resume or not is_first())
        write_given(run, given)  # before anything takes its time and may be cut off
        prepared = prepare(config, data, run, cache)
        check_reports(own_reports(config, prepared.rows), prepared)
        if folds is None:
            check_calibration(config, prepared.trained_rows, prepared.held_out_rows)
        elif not config.random_labels:
            fit_all(config, out_of_fold(folds, prepared.rows, config), (), no_maps(config))  # fails now if ever
        if is_first():
            check_alone(run, config, had_begun)
        return prepared

    prepared = first_then_others(opened)
    trained, watched = loop_data(config, prepared)
    state = train(config, trained, watched, run)
    if not is_first():
        return None
    calibrations = calibrate(config, prepared, state, folds)
    gate = train_gate(config, state, table_path(data).parent, prepared.rows, outliers)
    taught = kinds_taught(trained.places)
    card = save_model(
        model_folder, config, state, calibrations, prepared.held_out.gray, gate, has_places=bool(taught))
    extent = add_extent(model_folder, config, table_path(data).parent, prepared.rows)
    model = load_model(model_folder, "auto")
    if isinstance(model, Refusal):
        raise RuntimeError(f"the saved model does not load: {dict(model.facts)}")
    reports = own_reports(config, prepared.rows)
    with progress_bar() as bar:
        task = bar.add_task("evaluation", note="")
        evaluation, answers = evaluate_model(
            model, table_path(data).parent, prepared.rows, reports, config.labels,
            lambda done, of: bar.update(task, completed=done, total=of), may_be_empty=True,
        )
    tested = rows_of_reports(reports, prepared.rows)
    evaluation = evaluation.model_copy(update={
        "sources": count_sources(
            prepared.trained_rows, prepared.held_out_rows, tested, prepared.unlabelled_rows),
        "provenance": provenance_of(config, calibrations, taught, plan),
        "stated_ages": config.stated_ages,
        "crossfitted": () if folds is None else _cross_fitted(config, out_of_fold(folds, prepared.rows, config)),
    })
    evaluation = with_gate(
        evaluation, model, table_path(data).parent, prepared.rows, config.gate, outliers, fitted=gate
    )
    if extent is not None:
        extent = with_test(model, extent, table_path(data).parent, prepared.rows)
        evaluation = evaluation.model_copy(update={"extent": extent})
    update_model(model_folder, card, evaluation, answers, prepared.rows)
    return evaluation


def _cross_fitted(config: TrainingConfig, answered: Answered) -> tuple[ReportResult, ...]:
    """Return the figures of the training pictures, none where folds cannot do without one of them, which is said."""
    try:
        return cross_fitted_results(config, answered)
    except ValueError as error:  # one fold has all that calibrates, as where sources were left out
        print(f"warning: no figures of the training pictures: without one of the folds, {error}", file=sys.stderr)
        return ()


def calibrate(
    config: TrainingConfig, prepared: Prepared, state: State, folds: Path | None = None
) -> tuple[Calibration, ...]:
    """Fit each finding's calibration on the out-of-fold predictions in `folds`, without them on the held-out rows.

    What was learned from random labels is not calibrated: there is nothing that rises with a finding.
    """
    device = choose_device()
    network = Network(len(config.finding_labels), config.architecture)
    network.load_state_dict(state)
    network.to(device)
    found = list(batches(network, prepared.held_out.gray, config.input, device))
    maps = np.concatenate([maps for _, maps in found])
    if config.random_labels:
        return tuple(uncalibrated(maps[:, index]) for index in range(len(config.finding_labels)))
    answered = (
        Answered(prepared.held_out_rows, np.concatenate([logits for logits, _ in found]))
        if folds is None else out_of_fold(folds, prepared.rows, config)
    )
    return fit_all(config, answered, prepared.held_out_rows, maps)


def has_begun(run: Path) -> bool:
    """Return whether a run folder holds more than what is written before the first step."""
    return any((run / name).exists() for name in BEGUN)


def open_run(run: Path, config: TrainingConfig, resume: bool) -> None:
    """Make the run folder, or check that the one to resume is of the same configuration; write the resolved one.

    What is used only after training may differ. A folder in which nothing was learned yet, as after a start that
    failed, is begun anew, with any configuration and another split. Raises FileExistsError where a run is there and
    `resume` is False, and ValueError where it is another one.
    """
    path = run / CONFIG_NAME
    if path.is_file() and has_begun(run):
        if not resume:
            raise FileExistsError(f"{run} holds a run already: resume it with --resume, or give another folder")
        if not learns_alike(read_written(path, TrainingConfig), config):
            raise ValueError(f"{path} is of another configuration than the one given")
    elif path.is_file() and is_first():  # the others read the split that the first one draws
        (run / SPLIT_NAME).unlink(missing_ok=True)
    write_atomically(path, config.model_dump_json(indent=2) + "\n")


def check_alone(run: Path, config: TrainingConfig, had_begun: bool) -> None:
    """Raise FileExistsError where another call began a run in the folder while this one made its inputs."""
    if has_begun(run) != had_begun or not learns_alike(read_written(run / CONFIG_NAME, TrainingConfig), config):
        raise FileExistsError(f"another call has begun a run in {run} meanwhile: give another folder")


def prepare(config: TrainingConfig, data: Path, run: Path, cache: Path | None = None) -> Prepared:
    """Read the table, split it by patient (or read the run's split), check it for leaks and make the inputs.

    The inputs are kept in the folder `cache`, without one in the run folder. Raises OSError, and ValueError for a
    damaged table, a leak, another table than the run's, or a part that is empty or cannot be read.
    """
    rows = read_labels(data, config.labels, config.stated_ages)
    usable = usable_rows(rows, config)
    tell_ungrouped(rows, config)
    folder = table_path(data).parent
    # what may be damaged is read before anything takes hours
    marks = read_marks(folder, rows, config)
    parts = split_of(run, rows, usable, config, marks)
    check_split(rows, usable, parts, config)
    if config.extent is not None:
        scored = scored_rows(folder, rows, config.extent.raters, config.extent.rows)
        parts_with_scores(scored, config.train_splits, config.extent.folds)
    inputs = inputs_of(folder, (*usable, *candidates(rows, config)), config, cache or run / INPUTS_NAME)
    check_readable(run, parts, inputs)
    return divide(rows, usable, parts, inputs, marks)


def tell_ungrouped(rows: Sequence[LabelRow], config: TrainingConfig) -> None:
    """Say on stderr which labelled training rows no group takes and which groups take none, as by a typo."""
    known = [row for row in rows if row.is_known and row.split in config.train_splits]
    homes = groups_of(known, config.groups)
    said = []
    if lost := Counter(row.source for row, home in zip(known, homes.tolist(), strict=True) if home < 0):
        said.append(f"{lost.total()} labelled pictures are in no group and are not learned from: "
                    + ", ".join(f"{count} of {source or NO_SOURCE}" for source, count in lost.most_common()))
    said += [f"no training picture is in the group {group.name!r}" for index, group in enumerate(config.groups)
             if index not in homes]
    if is_first():
        for text in said:
            print(f"warning: {text}", file=sys.stderr)


def split_of(
    run: Path, rows: Sequence[LabelRow], usable: Sequence[LabelRow], config: TrainingConfig, marks: Marks
) -> dict[str, str]:
    """Return path -> part as the run's split.csv says; without that file draw the held-out patients and write it.

    They are in the order of that file, in which the run learns from them, however the table is sorted by now.
    Raises ValueError where the table `rows` has changed since in a way that the run cannot follow.
    """
    path = run / SPLIT_NAME
    seen = candidates(rows, config)
    teaching = teaching_of((*usable, *seen), config, marks)
    if not path.is_file():
        parts = hold_out(usable, config.held_out, config.seed)
        unlabelled = without_measured(seen, rows, [row for row in usable if parts[row.path] == TRAINED], config)
        write_split(path, (*usable, *unlabelled), parts | {row.path: UNLABELLED for row in unlabelled}, teaching)
    parts = read_split(path)
    check_recorded(path, parts, rows, usable, seen, teaching)
    return parts


def check_readable(run: Path, parts: Mapping[str, str], inputs: Inputs) -> None:
    """Keep which pictures of a run cannot be read; raise ValueError where these are others than when it began.

    A step draws by places: with other pictures the run would go on as another one.
    """
    path = run / UNREADABLE_NAME
    now = Unreadable(paths=tuple(sorted(name for name in parts if name in inputs.refused)))
    if not has_begun(run):
        write_atomically(path, now.model_dump_json(indent=2) + "\n")
        return
    if not path.is_file():  # a run of an earlier version
        return
    if changed := sorted({*read_written(path, Unreadable).paths} ^ {*now.paths}):
        raise ValueError(f"{len(changed)} pictures, such as {changed[0]}, could be read when the run in {run} began "
                         "and cannot now, or the other way round: begin in another folder, or put the files as they "
                         "were")


def check_recorded(
    path: Path, parts: Mapping[str, str], rows: Sequence[LabelRow], usable: Sequence[LabelRow],
    seen: Sequence[LabelRow], teaching: Mapping[str, str],
) -> None:
    """Raise ValueError where what split.csv (`path`) says a run learned from is a test now, or other rows are usable.

    The former would be reported as a test; new rows would be left out, and with other labels a network would be half of
    each table, all without a word.
    """
    used = {row.path for row in usable}
    what_to_do = "take the label table as it was, or train in another run folder"
    told = read_told(path)
    for row in usable:  # what it says of patients shows in leaks
        source, word, taught = told.get(row.path, (row.source, row.word, ""))
        if (source, word) != (row.source, row.word):
            raise ValueError(f"{path} has {row.path} with another source or label: {what_to_do}")
        if taught and taught != teaching[row.path]:
            raise ValueError(f"{path} has {row.path} in another group, or with other answers, boxes or scores of its "
                             f"zones: {what_to_do}")
    for row in rows:
        if row.path in parts and row.split == TEST_SPLIT and row.path not in used:
            raise ValueError(f"{path} has {row.path} as {parts[row.path]}, which is a test now: {what_to_do}")
    unlabelled = {name for name, part in parts.items() if part == UNLABELLED}
    learned = set(parts) - unlabelled
    for here, there, what in ((used, learned, "lacks pictures to learn from"),
                              (learned, used, "has pictures that the table does not have to learn from"),
                              (unlabelled, {row.path for row in seen}, "has pictures that are no longer unlabelled")):
        if others := sorted(here - there):
            raise ValueError(f"{path} {what} ({len(others)}, such as {others[0]}): {what_to_do}")


def check_split(
    rows: Sequence[LabelRow], usable: Sequence[LabelRow], parts: Mapping[str, str], config: TrainingConfig,
    predicted: Sequence[LabelRow] = (),
) -> None:
    """Raise ValueError where a patient, path or file is in two of: trained, held out, predicted, tested; or none is.

    What has no known label is tested where an extent asks for its zones.
    """
    used = {row.path for row in (*usable, *predicted)}
    by_part = {part: [row for row in usable if parts.get(row.path) == part] for part in (TRAINED, HELD_OUT)}
    tests = [
        row for row in rows
        if (row.is_known or (config.extent is not None and matches(row, config.extent.rows)))
        and row.split == TEST_SPLIT and row.split not in config.train_splits and row.path not in used
    ]
    check_for_leaks({**by_part, "predicted": predicted})
    check_for_leaks({"learned from": [row for part in by_part.values() for row in part], TEST_SPLIT: tests})
    if not all(by_part.values()):
        raise ValueError("nothing to train on, or nothing held out: too few patients")


def own_reports(config: TrainingConfig, rows: Sequence[LabelRow]) -> tuple[Report, ...]:
    """Return the reports of a configuration; without any those of the test split, unless that is learned from."""
    return config.reports or (() if TEST_SPLIT in config.train_splits else default_reports(rows))


def check_reports(reports: Sequence[Report], prepared: Prepared) -> None:
    """Raise ValueError where a report asks for a picture, or a patient, that is learned from or calibrates."""
    learned = (*prepared.trained_rows, *prepared.held_out_rows, *prepared.unlabelled_rows)
    for report in reports:
        try:
            check_for_leaks({"training": learned, f"the report {report.name!r}": rows_of(report, prepared.rows)})
        except ValueError as error:
            raise ValueError(f"{error}: say with splits = [...] in its rows which pictures it is about") from error


def check_calibration(
    config: TrainingConfig, trained_rows: Sequence[LabelRow], held_out_rows: Sequence[LabelRow],
    remedy: str = "raise held_out, or calibrate on a cross-validation (--calibrate-on)",
) -> None:
    """Raise ValueError where a finding's held-out pictures are not of both classes, before anything takes hours.

    It says what helps: the `remedy` or, where the trained pictures are of the same class, other pictures or words.
    """
    if config.random_labels:
        return
    trained = _classes_that_calibrate(config, trained_rows)
    for label, (ones, zeros) in _classes_that_calibrate(config, held_out_rows).items():
        if ones and zeros:
            continue
        text = f"{label}: of the held-out pictures {ones} show it and {zeros} do not, so it cannot be calibrated"
        all_ones, all_zeros = ones + trained[label][0], zeros + trained[label][1]
        if all_ones and all_zeros:
            raise ValueError(f"{text}: {remedy}")
        what = "[labels] and which groups calibrate" if label == config.finding else "rows and words of its question"
        raise ValueError(f"{text}; with those that are trained on they are {all_ones} and {all_zeros}: add pictures of "
                         f"both classes, or mend {what}")


def _classes_that_calibrate(config: TrainingConfig, rows: Sequence[LabelRow]) -> dict[str, tuple[int, int]]:
    """Return of each finding how many pictures that calibrate it show it, and how many do not.

    A class that a group never draws does not weigh in its calibration either.
    """
    homes = groups_of(rows, config.groups)
    own = [row for row, home in zip(rows, homes, strict=True) if home >= 0 and config.groups[home].calibrates
           and config.groups[home].positive_share != (0 if row.is_positive else 1)]
    parts = {config.finding: own}
    parts |= {question.label: [row for row in asked(rows, question) if row.is_known] for question in config.questions}
    counts = {label: sum(row.is_positive for row in part) for label, part in parts.items()}
    return {label: (count, len(parts[label]) - count) for label, count in counts.items()}


def divide(
    rows: Sequence[LabelRow], usable: Sequence[LabelRow], parts: Mapping[str, str], inputs: Inputs,
    marks: Marks,
) -> Prepared:
    """Return what a run is fed, of the inputs of (at least) the usable and unlabelled rows; refused ones are left out.

    Raises ValueError as `readable_rows`.
    """
    trained, held_out, unlabelled = readable_rows(rows, usable, parts, inputs)
    return Prepared(tuple(rows), trained, inputs.of(trained), held_out, inputs.of(held_out),
                    unlabelled, inputs.of(unlabelled), marks)


def readable_rows(
    rows: Sequence[LabelRow], usable: Sequence[LabelRow], parts: Mapping[str, str], inputs: Inputs
) -> tuple[tuple[LabelRow, ...], tuple[LabelRow, ...], tuple[LabelRow, ...]]:
    """Return the rows that are learned from, held out and unlabelled, without those whose picture cannot be read.

    They are in the order of `parts`: a step draws by their places. Raises ValueError where none of what is learned from
    or held out could be read.
    """
    known = {row.path for row in usable}
    by_path = {row.path: row for row in rows
               if row.path not in inputs.refused and (row.path in known or parts.get(row.path) == UNLABELLED)}
    trained, held_out, unlabelled = (
        tuple(by_path[path] for path, own in parts.items() if own == part and path in by_path)
        for part in (TRAINED, HELD_OUT, UNLABELLED)
    )
    for part, own in ((TRAINED, trained), (HELD_OUT, held_out)):
        if not own:
            raise ValueError(f"none of the {part} pictures could be read")
    return trained, held_out, unlabelled


def inputs_of(folder: Path, rows: Sequence[LabelRow], config: TrainingConfig, cache: Path) -> Inputs:
    """Return the inputs of these rows, cached in the folder `cache`, with a progress bar while they are made.

    Says how many could not be read. Raises ValueError where none could.
    """
    with progress_bar() as bar:
        task = bar.add_task("inputs", total=len(rows), note="")
        inputs = cached_inputs(
            folder, [row.path for row in rows], config.input, cache,
            lambda done, of: bar.update(task, completed=done),
        )
    tell_refused(inputs, folder)
    return inputs


def tell_refused(inputs: Inputs, folder: Path) -> None:
    """Say on stderr how many pictures in `folder` could not be read, and why, so that a missing disk is noticed.

    Raises ValueError where none could.
    """
    if not inputs.refused:
        return
    reasons = Counter(inputs.refused.values()).most_common()
    count, whole = len(inputs.refused), len(inputs.refused) + len(inputs.paths)
    why = ", ".join(f"{of} {reason}" for reason, of in reasons)
    text = f"{count} of {whole} pictures in {folder} could not be read, and are not learned from: {why}"
    if not inputs.paths:
        raise ValueError(text)
    if is_first():
        print(f"warning: {text}", file=sys.stderr)


def draw_weights(rows: Sequence[LabelRow], gray: NDArray[np.uint8], config: TrainingConfig) -> NDArray[np.float64]:
    """Return how often each row is drawn beside the others of its class and group."""
    weights = np.ones(len(rows))
    homes = groups_of(rows, config.groups)
    for index, group in enumerate(config.groups):
        own = np.flatnonzero(homes == index)
        if group.even and own.size:
            positive = np.array([rows[place].is_positive for place in own.tolist()])
            facts = np.concatenate([LOOKS[look](gray[own], config.input) for look in group.even], axis=1)
            weights[own] = overlap_weights(facts, positive, group.even_strength)
    return weights


def loop_data(config: TrainingConfig, prepared: Prepared) -> tuple[Trained, Watched]:
    """Return what the loop is fed: the drawn pictures and the watched ones with their groups."""
    rows, marks = prepared.trained_rows, prepared.marks
    if config.random_labels:
        rows, marks = dealt_anew(rows, config.groups, config.seed), Marks()
    drawn = balance(rows, config.groups, draw_weights(rows, prepared.trained.gray, config))
    trained = Trained(prepared.trained.gray, drawn, targets(rows, config, drawn.target),
                      places_of(rows, marks, config), kinds_of(rows, config.groups))
    if config.unlabelled is not None:
        trained = with_unlabelled(trained, prepared.unlabelled.gray, config.unlabelled.share)
    homes = groups_of(prepared.held_out_rows, config.groups)
    groups = {group.name: homes == index for index, group in enumerate(config.groups)}
    selecting = tuple(group.name for group in config.groups if group.selects)
    positive = np.array([row.is_positive for row in prepared.held_out_rows])
    return trained, Watched(prepared.held_out.gray, positive, groups, selecting)
