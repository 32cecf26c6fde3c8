"""The window, the command line and training's loader feed the network the same bits for the same file."""

import numpy as np
import pytest
from PIL import Image as PillowImage

from core.cli.main import main
from core.paths import sample_folder
from core.reading.model_card import load_card
from core.reading.preprocess import normalize
from core.reading.read_image import Model
from core.training.dataset import load_input
from tests.make.dicom import make_dicom
from tests.window.conftest import noise


@pytest.fixture
def fed(monkeypatch) -> list[bytes]:
    """The bits of every input that the network is asked about; the real network answers."""
    inputs: list[bytes] = []
    look = Model.look

    def listening(self, batch):
        inputs.append(batch.tobytes())
        return look(self, batch)

    monkeypatch.setattr(Model, "look", listening)
    return inputs


def film(kind, folder):
    if kind == "sample":
        return sample_folder() / "RG1_UNCR.dcm"
    if kind == "inverse":
        return make_dicom(folder / "film.dcm", noise(3), PhotometricInterpretation="MONOCHROME1", WindowCenter=1800,
                          WindowWidth=2500)
    if kind == "no window":
        return make_dicom(folder / "film.dcm", noise(4), PixelPaddingValue=0)
    PillowImage.fromarray((noise(5) >> 4).astype(np.uint8)).save(folder / "film.png")
    return folder / "film.png"


@pytest.mark.parametrize("kind", ["sample", "inverse", "no window", "picture"])
def test_window_command_line_and_training_feed_the_network_the_same_bits(
    kind, fed, open_window, model_folder, tmp_path, wait_until_idle
):
    path = film(kind, tmp_path)
    window = open_window(path)
    wait_until_idle(window)
    assert main(["read", str(path), "--model", str(model_folder), "--device", "cpu"]) == 0
    spec = load_card(model_folder).input
    trained = normalize(load_input(path, spec), spec)[None, None].tobytes()
    # loading a model asks it its reference pictures; what it is asked about this film is as long as one input
    films = [batch for batch in fed if len(batch) == len(trained)]
    assert films == [trained, trained]


def test_a_window_that_the_user_drags_does_not_change_what_is_fed(fed, open_window, wait_until_idle, tmp_path):
    from core.imaging.window import Window

    path = film("no window", tmp_path)
    window = open_window(path)
    wait_until_idle(window)
    before = list(fed)
    window.desk.canvas.active.set_voi(Window(10, 20))
    window.open_paths([make_dicom(tmp_path / "twin.dcm", noise(4), PixelPaddingValue=0, WindowCenter=None)])
    wait_until_idle(window)
    assert len(fed) == len(before) + 1 and fed[-1] == before[-1]
