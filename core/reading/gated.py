"""A picture before the input gate: let through, put right and let through, or refused with the reason."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.findings.wording import CAUTION_INVERTED, CAUTION_MIRRORED
from core.imaging.image import Frame
from core.reading.input_gate import InputGate, Judgment
from core.reading.model_card import Answer
from core.reading.preprocess import preprocess
from core.refusal import Reason, Refusal

if TYPE_CHECKING:
    from core.reading.read_image import Model, Seen

REASONS = {
    Answer.LATERAL: Reason.LOOKS_LATERAL,
    Answer.TURNED_LEFT: Reason.TURNED,
    Answer.TURNED_RIGHT: Reason.TURNED,
    Answer.UPSIDE_DOWN: Reason.TURNED,
    Answer.PART: Reason.PART_OF_CHEST,
}


class Gated(NamedTuple):
    """A picture that was let through: what the network saw of it, and what a reader must know."""

    seen: "Seen"
    cautions: tuple[str, ...] = ()


def pass_gate(model: "Model", gate: InputGate, path: Path | None, frame: Frame, seen: "Seen") -> Gated | Refusal:
    """Judge a frame by what the network saw of it; one that looks inverted is looked at again with its gray reversed.

    An inverted chest is read with its gray turned back, which leaves every place where it is. Anything else that is
    no frontal chest the right way round is a `Refusal`; a chest that looks otherwise round than its file declares, or
    mirrored where that says nothing, is let through with a caution. Raises ValueError as `InputGate.judge`.
    """
    judgment = gate.judge(seen.middle)[0]
    cautions: tuple[str, ...] = ()
    if judgment.answer is Answer.INVERTED:
        inputs, _ = preprocess(replace(frame, inverse=not frame.inverse), model.card.input)
        seen = model.look(inputs)
        judgment = gate.judge(seen.middle)[0]
        cautions = (CAUTION_INVERTED,)
    if not judgment.is_let_through:
        return _refusal(path, judgment)
    is_declared = frame.edges is not None and frame.edges.left.startswith("L")
    return Gated(seen, cautions + (CAUTION_MIRRORED,) * (judgment.is_mirrored != is_declared))


def _refusal(path: Path | None, judgment: Judgment) -> Refusal:
    return Refusal(REASONS.get(judgment.answer, Reason.NOT_A_CHEST), path, {"answer": judgment.answer.value})
