"""How many pictures of each kind the input gate stops, puts right or asks about, by the same path as a reading's."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from core.findings.wording import CAUTION_INVERTED, CAUTION_MIRRORED
from core.imaging.image import Frame
from core.reading.gated import pass_gate
from core.reading.input_gate import InputGate
from core.reading.model_card import Answer
from core.reading.preprocess import preprocess
from core.reading.read_image import Model, Seen
from core.refusal import Refusal
from core.training.config import GateConfig
from core.training.evaluation import Evaluation, GatePart, GateResult, GateSource, figure
from core.training.gate_data import (
    ALL_FRONTAL,
    FRONTAL,
    Outlier,
    Shown,
    find_outliers,
    of_part,
    pictures_to_test,
    rows_to_learn,
)
from core.training.gate_fit import FittedGate
from core.training.gate_pictures import INVERTED_AND_TURNED
from core.training.labels import LabelRow
from core.training.metrics import rate_by_patient
from core.training.run_log import progress_bar
from core.training.source_counts import licence_text

BATCH = 32
TURNS = (Answer.TURNED_LEFT, Answer.TURNED_RIGHT, Answer.UPSIDE_DOWN)
ALL_FAR, ALL_NEAR = "all that is far from a chest", "all that is near one"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one picture. A frontal chest that is turned back by mistake counts as stopped."""

    shown: Shown
    is_stopped: bool  # refused, or put right where that is what it needs
    is_recognized: bool  # taken for what it is


def ask_gate(
    model: Model, gate: InputGate, pictures: Iterable[tuple[Shown, Frame]],
    progress: Callable[[int], None] = lambda done: None,
) -> Iterator[Outcome]:
    """Yield what comes of each picture, as a reading would have it."""
    done = 0
    waiting = iter(pictures)
    while part := list(islice(waiting, BATCH)):
        seen = model.look(np.concatenate([preprocess(frame, model.card.input)[0] for _, frame in part]))
        for index, (shown, frame) in enumerate(part):
            own = Seen(*(values[index:index + 1] for values in seen))
            yield _outcome(model, gate, shown, frame, own)
        done += len(part)
        progress(done)


def _outcome(model: Model, gate: InputGate, shown: Shown, frame: Frame, seen: Seen) -> Outcome:
    passed = pass_gate(model, gate, None, frame, seen)
    if isinstance(passed, Refusal):
        return Outcome(shown, True, _is_right(Answer(passed.facts["answer"]), shown))
    is_put_right = CAUTION_INVERTED in passed.cautions
    if shown.answer is Answer.MIRRORED:
        return Outcome(shown, False, CAUTION_MIRRORED in passed.cautions)
    if shown.kind == FRONTAL:
        return Outcome(shown, is_put_right, not passed.cautions)
    is_right = is_put_right and shown.answer is Answer.INVERTED
    return Outcome(shown, is_right, is_right)


def _is_right(answer: Answer, shown: Shown) -> bool:
    """Whether a refused picture was taken for what it is.

    Films of a table that lie on their side may lie either way; what is inverted and turned is told to be turned.
    """
    may_be_turned = shown.kind == INVERTED_AND_TURNED or (not shown.origin and shown.answer in TURNS)
    return answer is shown.answer or (may_be_turned and answer in TURNS)


def parts_of(outcomes: Sequence[Outcome]) -> tuple[GatePart, ...]:
    """Return the figures of frontal chests by source, of each kind, and of all that are frontal, far and near."""
    sources = sorted({item.shown.origin for item in outcomes if item.shown.kind == FRONTAL})
    kinds = list(dict.fromkeys(item.shown.kind for item in outcomes if item.shown.kind != FRONTAL))
    own = {kind: [item for item in outcomes if item.shown.kind == kind] for kind in (FRONTAL, *kinds)}
    stopped = [item for item in outcomes if item.shown.kind != FRONTAL and item.shown.answer is not Answer.MIRRORED]
    found = [_part(ALL_FRONTAL, own[FRONTAL])]
    found += [_part(FRONTAL, [item for item in own[FRONTAL] if item.shown.origin == source], source)
              for source in sources]
    found += [_part(ALL_FAR, [item for item in stopped if item.shown.is_far])]
    found += [_part(ALL_NEAR, [item for item in stopped if not item.shown.is_far])]
    found += [_part(kind, own[kind]) for kind in sorted(kinds, key=lambda kind: (own[kind][0].shown.is_far, kind))]
    return tuple(part for part in found if part is not None)


