"""wetread-cli heatmaps, called as a shell calls it: options that nothing would use, and what is written when."""

import json

import pytest

from core.cli.main import main
from tests.make.extent import RATERS, make_zones
from tests.make.model import make_model
from tests.make.training import make_table


@pytest.fixture(scope="module")
def zoned(tmp_path_factory):
    """A table with zone scores whose boxes are called "whole picture", and a model that reads it."""
    home = tmp_path_factory.mktemp("zoned")
    folder = make_table(home / "set", trained=4, tested=16)
    make_zones(folder)
    return folder, make_model(home / "model")


@pytest.mark.parametrize("option", ["--checks", "--random-labels"])
def test_checks_that_nothing_would_make_are_wrong_usage(zoned, capsys, option):
    folder, model = zoned
    words = [option] if option == "--checks" else [option, str(model)]
    command = ["heatmaps", str(model), str(folder), "--device", "cpu", "--zones", *RATERS, *words]
    for boxes in ([], ["--boxes", "left half"]):
        assert main([*command, *boxes]) == 2
        told = capsys.readouterr()
        assert told.err.startswith("--checks and --random-labels are about pictures with boxes") and not told.out


def test_figures_are_written_before_they_are_printed(zoned, tmp_path, monkeypatch):
    def broken(*_, **__):  # as rich does where nobody reads its output any more
        raise SystemExit(1)

    folder, model = zoned
    monkeypatch.setattr("core.training.heatmaps.print_maps", broken)
    with pytest.raises(SystemExit):
        main(["heatmaps", str(model), str(folder), "--device", "cpu", "--bootstrap", "20", "--boxes", "whole",
              "--methods", "Eigen-CAM", "--json", str(tmp_path / "maps.json")])
    assert json.loads((tmp_path / "maps.json").read_text())["reports"]
