"""The notebooks run from top to bottom on drawn chests, and are kept without results."""

import json
from collections import Counter
from types import SimpleNamespace

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


def code_of(stem: str, word: str) -> str:
    """Return the code of the one cell of a notebook that has this word."""
    cells = json.loads((FOLDER / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    (code,) = (text for cell in cells if cell["cell_type"] == "code" and word in (text := "".join(cell["source"])))
    return code


def test_without_a_test_picture_that_shows_the_finding_there_is_no_map_and_no_error(tmp_path, capsys):
    exec(code_of("training", "tested = "), {
        "RUN": tmp_path, "DATA": tmp_path, "prepared": SimpleNamespace(rows=())})
    assert capsys.readouterr().out == "no test picture shows the finding\n"


def test_patients_are_explored_as_the_table_names_them(tmp_path, capsys):
    table = tmp_path / "labels.csv"
    table.write_text("path,source,split,patient,label,sha1\na.png,s,train,p,opacity,x\nb.png,s,test,q,opacity,x\n")
    exec(code_of("exploring", "read_labels("), {
        "Counter": Counter, "DATA": table, "CONFIG": write_toml(tmp_path / "drawn.toml")})
    assert "2 patients" in capsys.readouterr().out
