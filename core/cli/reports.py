"""What the subcommands that measure models share: which pictures are asked for, and whether a model knows them."""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.training.config import EvaluationConfig, Report
    from core.training.evaluation import Evaluation
    from core.training.labels import LabelRow
    from core.training.predict import Prediction

LEARNED_REMARK = "The model learned from some of these pictures, or may have: the figures may be too good."


class Learned(NamedTuple):
    """A report on pictures that a model learned from, or may have: its name and a sentence about them."""

    report: str
    why: str


def asked_config(path: Path | None, known: "Evaluation | EvaluationConfig | None" = None) -> "EvaluationConfig":
    """Return what a model or table was made with, and in place of it each part that the file of --reports has.

    Raises OSError, and ValueError that names the file and what is wrong in it.
    """
    from core.training.config import EvaluationConfig, load_evaluation_config
    from core.training.evaluation import Evaluation, known_config

    config = known_config(known) if isinstance(known, Evaluation) else known or EvaluationConfig()
    if path is None:
        return config
    own = load_evaluation_config(path)
    return config.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def planned_config(table: Path) -> "EvaluationConfig | None":
    """Return the configuration of the cross-validation that a table of predictions lies in, None where it has none.

    Its reports ask for pictures of any split, as `crossvalidate` prints them. Raises OSError, and ValueError for a
    damaged plan.json.
    """
    from core.training.config import EvaluationConfig
    from core.training.config_part import WRITTEN
    from core.training.fold_plan import PLAN_NAME
    from core.training.fold_table import of_any_split

    path = table.parent / PLAN_NAME
    if not path.is_file():
        return None
    try:
        config = EvaluationConfig.model_validate(json.loads(path.read_bytes())["config"], context=WRITTEN)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged, or of another version of the program") from error
    return config.model_copy(update={"reports": tuple(map(of_any_split, config.reports))})


def on_predicted(
    reports: Sequence["Report"], rows: Sequence["LabelRow"], tables: Sequence[Sequence["Prediction"]]
) -> tuple[tuple["LabelRow", ...], tuple["Report", ...]]:
    """Return the rows that all tables predict, and the reports that find any picture among them."""
    from core.training.evaluation import rows_of

    paths = set.intersection(*({item.path for item in table} for table in tables))
    rows = tuple(row for row in rows if row.path in paths)
    return rows, tuple(report for report in reports if rows_of(report, rows))


def fitting_config(data: Path, configs: Iterable["EvaluationConfig"]) -> "EvaluationConfig | None":
    """Return the first configuration that knows all label words of a table, else the first; None without any.

    Raises as `read_labels`.
    """
    coming = iter(configs)  # no further ones are made than are needed: a model beside may be older
    first = next(coming, None)
    if first is None:
        return None
    words = _words_in(data)
    return next((config for config in chain((first,), coming) if words <= _words_of(config)), first)


def _words_in(data: Path) -> set[str]:
    from core.training.labels import read_labels

    return {row.word for row in read_labels(data, None, as_named=True)}


def _words_of(config: "EvaluationConfig") -> set[str]:
    words = config.labels
    return {*words.positive, *words.negative, *words.uncertain, *words.missing}


def read_rows(data: Path, config: "EvaluationConfig") -> tuple["LabelRow", ...]:
    """Return the rows of the label table. Raises as `read_labels`; of a word in no list it says what to do."""
    from core.training.labels import read_labels

    try:
        return read_labels(data, config.labels, config.stated_ages)
    except ValueError as error:
        if _words_in(data) <= _words_of(config):
            raise
        raise ValueError(f"{error}: say what the words mean with --reports FILE.toml, in its [labels]") from error


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
