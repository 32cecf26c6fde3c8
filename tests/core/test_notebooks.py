"""The notebooks run from top to bottom on drawn chests, and are kept without results."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from core.paths import resources_folder
from tests.make.training import made_config, make_table, write_toml

FOLDER = resources_folder() / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    loop = made_config(steps=16, batch=8, warmup_steps=2, ema_decay=0.5, evaluate_every=8).loop.model_dump(mode="json")
    return {
        "WETREAD_DATA": str(make_table(folder / "set")),
        "WETREAD_CONFIG": str(write_toml(folder / "drawn.toml", start="imagenet", loop=loop)),
        "WETREAD_RUN": str(folder / "run"),
    }


def test_there_are_two_notebooks():
    assert [path.name for path in NOTEBOOKS] == ["exploring.ipynb", "training.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, environment, monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel shows figures by one of its own
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert ("clinic" if path.stem == "exploring" else "Blob against all") in shown
    assert shown.count("image/png") >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_results(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
