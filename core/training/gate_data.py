"""What an input gate is shown to learn and to be tested: frontal chests, what is made of them, and what is none.

Which patients are for tests only is a matter of the table's splits and of their names (`paths_to_test`), so that the
same pictures are kept apart in training and in every later evaluation.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np

from core.dicom.load_image import load_image
from core.dicom.picture import FULL_RANGE
from core.imaging.image import Frame
from core.reading.gate import refuse_by_header
from core.reading.model_card import Answer, Population
from core.reading.preprocess import gray_picture
from core.refusal import Refusal
from core.training.config import GateConfig, GateKind
from core.training.evaluation import NO_SOURCE
from core.training.gate_pictures import MADE, MADE_OF_CHESTS, any_way, lateral_way, varied
from core.training.labels import TEST_SPLIT, LabelRow, select

FRONTAL, ALL_FRONTAL = "frontal chest", "all frontal chests"
MADE_COPIES = 2  # of each frontal chest that is learned from, made into something else
MADE_PICTURES = 120  # of each drawn kind
LATERAL_COPIES = 6
MADE_TESTS = 24  # frontal chests of each source that are made into everything for a test
LEAST_SIDE = 64  # pixels: smaller pictures show too little, and never come as far as the gate
MOST_OF_HOME = 12  # files of one folder or DICOM series, which look much alike
SEED = 11


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of one picture that the gate is shown.

    `kind` is FRONTAL, or what it shows or was made into; `origin` is the source of a chest, NO_SOURCE where the table
    has none, "" of all else. Pictures of one `patient` are never in two parts.
    """

    kind: str
    origin: str
    patient: str
    answer: Answer
    is_far: bool = False
    is_copy: bool = False  # a further look at a picture that is shown already


@dataclass(frozen=True, slots=True)
class Outlier:
    """A file of a folder of outliers: nothing the model is made for, whatever else it is."""

    path: Path
    kind: str
    home: str  # its folder; of a file that lies in none, its DICOM series or itself: what is never in two parts


def paths_to_test(rows: Iterable[LabelRow], config: GateConfig) -> frozenset[str]:
    """Return the paths that are for tests, decided once for each patient of the whole table.

    A patient with a test row is tested, one with a training row learned from, whatever their other rows are; all
    others are drawn by their names. Rows that name no patient stand for themselves.
    """
    patients: dict[str, list[LabelRow]] = defaultdict(list)
    for row in rows:
        patients[row.patient if row.has_patient else row.path].append(row)
    return frozenset(row.path for own in patients.values() if _is_tested(own, config) for row in own)


def _is_tested(own: Sequence[LabelRow], config: GateConfig) -> bool:
    splits = {row.split for row in own}
    return TEST_SPLIT in splits or ("train" not in splits and _place(own[0].patient) < config.tested)


def frontal_rows(rows: Iterable[LabelRow], config: GateConfig, paths: Collection[str]) -> dict[str, list[LabelRow]]:
    """Return the frontal chests of each source that are among `paths`; those that name none are of NO_SOURCE."""
    found: dict[str, list[LabelRow]] = defaultdict(list)
    for row in sorted(select(rows, config.frontal), key=lambda row: _place(row.path)):
        own = found[row.source or NO_SOURCE]
        if row.path in paths:
            own.append(row)
    return {source: own for source, own in found.items() if own}


def rows_to_learn(rows: Sequence[LabelRow], config: GateConfig) -> tuple[LabelRow, ...]:
    """Return the rows that the gate learns from, each once; outliers and what is drawn have none."""
    chests, others = _rows_to_learn(rows, config)
    own = [row for part in (*chests.values(), *(found for _, found in others)) for row in part]
    return tuple({row.path: row for row in own}.values())


def _rows_to_learn(
    rows: Sequence[LabelRow], config: GateConfig
) -> tuple[dict[str, list[LabelRow]], list[tuple[GateKind, list[LabelRow]]]]:
    """Return what is learned from: frontal chests of each source, and the rows of each kind of other pictures."""
    learned = {row.path for row in rows} - paths_to_test(rows, config)
    chests = {source: own[:config.most] for source, own in frontal_rows(rows, config, learned).items()}
    return chests, [(kind, [row for row in select(rows, kind.rows) if row.path in learned])
                    for kind in config.kinds if kind.is_learned]


def pictures_to_learn(
    folder: Path, rows: Sequence[LabelRow], config: GateConfig, outliers: Sequence[Outlier] = ()
) -> Iterator[tuple[Shown, Frame]]:
    """Yield what the gate learns from; the rows' pictures lie in `folder`. Files that cannot be opened are left out."""
    rng = np.random.default_rng(SEED)
    made = list(MADE_OF_CHESTS.items())
    turn = 0
    chests, others = _rows_to_learn(rows, config)
    for source, own in chests.items():
        for row, frame in _opened(folder, own):
            shown = Shown(FRONTAL, source, row.patient, Answer.FRONTAL)
            picture = gray_picture(frame)
            yield shown, frame
            yield replace(shown, is_copy=True), _frame(varied(picture, rng))
            for _ in range(MADE_COPIES):
                name, (change, answer) = made[turn % len(made)]
                base = varied(picture, rng) if rng.random() < 0.6 else picture
                yield replace(shown, kind=name, answer=answer), _frame(change(base, rng))
                turn += 1
    for kind, found in others:
        for row, frame in _opened(folder, found):
            yield from _none(_shown(kind, row), frame, rng)
    for shown, frame in _files(outliers, config, tested=False):
        yield from _none(shown, frame, rng)
    yield from _drawn(SEED + 1, MADE_PICTURES)


