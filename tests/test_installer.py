"""The packaged program in dist/wetread gives the source tree's numbers. `make installer` builds it and runs this."""

import json
import subprocess
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from core.cli.conformance_tables import ORACLE
from core.findings.wording import TRAINING_NOT_PACKED
from core.paths import sample_paths
from tests.make.dicom import make_dicom

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "dist" / "wetread"
SOURCE = (sys.executable, "-m", "core.cli.main")
FROZEN = (str(PROGRAM / "wetread-cli"),)
LARGEST_MB = 1100  # about 960 when this was written; a package that slips in shows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (PROGRAM / "wetread").is_file(), reason="dist/wetread is not built: make installer"),
]

# One file for each decoder that is loaded only when a file asks for it.
COMPRESSED = {
    "JPEG 2000": "MR_small_jp2klossless.dcm",
    "JPEG-LS": "MR_small_jpeg_ls_lossless.dcm",
    "RLE": "MR_small_RLE.dcm",
    "JPEG baseline": "SC_rgb_jpeg_dcmtk.dcm",
    "JPEG extended, 12 bits": "JPGExtended.dcm",
    "JPEG lossless": "JPEG-LL.dcm",
}


def run(*command, cwd):
    """Run a program as a stranger would: another folder, no display, none of this environment's settings."""
    environment = {
        "HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen",
        **({"PYTHONPATH": str(ROOT)} if command[0] == sys.executable else {}),
    }
    return subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True,
                          timeout=300)


def readings(path):
    return {Path(reading["path"]).name: reading for reading in json.loads(path.read_text(encoding="utf-8"))}


def same_answers(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, reading in ours.items():
        other = theirs[name]
        assert (reading["verdict"], reading["reason"], reading["model"]) == (
            other["verdict"], other["reason"], other["model"])
        assert [finding["label"] for finding in reading["findings"]] == [
            finding["label"] for finding in other["findings"]]
        for finding, twin in zip(reading["findings"], other["findings"], strict=True):
            assert finding["probability"] == pytest.approx(twin["probability"], abs=1e-4)
            assert finding["above"] == twin["above"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The source tree's readings of the sample study, and its maps."""
    folder = tmp_path_factory.mktemp("source")
    done = run(*SOURCE, "read", *sample_paths(), "--json", folder / "readings.json", "--heatmaps", folder / "maps",
               "--device", "cpu", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_sample_is_read_and_assessed_at_all(source):
    assert any(finding for reading in readings(source / "readings.json").values() for finding in reading["findings"])


def test_the_packaged_command_line_gives_the_source_trees_numbers(source, tmp_path):
    done = run(*FROZEN, "read", *sample_paths(), "--json", "readings.json", "--heatmaps", "maps", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    same_answers(readings(tmp_path / "readings.json"), readings(source / "readings.json"))
    ours, theirs = sorted((tmp_path / "maps").iterdir()), sorted((source / "maps").iterdir())
    assert [path.name for path in ours] == [path.name for path in theirs]
    for path, twin in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(np.load(path), np.load(twin), atol=1e-3)


def test_the_packaged_window_draws_its_sample_and_gives_the_same_numbers(source, tmp_path):
    done = run(PROGRAM / "wetread", "--sample", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    same_answers(readings(tmp_path / "out/readings.json"), readings(source / "readings.json"))
    assert (tmp_path / "out/wetread.png").stat().st_size > 50_000


@pytest.mark.parametrize("name", COMPRESSED.values(), ids=COMPRESSED.keys())
def test_the_packaged_program_has_each_decoder(name, tmp_path):
    path = get_testdata_file(name, download=False)
    for program, picture in ((SOURCE, "source.png"), (FROZEN, "frozen.png")):
        done = run(*program, "render", path, "--out", picture, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "frozen.png").read_bytes() == (tmp_path / "source.png").read_bytes()


def test_the_packaged_program_has_jpeg_xl(tmp_path):
    pixels = np.linspace(0, 65535, 64 * 80).reshape(64, 80).astype(np.uint16)
    path = make_dicom(tmp_path / "a.dcm", pixels, syntax="1.2.840.10008.1.2.4.110",
                      frames=[imagecodecs.jpegxl_encode(pixels, lossless=True)])
    for program, picture in ((SOURCE, "source.png"), (FROZEN, "frozen.png")):
        done = run(*program, "render", path, "--out", picture, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "frozen.png").read_bytes() == (tmp_path / "source.png").read_bytes()


def test_only_the_codecs_in_use_are_packed():
    packed = {path.name.split(".")[0] for path in (PROGRAM / "_internal" / "imagecodecs").glob("_*.so")}
    assert packed == {"_htj2k", "_jpeg8", "_jpegxl", "_shared", "_shared_cython"}
    assert not list((PROGRAM / "_internal" / "imagecodecs.libs").glob("libaom*"))


def test_the_packaged_program_starts_a_helper_process_and_not_itself_again(tmp_path):
    name = "MR_small_RLE.dcm"
    (tmp_path / name).write_bytes(Path(get_testdata_file(name, download=False)).read_bytes())
    (tmp_path / "MANIFEST.tsv").write_text(f"path\tsop_class\tts_uid\n{name}\tMR\t1.2\n", encoding="utf-8")
    (tmp_path / "ORACLE.tsv").write_text("\t".join(ORACLE) + "\n", encoding="utf-8")
    done = run(*FROZEN, "conformance", tmp_path, "--json", "results.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (file,) = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["files"]
    assert file["opened"]


def test_the_packaged_program_says_the_source_trees_version(tmp_path):
    assert run(*FROZEN, "--version", cwd=tmp_path).stdout == run(*SOURCE, "--version", cwd=tmp_path).stdout


@pytest.mark.parametrize("command", ["train c.toml --data d", "crossvalidate c.toml --data d", "evaluate m d",
                                     "export m --out d", "quantise m --data d --out o"])
def test_what_needs_training_ends_with_one_sentence_in_the_packaged_program(command, tmp_path):
    done = run(*FROZEN, *command.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"{TRAINING_NOT_PACKED}\n")


def test_nothing_of_training_and_no_test_is_packed():
    packed = {path.name for path in (PROGRAM / "_internal").iterdir()}
    assert not packed & {"torchvision", "tensorboard", "sklearn", "scipy", "matplotlib", "sympy", "data_store"}
    assert not list(PROGRAM.rglob("libtorch_cuda*"))


def test_the_licenses_of_what_is_packed_lie_beside_it():
    packed = {path.name.lower() for path in (PROGRAM / "_internal" / "licenses").iterdir()}
    assert {"pyside6_essentials", "torch", "numpy", "opencv-python-headless", "imagecodecs", "python"} <= packed


def test_the_packaged_program_stays_within_its_size():
    files = (path for path in PROGRAM.rglob("*") if path.is_file() and not path.is_symlink())
    assert sum(path.stat().st_size for path in files) / 1e6 < LARGEST_MB
