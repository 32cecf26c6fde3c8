"""Opening follows folders, media and archives; every file ends in one outcome, and the counts add up."""

import os
import socket
import tempfile
import threading
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.dicom.file_set import FileSet
from core.imaging.image import Image
from core.refusal import Reason, Refusal
from core.studies.archive import Limits
from core.studies.open_files import open_files
from core.studies.opened import Duplicate, OpenFiles, OpeningCounts
from core.studies.scan import HEAD
from tests.make.archive import make_zip, with_wrong_checksums
from tests.make.dicom import make_dataset, make_dicom, make_dicomdir, to_bytes

PIXELS = np.zeros((4, 4), np.uint8)


@pytest.fixture
def state(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    state = OpenFiles()
    yield state
    state.close()
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def image_bytes(**attributes) -> bytes:
    return to_bytes(make_dataset(PIXELS, **attributes))


def told(opened) -> list[tuple[str, str]]:
    """Return each file's name and what came of it in a word."""
    return [(one.path.name, one.outcome.reason.value if isinstance(one.outcome, Refusal)
             else type(one.outcome).__name__.lower()) for one in opened]


def test_every_file_of_a_folder_has_one_outcome_and_the_counts_add_up(folder, state):
    first = make_dicom(folder / "a.dcm", PIXELS)
    (folder / "copy.dcm").write_bytes(first.read_bytes())
    (folder / "empty").write_bytes(b"")
    (folder / "text").write_text("no image, but a text")
    make_dicom(folder / "report", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")
    make_dicomdir(folder / "DICOMDIR", ["A.DCM", "GONE"])
    counts = OpeningCounts()
    for one in open_files([folder], state):
        counts.add(one)
    assert counts == OpeningCounts(images=1, objects=1, refused=3, duplicates=1, indexes=1, missing=1)
    assert counts.files == 7  # six files, and one that is not there


def test_what_is_no_regular_file_is_one_row_and_nothing_opens_it(folder, state, monkeypatch):
    os.mkfifo(folder / "a pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # a socket's whole path may have a hundred letters
        listening.bind("b socket")
        (folder / "c link").symlink_to(folder / "a pipe")
        (folder / "d device").symlink_to("/dev/zero")
        real, asked = Path.open, []
        monkeypatch.setattr(Path, "open", lambda path, *rest, **named: asked.append(path.name) or real(path, *rest))
        ended = threading.Thread(target=lambda: asked.append(told(open_files([folder], state))), daemon=True)
        ended.start()
        ended.join(10)  # what opens a pipe waits for ever
    assert asked == [[("a pipe", "not-a-file"), ("b socket", "not-a-file"), ("d device", "not-a-file")]]


def test_a_copy_is_a_duplicate_also_in_a_later_opening(folder, state, tmp_path):
    first = make_dicom(folder / "a.dcm", PIXELS)
    assert told(open_files([first], state)) == [("a.dcm", "image")]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.dcm").write_bytes(first.read_bytes())
    (opened,) = open_files([tmp_path / "other"], state)
    assert opened.outcome == Duplicate(first)
    assert told(open_files([first], state)) == [("a.dcm", "image")]  # the file itself is no copy


def test_a_copy_without_its_preamble_is_counted_and_not_opened_again(folder, state):
    raw = make_dicom(folder / "a.dcm", PIXELS).read_bytes()
    (folder / "b.dcm").write_bytes(raw[132:])
    assert told(open_files([folder], state)) == [("a.dcm", "image"), ("b.dcm", "duplicate")]


def test_of_a_file_and_a_copy_in_an_archive_the_file_is_the_original_whichever_was_named_first(folder, state):
    film = make_dicom(folder / "z.dcm", PIXELS)
    archive = make_zip(folder / "a.zip", {"1.dcm": film.read_bytes()})
    for given in ([folder], [archive, film]):
        opened = list(open_files(given, state))
        assert told(opened) == [("z.dcm", "image"), ("1.dcm", "duplicate")]
        assert opened[1].outcome.first == film
        assert min(opened, key=lambda one: one.rank).path == archive / "1.dcm"  # where it stands in a list stays
        state.close()


def test_files_of_one_instance_that_differ_are_both_opened(folder, state):
    make_dicom(folder / "a.dcm", PIXELS, SOPInstanceUID="1.2.3", PatientID="A")
    make_dicom(folder / "b.dcm", PIXELS, SOPInstanceUID="1.2.3", PatientID="B")
    assert told(open_files([folder], state)) == [("a.dcm", "image"), ("b.dcm", "image")]


def test_after_closing_a_file_is_new_again(folder, state):
    make_dicom(folder / "a.dcm", PIXELS)
    list(open_files([folder], state))
    state.close()
    assert told(open_files([folder], state)) == [("a.dcm", "image")]


def test_a_dicomdir_opens_what_it_names_and_lists_what_is_missing(folder, state):
    (folder / "IMAGES").mkdir()
    make_dicom(folder / "IMAGES" / "B", PIXELS)
    make_dicom(folder / "IMAGES" / "A", PIXELS)
    make_dicom(folder / "unnamed", PIXELS)
    path = make_dicomdir(folder / "DICOMDIR", ["IMAGES/B", "IMAGES/C", "IMAGES/A"])
    assert told(open_files([path], state)) == [
        ("B", "image"), ("A", "image"), ("C", "not-on-medium"), ("DICOMDIR", "fileset")]


@pytest.mark.parametrize("name", ["IM\0X", "IM\ud800"])
def test_a_name_on_a_medium_that_is_none_ends_nothing(folder, state, monkeypatch, name):
    make_dicom(folder / "A", PIXELS)
    path = make_dicomdir(folder / "DICOMDIR", ["IM_X", "A"])
    if name.isascii():
        path.write_bytes(path.read_bytes().replace(b"IM_X", name.encode()))
    else:
        file_set = FileSet(path, (folder / "A",), (folder / name,))
        monkeypatch.setattr("core.studies.open_files.read_dicomdir", lambda path: file_set)
    found = told(open_files([path], state))
    assert [outcome for _name, outcome in found] == ["image", "not-on-medium", "fileset"]


def test_the_folder_of_a_dicomdir_opens_whole_and_lists_what_is_missing_once(folder, state):
    make_dicom(folder / "A", PIXELS)
    make_dicomdir(folder / "DICOMDIR", ["A", "GONE"])
    make_dicomdir(folder / "DICOMDIR-2", ["A", "GONE"])
    found = told(open_files([folder], state))
    assert sorted(found) == [
        ("A", "image"), ("DICOMDIR", "fileset"), ("DICOMDIR-2", "fileset"), ("GONE", "not-on-medium")]


def test_a_dicomdir_that_names_too_many_falls_back_to_its_folder(folder, state, monkeypatch):
    make_dicom(folder / "renamed.dcm", PIXELS)
    path = make_dicomdir(folder / "DICOMDIR", [f"IM{number}" for number in range(4_000)])
    for name in ("MOST_ITEMS", "MOST_SMALL_SIBLINGS"):
        monkeypatch.setattr(f"core.dicom.dataset.{name}", 100)
    monkeypatch.setattr("core.dicom.dataset.LEAST_ITEM_BYTES", 1 << 20)
    assert told(open_files([path], state)) == [("DICOMDIR", "too-large"), ("renamed.dcm", "image")]


@pytest.mark.parametrize("content", ["wrong", "empty", "broken"])
def test_a_wrong_dicomdir_falls_back_to_its_folder(folder, state, content):
    make_dicom(folder / "renamed.dcm", PIXELS)
    path = make_dicomdir(folder / "DICOMDIR", ["X1", "X2"] if content == "wrong" else [])
    if content == "broken":
        make_dicom(path, SOPClassUID="1.2.840.10008.1.3.10")
    outcome = {"wrong": "wrong-dicomdir", "empty": "fileset", "broken": "damaged"}[content]
    assert told(open_files([path], state)) == [("DICOMDIR", outcome), ("renamed.dcm", "image")]


def test_each_entry_of_an_archive_is_one_file_that_decodes(folder, state):
    archive = make_zip(folder / "a.zip", {"s/1.dcm": image_bytes(), "s/2.dcm": image_bytes(), "readme": b"some text"})
    opened = list(open_files([archive], state))
    assert sorted(told(opened)) == [("1.dcm", "image"), ("2.dcm", "image"), ("readme", "not-an-image")]
    assert all(not isinstance(one.outcome.frame(), Refusal) for one in opened if isinstance(one.outcome, Image))


def test_the_first_image_of_an_archive_comes_before_the_rest_is_unpacked(folder, state):
    archive = make_zip(folder / "a.zip", {f"{n}": image_bytes() for n in range(5)})
    opened = open_files([archive], state)
    first = next(opened)
    assert [path.name for path in first.file.parent.iterdir()] == ["0"]


def test_an_archive_with_nothing_to_open_is_one_refusal_with_its_count(folder, state):
    archive = make_zip(folder / "letter.docx", {"a.xml": b"<a/>", "b.xml": b"<b/>", ".keep": b""})
    (opened,) = open_files([archive], state)
    assert (opened.outcome.reason, opened.outcome.facts["files"]) == (Reason.NOTHING_INSIDE, "3")
    (opened,) = open_files([make_zip(folder / "empty.zip", {})], state)
    assert (opened.outcome.reason, opened.outcome.facts["files"]) == (Reason.NOTHING_INSIDE, "0")


def test_an_archive_of_damaged_images_has_a_line_for_each_of_them(folder, state):
    damaged = image_bytes()[:-9]
    archive = make_zip(folder / "disc.zip", {"a.dcm": damaged, "b.dcm": damaged, "note.txt": b"see a"})
    found = told(open_files([archive], state))
    assert [name for name, _ in found] == ["a.dcm", "b.dcm", "note.txt"]
    assert "nothing-inside" not in dict(found).values() and dict(found)["note.txt"] == "not-an-image"
    archive = make_zip(folder / "empty.zip", {"IM0001": b"", "a.dcm": b"", "note.txt": b"see a"})
    assert sorted(told(open_files([archive], state))) == [
        ("IM0001", "empty-file"), ("a.dcm", "empty-file"), ("note.txt", "not-an-image")]


def test_a_medium_in_an_archive_opens(folder, state):
    archive = make_zip(folder / "a.zip", {
        "CD/DICOMDIR": make_dicomdir(folder / "DICOMDIR", ["IMAGES/A", "IMAGES/B"]).read_bytes(),
        "CD/IMAGES/A": image_bytes(),
    })
    (folder / "DICOMDIR").unlink()
    opened = list(open_files([archive], state))
    assert told(opened) == [("A", "image"), ("B", "not-on-medium"), ("DICOMDIR", "fileset")]
    assert isinstance(opened[2].outcome, FileSet)


@pytest.mark.parametrize("content", ["copy", "text"])
def test_what_a_medium_in_an_archive_names_is_there_also_where_nothing_reads_it_again(folder, state, tmp_path, content):
    film = make_dicom(folder / "IM1", PIXELS)
    index = make_dicomdir(tmp_path / "DICOMDIR", ["IM1"]).read_bytes()
    inside = film.read_bytes() if content == "copy" else b"no image, but a text"
    make_zip(folder / "cd.zip", {"DICOMDIR": index, "IM1": inside})
    first, entry, medium = open_files([folder], state)
    outcome = {"copy": "duplicate", "text": "not-an-image"}[content]
    assert told([first, entry, medium]) == [("IM1", "image"), ("IM1", outcome), ("DICOMDIR", "fileset")]
    assert (medium.outcome.present, medium.outcome.missing) == ((folder / "cd.zip" / "IM1",), ())
    assert not entry.file.exists()


def test_what_is_not_read_again_takes_no_room_while_the_archive_is_unpacked(folder, state):
    archive = make_zip(folder / "a.zip", {"1.dcm": image_bytes(), "2.txt": b"some text", "3.dcm": image_bytes()})
    _, text, _ = found = list(open_files([archive], state))
    assert not text.file.exists() and found[0].file.exists()
    other = make_zip(folder / "b.zip", {"1.txt": b"some text", "2.dcm": image_bytes(PatientID="B")})
    opened = open_files([other], state)
    assert not next(opened).file.exists()  # its room is free before all is unpacked


def zip_of(path: Path, *entries: tuple[str, bytes]) -> Path:
    """Write a zip archive whose entries may have the same name."""
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as archive:
        for entry in entries:
            archive.writestr(*entry)
    return path


def test_an_entry_has_its_own_name_where_another_of_the_same_was_dropped(folder, state, tmp_path):
    index = make_dicomdir(tmp_path / "DICOMDIR", ["IM1"]).read_bytes()
    archive = zip_of(folder / "cd.zip", ("IM1", b"no image, but a text"), ("IM1", image_bytes()), ("DICOMDIR", index))
    text, film, medium = open_files([archive], state)
    assert told([text, film]) == [("IM1", "not-an-image"), ("IM1", "image")]
    assert (film.path, medium.outcome.present) == (archive / "IM1", (archive / "IM1",))
    assert film.file.stat().st_size and not isinstance(film.outcome.frame(), Refusal)


def test_what_a_medium_in_an_archive_names_is_gone_also_where_nobody_asks_for_the_rest(folder, state, tmp_path):
    index = make_dicomdir(tmp_path / "DICOMDIR", ["IM1"]).read_bytes()
    archive = make_zip(folder / "cd.zip", {"0.dcm": image_bytes(), "DICOMDIR": index, "IM1": b"some text"})
    opened = open_files([archive], state)
    text = next(one for one in opened if one.path.name == "IM1")
    assert told([next(opened)]) == [("DICOMDIR", "fileset")] and text.file.exists()
    opened.close()
    assert not text.file.exists()


def test_what_cannot_be_removed_costs_nothing(folder, state, tmp_path, monkeypatch):
    def unlink(path, **_):
        raise PermissionError("in use")

    index = make_dicomdir(tmp_path / "DICOMDIR", ["IM1"]).read_bytes()
    archive = make_zip(folder / "cd.zip", {"0.dcm": image_bytes(), "DICOMDIR": index, "IM1": b"some text"})
    monkeypatch.setattr(Path, "unlink", unlink)
    assert told(open_files([archive], state)) == [("0.dcm", "image"), ("IM1", "not-an-image"), ("DICOMDIR", "fileset")]


def test_a_damaged_film_of_a_medium_in_an_archive_is_damaged_and_not_missing(folder, state, tmp_path):
    index = make_dicomdir(tmp_path / "DICOMDIR", ["A/IM1", "B/IM1"]).read_bytes()
    archive = make_zip(folder / "cd.zip", {"A/IM1": image_bytes(), "B/IM1": b"damaged", "DICOMDIR": index})
    opened = list(open_files([with_wrong_checksums(archive, 1)], state))
    assert [one.path for one in opened] == [archive / "A" / "IM1", archive / "B" / "IM1", archive / "DICOMDIR"]
    assert told(opened) == [("IM1", "image"), ("IM1", "damaged"), ("DICOMDIR", "fileset")]
    assert opened[2].outcome.missing == ()


def test_an_archive_in_an_archive_opens_and_one_that_lies_too_deep_is_told(folder, state):
    inner = make_zip(folder / "inner.zip", {"1.dcm": image_bytes()}).read_bytes()
    middle = make_zip(folder / "middle.zip", {"inner.zip": inner}).read_bytes()
    outer = make_zip(folder / "outer.zip", {"middle.zip": middle})
    assert told(open_files([folder / "middle.zip"], state)) == [("1.dcm", "image")]
    state.close()
    (deep,) = open_files([outer], state)
    assert (deep.path, deep.outcome.reason) == (outer / "middle.zip" / "inner.zip", Reason.PACKING)
    assert "archive in an archive" in deep.outcome.facts["detail"] and not deep.file.exists()


@pytest.mark.parametrize("first", ["[Content_Types].xml", "mimetype", "_rels/.rels", "xl/workbook.xml"])
def test_a_table_in_a_letter_in_an_archive_is_no_archive_that_lies_too_deep(folder, state, first):
    inner = make_zip(folder / "inner.xlsx", {first: b"<a/>", "b.xml": b"<b/>"}).read_bytes()
    letter = make_zip(folder / "letter.docx", {"word/document.xml": b"<a/>", "word/a.xlsx": inner}).read_bytes()
    archive = make_zip(folder / "a.zip", {"letter.docx": letter, "1.dcm": image_bytes()})
    assert sorted(told(open_files([archive], state))) == [("1.dcm", "image"), ("letter.docx", "nothing-inside")]


def test_an_archive_with_a_password_opens_with_it(folder, state):
    archive = make_zip(folder / "a.zip", {"1.dcm": image_bytes()}, password="word")
    assert told(open_files([archive], state)) == [("a.zip", "password-needed")]
    assert told(open_files([archive], state, {archive: "no"})) == [("a.zip", "password-wrong")]
    assert told(open_files([archive], state, {archive: "word"})) == [("1.dcm", "image")]


def test_a_limit_ends_an_archive_with_what_was_opened(folder):
    state = OpenFiles(Limits(entries=10, total_bytes=3000))
    archive = make_zip(folder / "a.zip", {"1.dcm": image_bytes(), "2": bytes(5000)})
    assert told(open_files([archive], state)) == [("1.dcm", "image"), ("a.zip", "archive-limit")]
    state.close()


def test_an_unexpected_error_costs_one_file(folder, state, monkeypatch):
    make_dicom(folder / "a", PIXELS)
    make_dicom(folder / "b", PIXELS)

    def load(path):
        if path.name == "a":
            raise RuntimeError
        return real(path)

    from core.studies import open_files as module

    real = module.load_image
    monkeypatch.setattr(module, "load_image", load)
    assert told(open_files([folder], state)) == [("a", "failed"), ("b", "image")]


def test_cancelling_stops(folder, state):
    for number in range(6):
        make_dicom(folder / f"{number}", PIXELS)
    found = []
    for one in open_files([folder], state, cancelled=lambda: len(found) >= 2):
        found.append(one)
    assert len(found) == 2


def test_an_entry_whose_unpacking_was_cancelled_is_not_opened(folder, state, tmp_path):
    archive = make_zip(folder / "a.zip", {"1.dcm": image_bytes(), "2.dcm": image_bytes()})
    temporary = tmp_path / "temporary"
    assert not list(open_files([archive], state, cancelled=lambda: bool(list(temporary.rglob("1.dcm")))))


def test_what_an_archive_holds_is_named_by_the_archive_and_never_by_a_temporary_file(folder, state):
    inner = make_zip(folder / "inner.zip", {"deep/3.dcm": image_bytes()}).read_bytes()
    (folder / "inner.zip").unlink()
    archive = make_zip(folder / "a.zip", {
        "s/1.dcm": image_bytes(), "s/copy.dcm": b"", "report": to_bytes(make_dataset(
            SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")), "inner.zip": inner, "bad": image_bytes()[:300],
    })
    opened = {one.path.relative_to(archive).as_posix(): one for one in open_files([archive], state)}
    assert set(opened) == {"s/1.dcm", "s/copy.dcm", "report", "inner.zip/deep/3.dcm", "bad"}
    for one in opened.values():
        assert one.outcome.path == one.path
        assert "temporary" not in str(one.outcome.path)
    assert opened["report"].outcome.file.read_bytes() == opened["report"].file.read_bytes()
    assert not isinstance(opened["inner.zip/deep/3.dcm"].outcome.frame(), Refusal)


def test_a_frame_of_an_archive_that_cannot_be_decoded_names_the_archive(folder, state):
    archive = make_zip(folder / "a.zip", {"1.dcm": image_bytes()})
    (opened,) = open_files([archive], state)
    assert opened.outcome.frame(7).path == archive / "1.dcm"


def test_an_archive_that_is_opened_again_is_no_copy_of_itself_and_takes_no_more_room(folder, state):
    archive = make_zip(folder / "a.zip", {"1.dcm": image_bytes()})
    (first,) = open_files([archive], state)
    (again,) = open_files([archive], state)
    assert again.path == first.path
    assert isinstance(again.outcome, Image)
    assert again.file == first.file
    assert len(list(first.file.parent.parent.rglob("*.dcm"))) == 1


def test_one_password_may_serve_all_archives(folder, state):
    inner = make_zip(folder / "inner.zip", {"1.dcm": image_bytes()}, password="word").read_bytes()
    archive = make_zip(folder / "outer.zip", {"inner.zip": inner, "2.dcm": image_bytes()}, password="word")
    assert told(open_files([archive], state, "word")) == [("2.dcm", "image"), ("1.dcm", "image")]


def test_a_file_by_several_spellings_comes_once_also_in_a_later_opening(folder, state, monkeypatch):
    first = make_dicom(folder / "a.dcm", PIXELS)
    (folder / "link.dcm").symlink_to(first)
    (folder / "text").write_text("no image, but a text")
    monkeypatch.chdir(folder)
    spellings = [first, folder / ".." / "folder" / "a.dcm", folder / "link.dcm", Path("a.dcm"), Path("./a.dcm")]
    assert [one.path for one in open_files(spellings, state)] == [first]
    (again,) = open_files([Path("link.dcm")], state)
    assert (again.path, type(again.outcome)) == (first, Image)
    assert [one.path for one in open_files([folder / "text"], state)] == [folder / "text"]
    assert [one.path for one in open_files([Path("text")], state)] == [folder / "text"]


def test_an_image_of_a_large_folder_comes_before_the_others_are_listed(folder, state, monkeypatch):
    listed = []

    def scandir(path):
        listed.append(path)
        return real(path)

    for number in range(HEAD + 50):
        (folder / f"{number:04d}").write_bytes(image_bytes() if number % 3 else b"no image, but a text")
    real = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr("core.studies.scan.first_names",
                        lambda path, count: sorted((one.name for one in path.iterdir()), reverse=True)[:count])
    opened = open_files([folder], state, first_soon=True)
    first = next(opened)
    assert listed == []
    assert (first.path.name, type(first.outcome)) == ("0050", Image)
    rest = list(opened)
    assert [one.path.name for one in rest] == [f"{number:04d}" for number in range(HEAD + 50) if number != 50]
    in_order = sorted([first, *rest], key=lambda one: one.rank)
    assert [one.path.name for one in in_order] == [f"{number:04d}" for number in range(HEAD + 50)]
    assert [one.path.name for one in open_files([folder], OpenFiles())] == [one.path.name for one in in_order]


def test_an_image_in_folders_of_a_large_folder_comes_soon_too(folder, state):
    for number in range(HEAD + 5):
        (folder / f"{number:03d}" / "series").mkdir(parents=True)
        make_dicom(folder / f"{number:03d}" / "series" / "a", PIXELS)
    names = [one.path.relative_to(folder).parts[0] for one in open_files([folder], state, first_soon=True)]
    assert len(names) == HEAD + 5
    assert names[1:] == sorted(set(names) - {names[0]})