def pictures_to_test(
    folder: Path, rows: Sequence[LabelRow], config: GateConfig, outliers: Sequence[Outlier] = ()
) -> Iterator[tuple[Shown, Frame]]:
    """Yield what the gate is tested on: pictures of patients that it never learned from, and what is made of some."""
    rng = np.random.default_rng(SEED + 2)
    tested = paths_to_test(rows, config)
    for source, own in frontal_rows(rows, config, tested).items():
        for index, (row, frame) in enumerate(_opened(folder, own)):
            shown = Shown(FRONTAL, source, row.patient, Answer.FRONTAL)
            yield shown, frame
            if index < MADE_TESTS:
                for name, (change, answer) in MADE_OF_CHESTS.items():
                    yield replace(shown, kind=name, answer=answer), _frame(change(gray_picture(frame), rng))
    for kind in config.kinds:
        for row, frame in _opened(folder, _tested_rows(rows, kind, tested)):
            yield _shown(kind, row), frame
    yield from _files(outliers, config, tested=True)
    yield from _drawn(SEED + 3, MADE_PICTURES // 2)


def _tested_rows(rows: Iterable[LabelRow], kind: GateKind, tested: Collection[str]) -> list[LabelRow]:
    """Return the rows of a kind that are tested: all of one that is not learned."""
    return [row for row in select(rows, kind.rows) if not kind.is_learned or row.path in tested]


def check_outliers(folders: Iterable[Path]) -> None:
    """Raise NotADirectoryError for a folder of outliers that is none, which would give no picture without a word."""
    for folder in folders:
        if not folder.is_dir():
            raise NotADirectoryError(f"there is no folder of outliers {folder}")


def find_outliers(folders: Sequence[Path], population: Population) -> tuple[Outlier, ...]:
    """Return the images in these folders that their header excludes from what the model is made for, or pictures.

    Of one home at most MOST_OF_HOME. A DICOM file whose header does not exclude it is left out: it may be a chest.
    A home is named from its folder on: of a folder within or around it other files are for tests. Raises
    NotADirectoryError as `check_outliers`.
    """
    check_outliers(folders)
    found: list[Outlier] = []
    for top in folders:
        counts: Counter[str] = Counter()
        for path in sorted(top.rglob("*"), key=lambda path: (_place(name_in(top, path)), path)):
            if not path.is_file() or counts[name_in(top, path.parent)] >= MOST_OF_HOME:
                continue
            outlier = _outlier(path, top, population)
            if outlier is not None and counts[outlier.home] < MOST_OF_HOME:
                counts[outlier.home] += 1
                found.append(outlier)
    return tuple(found)


def name_in(top: PurePath, path: PurePath) -> str:
    """Return a path from `top` on, the same on every system: which part it is in goes by it."""
    return path.relative_to(top).as_posix()


def of_part(outliers: Iterable[Outlier], config: GateConfig, tested: bool) -> list[Outlier]:
    """Return the outliers that are for tests, or those that are learned from."""
    return [outlier for outlier in outliers if (_place(outlier.home) < config.tested) == tested]


def _outlier(path: Path, top: Path, population: Population) -> Outlier | None:
    image = load_image(path)
    if isinstance(image, Refusal) or min(image.rows, image.columns) < LEAST_SIDE:
        return None
    is_dicom = image.kind == "DICOM"
    if is_dicom and (not image.header.modality or refuse_by_header(image, population) is None):
        return None
    kind = f"files: {image.header.modality.upper()}" if is_dicom else "files: pictures"
    if path.parent != top:  # files of one folder are often of one series
        return Outlier(path, kind, name_in(top, path.parent))
    return Outlier(path, kind, f"series:{image.identity.series_uid}" if is_dicom else f"file:{path.name}")


def _files(outliers: Iterable[Outlier], config: GateConfig, tested: bool) -> Iterator[tuple[Shown, Frame]]:
    for outlier in of_part(outliers, config, tested):
        frame = _first_frame(outlier.path)
        if frame is not None:
            yield Shown(outlier.kind, "", f"files:{outlier.home}", Answer.OTHER, is_far=True), frame


def _drawn(seed: int, count: int) -> Iterator[tuple[Shown, Frame]]:
    rng = np.random.default_rng(seed)
    for kind, draw in MADE.items():
        for index in range(count):
            yield Shown(kind, "", f"drawn:{kind} {seed}.{index}", Answer.OTHER, is_far=True), _frame(draw(rng))


def _none(shown: Shown, frame: Frame, rng: np.random.Generator) -> Iterator[tuple[Shown, Frame]]:
    """Yield a picture that is no frontal chest, and copies of it in other ways."""
    yield shown, frame
    picture = gray_picture(frame)
    if shown.answer is Answer.LATERAL:
        for _ in range(LATERAL_COPIES):
            yield replace(shown, is_copy=True), _frame(lateral_way(picture, rng))
    else:
        yield replace(shown, is_copy=True), _frame(any_way(picture, rng))


def _shown(kind: GateKind, row: LabelRow) -> Shown:
    return Shown(kind.name, "", row.patient, kind.answer, kind.is_far)


def _opened(folder: Path, rows: Iterable[LabelRow]) -> Iterator[tuple[LabelRow, Frame]]:
    for row in rows:
        frame = _first_frame(folder / row.path)
        if frame is not None:
            yield row, frame


def _first_frame(path: Path) -> Frame | None:
    image = load_image(path)
    frame = image if isinstance(image, Refusal) else image.frame()
    return None if isinstance(frame, Refusal) else frame


def _frame(picture: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Frame:
    return Frame(np.ascontiguousarray(picture), voi=(FULL_RANGE,))


def _place(name: str) -> float:
    """Return where a name lies between 0 and 1: always the same, and evenly spread."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") / 2**48
