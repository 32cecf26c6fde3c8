"""Which pictures a subcommand asks for: what a file says, else as the model was evaluated; whether it knows them."""

import pytest

from core.cli.reports import LEARNED_REMARK, asked_config, learned_reports, with_remark
from core.paths import resources_folder
from core.training.config import GateConfig, LabelWords, Report, RowFilter, StatedAge
from core.training.evaluation import Evaluation, GateResult, ReportResult, SourceCount
from core.training.labels import Label, LabelRow
from core.training.measure import measure

ALL, TESTS = (Report(name=name, title=name, rows=RowFilter(splits=splits)) for name, splits in (
    ("all", ()), ("tests", ("test",))))
AGES = (StatedAge(rows=RowFilter(sources=("school",)), years=3.0),)
SHA = "ab" * 32


def result_of(report: Report) -> ReportResult:
    return measure(report, [], {}, {}, draws=1)


def known_evaluation(*counts: SourceCount) -> Evaluation:
    gate = GateResult(config=GateConfig(frontal=RowFilter(splits=("test",))), sha256=SHA, least=0.0, mirrored=0.0,
                      tested=())
    return Evaluation(
        name="n", version="1", weights_sha256=SHA, finding="Blob", threshold=0.5, stated_ages=AGES, gate=gate,
        labels=LabelWords(positive=("blob",), negative=("none seen",), missing=("",)), results=(result_of(TESTS),),
        sources=counts,
    )


def test_what_a_file_does_not_say_is_as_the_model_was_evaluated(tmp_path):
    known = known_evaluation()
    (tmp_path / "mine.toml").write_text('[[reports]]\nname = "one"\ntitle = "One"\nrows = {}\n')
    mine = asked_config(tmp_path / "mine.toml", known)
    assert [report.name for report in mine.reports] == ["one"]
    assert (mine.labels, mine.stated_ages, mine.gate) == (known.labels, AGES, known.gate.config)
    (tmp_path / "words.toml").write_text('stated_ages = []\n[labels]\npositive = ["yes"]\nnegative = ["no"]\n')
    words = asked_config(tmp_path / "words.toml", known)
    assert (words.labels.positive, words.stated_ages, words.reports) == (("yes",), (), (TESTS,))
    assert asked_config(None, known).reports == (TESTS,) and asked_config(None).reports == ()


def test_a_key_that_no_configuration_has_is_named(tmp_path):
    (tmp_path / "mine.toml").write_text('[[report]]\nname = "one"\n')
    with pytest.raises(ValueError, match=r"^mine\.toml cannot be used: there is no report in .*reports"):
        asked_config(tmp_path / "mine.toml")


@pytest.mark.parametrize("path", sorted((resources_folder() / "training").glob("*.toml")), ids=lambda path: path.name)
def test_a_whole_training_configuration_is_taken(path):
    assert asked_config(path).labels.positive


def row(split: str) -> LabelRow:
    return LabelRow(f"{split}.png", "clinic", split, "p", "opacity", Label.POSITIVE)


def test_a_model_learned_from_pictures_that_its_figures_name_and_may_have_from_any_where_there_are_none():
    rows = [row("train"), row("test")]
    clinic = SourceCount(source="clinic", licence="", trained=3, held_out=1, tested=0, positives=2)
    (told,) = learned_reports([ALL, TESTS], rows, known_evaluation(clinic), SHA)
    assert told.report == "all" and "that the model learned from" in told.why
    for known, sha in ((None, SHA), (known_evaluation(), SHA), (known_evaluation(clinic), "cd" * 32)):
        (maybe,) = learned_reports([ALL, TESTS], rows, known, sha)
        assert "may have learned" in maybe.why
    school = clinic.model_copy(update={"source": "school"})
    assert learned_reports([ALL], rows, known_evaluation(school), SHA) == []


def test_a_report_that_says_that_its_figures_may_be_too_good_keeps_its_own_remark():
    assert with_remark(ALL).remark == LEARNED_REMARK
    for own in ("One hospital", "One hospital."):
        assert with_remark(ALL.model_copy(update={"remark": own})).remark == f"One hospital. {LEARNED_REMARK}"
