"""What the subcommands that measure models share: which pictures are asked for, and whether a model knows them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.training.config import EvaluationConfig, Report
    from core.training.evaluation import Evaluation
    from core.training.labels import LabelRow

LEARNED_REMARK = "The model learned from some of these pictures, or may have: the figures may be too good."


class Learned(NamedTuple):
    """A report on pictures that a model learned from, or may have: its name and a sentence about them."""

    report: str
    why: str


def asked_config(path: Path | None, known: "Evaluation | None" = None) -> "EvaluationConfig":
    """Return what a model was evaluated with, and in place of it each part that the file of --reports has.

    Raises OSError, and ValueError that names the file and what is wrong in it.
    """
    from core.training.config import EvaluationConfig, load_evaluation_config
    from core.training.evaluation import known_config

    config = EvaluationConfig() if known is None else known_config(known)
    if path is None:
        return config
    own = load_evaluation_config(path)
    return config.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def readable_evaluation(folder: Path) -> "Evaluation | None":
    """Return the figures beside a model; None where there are none, or none that can be read, such as older ones."""
    from core.training.evaluation import load_evaluation

    try:
        return load_evaluation(folder)
    except ValueError:
        return None


def learned_reports(
    reports: Sequence["Report"], rows: Sequence["LabelRow"], known: "Evaluation | None", weights_sha256: str
) -> list[Learned]:
    """Return the reports that ask for pictures that a model learned from; `check_unseen` says what is known of that."""
    from core.training.evaluation import check_unseen

    found = []
    for report in reports:
        try:
            check_unseen([report], rows, known, weights_sha256)
        except ValueError as error:
            found.append(Learned(report.name, str(error)))
    return found


def with_remark(report: "Report") -> "Report":
    """Return a report that says below its figures, in all that is written of them, that they may be too good."""
    before = f"{report.remark.rstrip('.')}. " if report.remark else ""
    return report.model_copy(update={"remark": before + LEARNED_REMARK})
