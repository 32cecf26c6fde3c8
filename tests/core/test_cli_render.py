"""wetread-cli render writes the display pipeline's picture, one pixel for each stored pixel."""

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.cli.render import render_file
from core.findings.wording import ONE_PICTURE_WANTED
from tests.make.archive import make_zip
from tests.make.dicom import make_dicom, make_dicomdir
from tests.make.picture import gradient, make_picture


def rendered(tmp_path, path, *options) -> np.ndarray:
    out = tmp_path / "picture.png"
    assert main(["render", str(path), "--out", str(out), *options]) == 0
    picture = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert picture.dtype == np.uint8
    return picture if picture.ndim == 2 else picture[..., ::-1]


def test_the_files_first_window_is_the_default(tmp_path):
    pixels = gradient(dtype=np.uint16)
    path = make_dicom(tmp_path / "image", pixels, WindowCenter=[20000.5, 1], WindowWidth=[10001, 1])
    expected = np.clip((pixels.astype(float) - 15000) / 10000, 0, 1) * 255
    assert np.abs(rendered(tmp_path, path) - expected).max() <= 0.5001
    np.testing.assert_array_equal(rendered(tmp_path, path), rendered(tmp_path, path, "--window", "first"))


def test_first_is_the_voi_lut_where_there_is_no_window(tmp_path):
    table = {"LUTDescriptor": [256, 0, 8], "LUTData": list(range(255, -1, -1))}
    path = make_dicom(tmp_path / "image", gradient(), VOILUTSequence=table)
    np.testing.assert_array_equal(rendered(tmp_path, path), 255 - gradient())


def test_minmax_leaves_padding_out_and_is_first_without_a_window(tmp_path):
    pixels = np.array([[0, 1000, 1100, 1200]], np.uint16)
    path = make_dicom(tmp_path / "image", pixels, PixelPaddingValue=0)
    for options in ([], ["--window", "first"], ["--window", "minmax"]):
        np.testing.assert_array_equal(rendered(tmp_path, path, *options), [[0, 0, 128, 255]])


def test_a_window_may_be_given_also_with_a_sign(tmp_path):
    path = make_dicom(tmp_path / "image", np.array([[-100, 0, 99]], np.int16), WindowCenter=1, WindowWidth=1)
    np.testing.assert_array_equal(rendered(tmp_path, path, "--window", "0/200"), [[0, 128, 255]])
    np.testing.assert_array_equal(rendered(tmp_path, path, "--window=-50/1"), [[0, 255, 255]])


def test_pixels_are_not_scaled_to_their_aspect(tmp_path):
    path = make_dicom(tmp_path / "image", gradient(), PixelAspectRatio=[2, 1])
    assert rendered(tmp_path, path).shape == gradient().shape


def test_frames_are_counted_from_one(tmp_path):
    path = make_dicom(tmp_path / "image", np.stack([gradient(), gradient()[::-1]]))
    np.testing.assert_array_equal(rendered(tmp_path, path, "--frame", "2"), gradient()[::-1])


def test_color_is_written_as_rgb(tmp_path):
    color = np.stack([gradient(), gradient()[::-1], gradient()[:, ::-1]], axis=-1)
    np.testing.assert_array_equal(rendered(tmp_path, make_dicom(tmp_path / "image", color)), color)
    np.testing.assert_array_equal(rendered(tmp_path, make_picture(tmp_path / "image.png", color)), color)


def test_a_window_that_a_color_picture_has_no_use_for_is_told(tmp_path, capsys):
    color = make_dicom(tmp_path / "color", np.stack([gradient()] * 3, axis=-1))
    rendered(tmp_path, color)
    assert capsys.readouterr().err == ""
    rendered(tmp_path, color, "--window", "40/400")
    assert capsys.readouterr().err == "color: the picture is in color, and --window was not used\n"


