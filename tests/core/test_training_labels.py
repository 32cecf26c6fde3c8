"""Label tables and the split by patient."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.config import LabelWords, RowFilter, StatedAge
from core.training.labels import Label, LabelRow, matches, read_labels, select, with_shared_patients
from core.training.split import (
    HELD_OUT,
    TRAINED,
    check_for_leaks,
    hold_out,
    read_split,
    read_told,
    write_split,
)
from tests.make.training import COLUMNS, make_table

WORDS = LabelWords()


def write_table(path, *rows, columns=COLUMNS):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def row(path="a.png", patient="p", label=Label.POSITIVE, source="s", split="train", basis="", sha1=""):
    return LabelRow(path, source, split, patient, label.value, label, basis, "", sha1)


def test_uncertain_and_missing_labels_are_kept_apart_and_never_trained(tmp_path):
    rows = read_labels(make_table(tmp_path / "set"), WORDS)
    by_path = {item.path: item.label for item in rows}
    assert by_path["images/none.png"] is Label.MISSING
    assert by_path["images/unsure.png"] is Label.UNCERTAIN
    assert {item.label for item in rows if item.is_known} == {Label.POSITIVE, Label.NEGATIVE}


def test_a_word_that_is_not_declared_is_an_error_that_names_its_line(tmp_path):
    table = write_table(tmp_path / "t.csv", ("a.png", "s", "train", "p", "maybe", "", "", ""))
    with pytest.raises(ValueError, match=r"t\.csv line 2.*'maybe'"):
        read_labels(table, WORDS)


def test_a_missing_column_is_named(tmp_path):
    table = write_table(tmp_path / "t.csv", columns=("path", "source", "split", "label"))
    with pytest.raises(ValueError, match="no column patient"):
        read_labels(table, WORDS)


def test_a_path_twice_is_an_error(tmp_path):
    record = ("a.png", "s", "train", "p", "normal", "", "", "")
    with pytest.raises(ValueError, match="twice"):
        read_labels(write_table(tmp_path / "t.csv", record, record), WORDS)


def test_pictures_without_a_patient_are_patients_of_their_own(tmp_path):
    records = [(f"{name}.png", "s", "train", "", "normal", "", "", "") for name in "ab"]
    first, second = read_labels(write_table(tmp_path / "t.csv", *records), WORDS)
    assert first.patient != second.patient


def test_a_filter_asks_for_every_condition_and_any_of_its_values():
    item = row(basis="adjudicated by radiologists", source="nih")
    assert matches(item, RowFilter())
    assert matches(item, RowFilter(sources=("other", "nih"), basis_contains=("RSNA", "adjudicated")))
    assert not matches(item, RowFilter(sources=("nih",), splits=("test",)))
    assert not matches(item, RowFilter(basis_lacks=("radiologists",)))
    assert select([item], RowFilter(labels=("negative",))) == ()


@given(
    patients=st.lists(st.integers(0, 30), min_size=1, max_size=80),
    part=st.floats(0.05, 0.95),
    seed=st.integers(0, 2**32),
)
def test_no_patient_is_ever_in_both_parts(patients, part, seed):
    rows = [
        row(f"{index}.png", f"p{patient}", Label.POSITIVE if index % 3 else Label.NEGATIVE, f"s{index % 4}")
        for index, patient in enumerate(patients)
    ]
    parts = hold_out(rows, part, seed)
    assert set(parts) == {item.path for item in rows}
    check_for_leaks({name: [item for item in rows if parts[item.path] == name] for name in (TRAINED, HELD_OUT)})


def test_each_source_and_class_gives_its_part():
    rows = [
        row(f"{source}{label.value}{index}", f"{source}{label.value}{index}", label, source)
        for source in "xy" for label in (Label.POSITIVE, Label.NEGATIVE) for index in range(40)
    ]
    parts = hold_out(rows, 0.25, seed=1)
    for source in "xy":
        for label in (Label.POSITIVE, Label.NEGATIVE):
            held = [parts[item.path] == HELD_OUT for item in rows if item.source == source and item.label is label]
            assert sum(held) == 10


def test_another_seed_holds_out_others():
    rows = [row(str(index), str(index)) for index in range(40)]
    assert hold_out(rows, 0.5, 1) == hold_out(rows, 0.5, 1)
    assert hold_out(rows, 0.5, 1) != hold_out(rows, 0.5, 2)


@pytest.mark.parametrize(
    "other, kind",
    [(row("b.png", "p"), "patient"), (row("a.png", "q"), "path"), (row("b.png", "q", sha1="f"), "file")],
)
def test_a_leak_is_an_error_that_names_it(other, kind):
    with pytest.raises(ValueError, match=f"the {kind} .* is in train and in test"):
        check_for_leaks({"train": [row("a.png", "p", sha1="f")], "test": [other]})


def test_pictures_of_one_file_are_of_one_patient_whatever_the_table_names_them():
    rows = [row("a.png", "path:a.png", sha1="f"), row("b.png", "q", sha1="f"), row("c.png", "q"),
            row("d.png", "r", sha1="g"), row("e.png", "q", sha1="h"), row("f.png", "s", sha1="h"), row("g.png", "t")]
    found = with_shared_patients(rows)
    assert [item.path for item in found] == [item.path for item in rows]
    assert [item.patient for item in found] == ["q", "q", "q", "r", "q", "q", "t"]  # a name goes before none


def test_files_of_two_patients_are_one_patients_but_for_who_checks_the_table(tmp_path):
    lines = ("a.png", "s", "train", "p", "opacity", "", "", "f"), ("b.png", "s", "train", "q", "normal", "", "", "f")
    table = write_table(tmp_path / "t.csv", *lines)
    assert [item.patient for item in read_labels(table, LabelWords())] == ["p", "p"]
    assert [item.patient for item in read_labels(table, LabelWords(), as_named=True)] == ["p", "q"]


@pytest.mark.parametrize("line", ["a.png,s,train,p,opacity,CC BY, NC,F", "a.png,s,train,p,opacity,CC0,x"])
def test_a_line_with_more_cells_than_columns_is_an_error(tmp_path, line):
    (tmp_path / "t.csv").write_text(f"path,source,split,patient,label,licence\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"t\.csv line 2 has more cells than columns"):
        read_labels(tmp_path / "t.csv", None)


def test_empty_cells_at_the_end_of_a_line_are_what_spreadsheets_leave(tmp_path):
    (tmp_path / "t.csv").write_text("path,source,split,patient,label\na.png,s,train,p,opacity,, \n", encoding="utf-8")
    assert [item.word for item in read_labels(tmp_path / "t.csv", None)] == ["opacity"]


def test_a_column_twice_is_an_error(tmp_path):
    (tmp_path / "t.csv").write_text("path,source,split,patient,label,label\na,s,train,p,x,y\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the column label twice"):
        read_labels(tmp_path / "t.csv", None)


def test_blanks_around_a_heading_are_no_part_of_it(tmp_path):
    head, line = "path, source ,split,patient,label, sex,age ", "a.png,s,train,p,opacity,F,47"
    (tmp_path / "t.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    (found,) = read_labels(tmp_path / "t.csv", None)
    assert (found.source, found.sex, found.years) == ("s", "F", 47)
    (tmp_path / "t.csv").write_text(f"{head}, label\n{line},normal\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the column label twice"):
        read_labels(tmp_path / "t.csv", None)


def test_lines_of_empty_cells_are_none(tmp_path):
    lines = ["path,source,split,patient,label", "a.png,s,train,p,opacity", ",,,,", " , ", " ", ",,,,,,", "b.png"]
    (tmp_path / "t.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert [item.path for item in read_labels(tmp_path / "t.csv", None)] == ["a.png"]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=r"t\.csv line 7 ends before the column source"):
        read_labels(tmp_path / "t.csv", None)


@pytest.mark.parametrize("other", ["./pics/0.png", "pics//0.png", "pics/./0.png", "pics/more/../0.png"])
def test_another_spelling_of_a_path_is_the_same_picture(tmp_path, other):
    table = write_table(tmp_path / "t.csv", ("pics/0.png", "s", "train", "", "normal", "", "", ""),
                        (other, "s", "test", "", "normal", "", "", ""))
    with pytest.raises(ValueError, match=r"names pics/0\.png twice"):
        read_labels(table, WORDS)
    rows = read_labels(write_table(tmp_path / "t.csv", (other, "s", "train", "", "normal", "", "", "")), WORDS)
    assert [(item.path, item.patient) for item in rows] == [("pics/0.png", "path:pics/0.png")]


def test_a_written_split_reads_back(tmp_path):
    rows = [row("a, b.png", "p"), row("c.png", "q")]
    parts = hold_out(rows, 0.5, 0)
    write_split(tmp_path / "split.csv", rows, parts, {item.path: f"mark of {item.path}" for item in rows})
    assert read_split(tmp_path / "split.csv") == parts
    assert read_told(tmp_path / "split.csv") == {
        item.path: (item.source, item.word, f"mark of {item.path}") for item in rows}
    (tmp_path / "split.csv").write_text("path,patient,source,label,part\na,p,s,normal,trained\n")  # as it was before
    assert read_told(tmp_path / "split.csv") == {"a": ("s", "normal", "")}


def test_a_folder_for_each_class_is_a_table(tmp_path):
    for path in ("train/sick/a.png", "train/well/b.png", "test/sick/deep/c.jpg", "test/sick/notes.txt"):
        (tmp_path / "set" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / path).touch()
    rows = read_labels(tmp_path / "set", LabelWords(positive=("sick",), negative=("well",)))
    assert [(item.path, item.split, item.label, item.source) for item in rows] == [
        ("test/sick/deep/c.jpg", "test", Label.POSITIVE, "class folders"),
        ("train/sick/a.png", "train", Label.POSITIVE, "class folders"),
        ("train/well/b.png", "train", Label.NEGATIVE, "class folders"),
    ]
    assert not any(item.has_patient for item in rows) and len({item.patient for item in rows}) == 3
    (tmp_path / "set").rename(tmp_path / "renamed")
    assert read_labels(tmp_path / "renamed", LabelWords(positive=("sick",), negative=("well",))) == rows


def test_class_folders_without_splits_are_all_for_training(tmp_path):
    for path in ("train/a.png", "well/b.png"):  # "train" is a class here: the other folder is no split
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).touch()
    rows = read_labels(tmp_path, LabelWords(positive=("train",), negative=("well",)))
    assert [(item.word, item.split) for item in rows] == [("train", "train"), ("well", "train")]


def test_without_words_no_label_is_known_and_every_word_is_kept(tmp_path):
    rows = read_labels(write_table(tmp_path / "t.csv", ("a.png", "s", "train", "p", "odd", "", "", "")), None)
    assert [(item.word, item.label) for item in rows] == [("odd", Label.MISSING)]


@pytest.mark.parametrize(("written", "years"), [
    ("47", 47), ("5.5", 5.5), ("mid 50s", 50), ("67+", 67), ("", None), ("060Y", 60), ("018M", 1.5), ("18 months", 1.5),
    ("26 weeks", 0.498), ("9 days", 0.0246), ("014D", 0.0383), ("50 or older", 50), ("40 to 49", 40), ("47 F", 47),
    ("47M", 47), ("45 ans", 45), ("8 mo", 0.667), ("9 more", 9), ("3 d", None), ("47 w", None), ("47W", None),
    ("2 weeks", 0.0383),
    ("12 mths", 1), ("10 hours", 0.00114), (".5", 0.5), ("1,5", 1.5), ("-1", None),
    ("47 years", 47), ("33yrs", 33), ("47 yo F", 47), ("47 y/o", 47), ("47-year-old", 47), ("47/F", 47), ("3 Jahre", 3),
    ("2 años", 2), (">89", 89), ("40-49", 40), ("18 m", 18), ("6-month-old", 0.5), ("6 (months)", 0.5),
    ("6-12 months", 0.5), ("6 to 12 months", 0.5),
    ("6 Monate", None), ("3 mois", None), ("6m", None), ("3M", None), ("6/12", None), ("<1", None), ("< 1 year", None),
    ("1988", None), ("1988-03-02", None), ("12.03.1988", None), ("150", 150), ("151", None), ("999Y", None),
    ("5th decade", None),
])
def test_an_age_is_the_number_in_its_unit(tmp_path, written, years):
    table = write_table(tmp_path / "t.csv", ("a.png", "s", "train", "p", "normal", written),
                        columns=("path", "source", "split", "patient", "label", "age"))
    found = read_labels(table, WORDS)[0].years
    assert found == (years if years is None else pytest.approx(years, abs=1e-3))


def test_an_age_that_is_stated_of_a_collection_fills_in_what_the_table_does_not_say(tmp_path):
    table = write_table(tmp_path / "t.csv", ("a.png", "s", "train", "p", "normal", "47"),
                        ("b.png", "s", "train", "q", "normal", ""), ("c.png", "other", "train", "r", "normal", ""),
                        columns=("path", "source", "split", "patient", "label", "age"))
    stated = (StatedAge(rows=RowFilter(sources=("s",)), years=3),)
    assert [item.years for item in read_labels(table, WORDS, stated)] == [47, 3, None]


def test_files_that_are_named_by_a_number_or_end_in_anything_are_pictures_and_notes_are_none(tmp_path):
    for name in ("normal/1.2.840.113619.2.5.17", "normal/IM.0001", "ill/film.jfif", "ill/film", "ill/notes.txt",
                 "ill/table.csv", "ill/.hidden"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(b"-")
    rows = read_labels(tmp_path / "set", None)
    assert [row.path for row in rows] == ["ill/film", "ill/film.jfif", "normal/1.2.840.113619.2.5.17", "normal/IM.0001"]


def test_a_table_that_a_spreadsheet_saved_is_read_and_a_line_that_ends_early_is_named(tmp_path):
    path = tmp_path / "labels.csv"
    header = "path,source,split,patient,label\r\n"
    path.write_text(f"\ufeff{header}a.png,s,train,p,normal\r\n", encoding="utf-8", newline="")
    assert [row.path for row in read_labels(tmp_path, None)] == ["a.png"]
    path.write_text(f"{header}a.png,s,train,p,normal\r\nb.png\r\n", encoding="utf-8", newline="")
    with pytest.raises(ValueError, match="line 3 ends before the column source"):
        read_labels(tmp_path, None)


def test_blanks_around_a_cell_are_no_part_of_it(tmp_path):
    table = write_table(tmp_path / "t.csv", ("a.png", "s ", "test ", "p1 ", " normal", "", "", ""),
                        ("b.png", "s", "train", "p1", "normal", "", "", ""))
    first, second = read_labels(table, WORDS)
    assert (first.source, first.split, first.patient, first.label) == ("s", "test", second.patient, second.label)


def test_a_quote_that_nothing_closes_is_an_error_and_swallows_no_lines(tmp_path):
    columns = ("path", "source", "split", "patient", "label", "finding")
    lines = [f"{number}.png,s,train,p{number},normal," for number in range(9000)]
    (tmp_path / "t.csv").write_text("\n".join([",".join(columns), lines[0] + '"5 cm', *lines[1:]]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"t\.csv is no table from line 2 on"):
        read_labels(tmp_path / "t.csv", WORDS)


def test_a_table_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_bytes("path,source,split,patient,label\na.png,Köln,train,p,opacity\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"^labels\.csv is no UTF-8"):
        read_labels(path, LabelWords())


@pytest.mark.parametrize(("written", "width"), [("2048", 2048), ("2048.0", 2048), ("", 0)])
def test_a_size_is_read_as_a_data_frame_writes_it(tmp_path, written, width):
    columns = ("path", "source", "split", "patient", "label", "width")
    table = write_table(tmp_path / "t.csv", ("a.png", "s", "train", "p", "normal", written), columns=columns)
    assert read_labels(table, WORDS)[0].width == width


def test_a_size_that_is_no_number_is_named(tmp_path):
    columns = ("path", "source", "split", "patient", "label", "width")
    table = write_table(tmp_path / "t.csv", ("a.png", "s", "train", "p", "normal", "wide"), columns=columns)
    with pytest.raises(ValueError, match=r"t\.csv line 2: the width 'wide'"):
        read_labels(table, WORDS)
