"""How many pictures of each source were used for what, also where a model is tested again on others."""

from dataclasses import replace

from core.training.config import Report, RowFilter, SaidWords
from core.training.source_counts import count_sources, count_tests_anew, rows_of_reports
from tests.make.scored import make_row


def rows(source, positives, negatives, licence="CC0"):
    made = [make_row(index, index < positives, source=source) for index in range(positives + negatives)]
    return [replace(row, path=f"{source}/{row.path}", licence=licence) for row in made]


def line(count):
    return count.source, count.trained, count.held_out, count.tested, count.positives, count.tested_positives


def test_each_use_of_a_source_is_counted_and_its_licences_are_named():
    trained, held = rows("clinic", 3, 2), rows("clinic", 1, 0, licence="")
    tested = [*rows("clinic", 2, 2, licence="CC0"), *rows("school", 0, 1)]
    clinic, school = count_sources(trained, held, tested)
    assert line(clinic) == ("clinic", 5, 1, 4, 6, 2) and clinic.licence == "CC0 (9); unknown (1)"
    assert line(school) == ("school", 0, 0, 1, 0, 0) and school.licence == "CC0"


def test_a_model_that_is_tested_again_keeps_what_it_learned_from_and_names_who_is_new():
    before = count_sources(rows("clinic", 3, 2), (), [*rows("clinic", 2, 2), *rows("school", 1, 1)])
    after = count_tests_anew(before, [*rows("clinic", 1, 0), *rows("elsewhere", 4, 3, licence="CC BY 4.0")])
    assert [line(count) for count in after] == [("clinic", 5, 0, 1, 4, 1), ("elsewhere", 0, 0, 7, 4, 4)]
    assert after[1].licence == "CC BY 4.0"
    assert count_tests_anew(before, [*rows("clinic", 2, 2), *rows("school", 1, 1)]) == before
    older = [count.model_copy(update={"tested_positives": None}) for count in before]  # as files of before today
    clinic, *_ = count_tests_anew(older, rows("clinic", 1, 0))
    assert (clinic.tested, clinic.positives, clinic.tested_positives) == (1, 5, None)


def test_a_row_that_several_reports_ask_for_counts_once_and_by_its_label():
    table = [replace(row, said="virus" if row.is_positive else "bacteria") for row in rows("clinic", 2, 2)]
    said = SaidWords(positive=("bacteria",), negative=("virus",))
    reports = [Report(name="a", title="A", rows=RowFilter()),
               Report(name="b", title="B", rows=RowFilter(), finding="Virus", said=said)]
    assert rows_of_reports(reports, table) == tuple(table)
