"""What the subcommands that measure models share: which pictures are asked for, and whether a model knows them."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.training.config import EvaluationConfig, Report
    from core.training.evaluation import Evaluation
    from core.training.labels import LabelRow

LEARNED_REMARK = "The model learned from some of these pictures, or may have: the figures may be too good."


class Learned(NamedTuple):
    """A report on pictures that a model learned from: its name and a sentence about them.

    `is_certain` where the figures beside the model say so; else nothing is known of it, and it may have.
    """

    report: str
    why: str
    is_certain: bool


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
    _refuse_other_keys(path)
    return config.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def readable_evaluation(folder: Path) -> "Evaluation | None":
    """Return the figures beside a model; None where there are none, or none that can be read, such as older ones."""
    from core.training.evaluation import load_evaluation

    try:
        return load_evaluation(folder)
    except ValueError:
        return None


def _refuse_other_keys(path: Path) -> None:
    """Raise ValueError where a file has a key that is none of a training configuration: one that is mistyped."""
    from core.training.config import EvaluationConfig, TrainingConfig

    parts = EvaluationConfig.model_fields
    others = [key for key in tomllib.loads(path.read_text(encoding="utf-8"))
              if key not in parts and key not in TrainingConfig.model_fields]
    if others:
        raise ValueError(f"{path.name} cannot be used: there is no {', '.join(others)} in a configuration. Take "
                         f"{', '.join(parts)}, or another key of a training configuration.")


def learned_reports(
    reports: Sequence["Report"], rows: Sequence["LabelRow"], known: "Evaluation | None", weights_sha256: str
) -> list[Learned]:
    """Return the reports that ask for pictures that a model learned from; `check_unseen` says what is known of that."""
    from core.training.evaluation import check_unseen

    own = known if known is not None and known.weights_sha256 == weights_sha256 else None
    found = []
    for report in reports:
        try:
            check_unseen([report], rows, known, weights_sha256)
        except ValueError as error:
            found.append(Learned(report.name, str(error), own is not None and bool(own.sources)))
    return found


def with_remark(report: "Report") -> "Report":
    """Return a report that says below its figures, in all that is written of them, that they may be too good."""
    before = f"{report.remark.rstrip('.')}. " if report.remark else ""
    return report.model_copy(update={"remark": before + LEARNED_REMARK})