def _part(kind: str, outcomes: Sequence[Outcome], source: str = "") -> GatePart | None:
    patients = np.array([item.shown.patient for item in outcomes])
    stopped = figure(rate_by_patient(np.array([item.is_stopped for item in outcomes], dtype=bool), patients))
    recognized = figure(rate_by_patient(np.array([item.is_recognized for item in outcomes], dtype=bool), patients))
    if stopped is None or recognized is None:
        return None
    return GatePart(
        kind=kind, source=source, is_far=outcomes[0].shown.is_far, pictures=len(outcomes),
        patients=len(set(patients.tolist())), stopped=stopped, recognized=recognized,
    )


def unseen_parts(fitted: FittedGate) -> tuple[GatePart, ...]:
    """Return the figures of gates on pictures whose source, or whole kind, they never saw; without copies."""
    asked = ~np.isnan(fitted.unseen.score) & np.array([not item.is_copy for item in fitted.shown])
    stopped = fitted.unseen.score < fitted.spec.least
    mirrored = ~stopped & (fitted.unseen.mirrored >= fitted.spec.mirrored)
    outcomes = []
    for index in np.flatnonzero(asked):
        item = fitted.shown[index]
        is_asked, is_stopped = bool(mirrored[index]), bool(stopped[index])
        if item.answer is Answer.MIRRORED:
            recognized = is_asked
        elif item.kind == FRONTAL:
            recognized = not is_stopped and not is_asked
        else:
            recognized = is_stopped and _is_right(fitted.spec.answers[fitted.unseen.other[index]], item)
        outcomes.append(Outcome(item, is_stopped, recognized))
    return parts_of(outcomes)


def with_gate(
    evaluation: Evaluation, model: Model, folder: Path, rows: Sequence[LabelRow], config: GateConfig | None,
    outliers: Sequence[Path] = (), known: GateResult | None = None, fitted: FittedGate | None = None,
) -> Evaluation:
    """Return an evaluation with the figures of the model's gate, on the test pictures of a table in `folder`.

    Without a gate, or a configuration that says which pictures test it, there are none. Those of gates that never saw
    a source or kind are of a gate just `fitted`, or taken from what is `known` of the same one.
    """
    if model.gate is None or config is None:
        return evaluation
    with progress_bar() as bar:
        task = bar.add_task("gate: tests", total=None, note="")
        others = find_outliers(outliers, model.card.population)
        pictures = pictures_to_test(folder, rows, config, others)
        outcomes = tuple(ask_gate(model, model.gate, pictures, lambda done: bar.update(task, completed=done)))
    spec = model.gate.spec
    result = GateResult(config=config, sha256=spec.sha256, least=spec.least, mirrored=spec.mirrored,
                        tested=parts_of(outcomes))
    if fitted is not None:
        learned, more = learned_from(rows, config, others)
        result = result.model_copy(update={
            "unseen": unseen_parts(fitted), "has_answers": True, "learned": learned, "learned_outliers": more})
    elif known is not None and known.sha256 == spec.sha256:
        result = result.model_copy(update={
            name: getattr(known, name) for name in ("unseen", "has_answers", "learned", "learned_outliers")})
    return evaluation.model_copy(update={"gate": result})


def learned_from(
    rows: Sequence[LabelRow], config: GateConfig, outliers: Sequence[Outlier]
) -> tuple[tuple[GateSource, ...], int]:
    """Return of which sources a gate learns, under which licences, and how many files of outliers."""
    licences: dict[str, list[str]] = defaultdict(list)
    for row in rows_to_learn(rows, config):
        licences[row.source].append(row.licence)
    sources = tuple(GateSource(source=source, licence=licence_text(own), pictures=len(own))
                    for source, own in sorted(licences.items()))
    return sources, len(of_part(outliers, config, tested=False))