@pytest.mark.parametrize("is_color", [False, True])
def test_what_a_shutter_of_the_file_hides_is_hidden_and_is_not_for_conformance(tmp_path, is_color):
    pixels = np.stack([gradient()] * 3, axis=-1) if is_color else gradient()
    path = make_dicom(
        tmp_path / "image", pixels, ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge="3",
        ShutterRightVerticalEdge="6", ShutterUpperHorizontalEdge="2", ShutterLowerHorizontalEdge="9",
        ShutterPresentationValue=0x8000)
    whole, picture = render_file(path, "first", 0), rendered(tmp_path, path)
    seen = np.zeros(picture.shape[:2], bool)
    seen[1:9, 2:6] = True
    np.testing.assert_array_equal(picture[seen], whole[seen])
    assert (picture[~seen] == 128).all() and not (whole[~seen] == 128).all()


def test_a_picture_that_is_not_whole_is_written_and_told(tmp_path, capsys):
    path = make_dicom(tmp_path / "cut", gradient(200, 200))
    path.write_bytes(path.read_bytes()[:-20_000])
    assert rendered(tmp_path, path).shape == (200, 200)
    told = capsys.readouterr().err
    assert told.startswith("cut: incomplete: ") and told.count("\n") == 1


@pytest.mark.parametrize("frame", ["0", "2", "-1"])
def test_a_frame_that_does_not_exist_is_named_with_how_many_there_are(tmp_path, capsys, frame):
    path = make_dicom(tmp_path / "image", gradient())
    assert main(["render", str(path), "--out", str(tmp_path / "out.png"), f"--frame={frame}"]) == 1
    assert f"no frame {frame} among 1" in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_a_file_that_does_not_open_is_named_with_reason_and_remedy(tmp_path, capsys):
    (tmp_path / "text.dcm").write_text("no picture")
    assert main(["render", str(tmp_path / "text.dcm"), "--out", str(tmp_path / "out.png")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("text.dcm: This is neither DICOM nor")


def test_nothing_of_a_file_reaches_the_terminal_as_a_command(tmp_path, capsys):
    path = tmp_path / "a\x1b[2J.dcm"
    path.write_text("no picture")
    assert main(["render", str(path), "--out", str(tmp_path / "out.png")]) == 1
    assert capsys.readouterr().err.startswith("a\\x1b[2J.dcm: This is neither")


@pytest.mark.parametrize("what", ["folder", "archive", "index"])
def test_what_holds_files_is_told_apart_from_what_is_no_picture(tmp_path, capsys, what):
    path = {"folder": lambda path: path.mkdir() or path, "archive": lambda path: make_zip(path, {"a": b"1"}),
            "index": lambda path: make_dicomdir(path, ["A"])}[what](tmp_path / "given")
    assert main(["render", str(path), "--out", str(tmp_path / "out.png")]) == 1
    assert capsys.readouterr().err == f"given: {ONE_PICTURE_WANTED}\n"


def test_an_output_that_cannot_be_written_is_an_error_with_its_reason(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    path = make_dicom(tmp_path / "image", gradient())
    assert main(["render", str(path), "--out", str(tmp_path / "file" / "out.png")]) == 1
    assert "not written" in capsys.readouterr().err


def test_a_folder_in_the_place_of_the_picture_is_told_at_once(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    assert main(["render", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'out'}: not written, it is a folder. Name a file.\n"


@pytest.mark.parametrize("window", ["1/0", "40", "a/b", "last", "40/0.5"])
def test_an_impossible_window_is_wrong_usage(tmp_path, capsys, window):
    with pytest.raises(SystemExit) as exit_:
        main(["render", "image", "--out", "out.png", "--window", window])
    assert exit_.value.code == 2
    assert "minmax" in capsys.readouterr().err


def test_a_folder_that_does_not_exist_is_not_made(tmp_path, capsys):
    path = make_dicom(tmp_path / "image", gradient())
    assert main(["render", str(path), "--out", str(tmp_path / "nowhere" / "picture.png")]) == 1
    assert "there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
