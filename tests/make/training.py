"""A label table of small drawn "chests", and a configuration that trains on it in seconds."""

import csv
import json
from pathlib import Path

import numpy as np

from core.training.config import TrainingConfig
from tests.make.picture import make_picture

COLUMNS = ("path", "source", "split", "patient", "label", "label_basis", "licence", "sha1")
SIZE = 64


def draw_chest(seed: int, has_opacity: bool) -> np.ndarray:
    """Return (72, 80) uint8: two dark lungs on gray, with a bright blob in one of them where it has an opacity."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:72, 0:80]
    picture = 150 + rng.normal(0, 6, (72, 80))
    for center in (24, 56):
        picture[((x - center) / 11) ** 2 + ((y - 36) / 24) ** 2 < 1] -= 90
    if has_opacity:
        cx, cy = rng.choice((24, 56)) + rng.integers(-3, 4), 36 + rng.integers(-10, 11)
        picture += 110 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 60)
    return np.clip(picture, 0, 255).astype(np.uint8)


def make_table(folder: Path, trained: int = 48, tested: int = 16) -> Path:
    """Write pictures and labels.csv of two sources, two pictures for each patient, and boxes.csv; return the folder."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for index in range(trained + tested):
        patient, split = index // 2, "train" if index < trained else "test"
        label = "opacity" if patient % 2 else ("normal", "other")[patient // 2 % 2]
        path = f"images/{index:03d}.png"
        make_picture(folder / path, draw_chest(index, label == "opacity"))
        source = "clinic" if patient % 3 else "school"
        rows.append((path, source, split, f"p{patient}", label, "readers", "CC0", f"sha{index}"))
    rows.append(("images/none.png", "clinic", "train", "p900", "none", "", "CC0", ""))
    rows.append(("images/unsure.png", "clinic", "train", "p901", "uncertain", "readers", "CC0", ""))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    lines = [f"{path},0.0,0.0,1.0,1.0,whole picture (readers)" for path, *_ in rows[:-2]]
    (folder / "boxes.csv").write_text("\n".join(["path,x,y,w,h,what", *lines]) + "\n", encoding="utf-8")
    return folder


def with_own_words(folder: Path) -> Path:
    """Write the table again beside itself, with other words for what it says of each picture; return its path."""
    own = {"opacity": "fracture", "normal": "none seen", "other": "none seen", "uncertain": "unclear",
           "none": "not read"}
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    place = head.index("label")
    with (folder / "own.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *([*row[:place], own[row[place]], *row[place + 1:]] for row in rows)])
    return folder / "own.csv"


OWN_WORDS = {"positive": ["fracture"], "negative": ["none seen"], "uncertain": ["unclear"], "missing": ["not read"]}


def made_config(start: str = "random", **loop: object) -> TrainingConfig:
    """Return a configuration of two steps on the drawn chests; `loop` changes its loop."""
    small = {"steps": 2, "batch": 4, "warmup_steps": 1, "evaluate_every": 1, "checkpoint_every": 1, "threads": 1}
    filters = {"rows": {"splits": ["test"]}}
    return TrainingConfig.model_validate({
        "name": "drawn", "version": "0.0", "finding": "Blob", "seed": 3, "start": start, "held_out": 0.4,
        "input": {"rows": SIZE, "columns": SIZE, "mean": 0.5, "std": 0.5},
        "groups": [
            {"name": "clinic", "rows": {"sources": ["clinic"]}, "share": 0.7, "selects": True},
            {"name": "school", "rows": {"sources": ["school"]}, "share": 0.3},
        ],
        "loop": {**small, **loop},
        "population": {"modalities": ["DX"], "body_parts": ["CHEST"], "views": ["PA"], "description": "drawn chests",
                       "min_side_px": 40, "max_side_ratio": 2.0},
        "not_assessed": ["fracture"],
        "reports": [
            {"name": "all", "title": "Blob against all", "headline": True, "boxes": ["whole"], **filters},
            {"name": "normal", "title": "Blob against normal", "against": ["normal"], **filters},
            {"name": "normals", "title": "Normals", "rows": {"splits": ["test"], "labels": ["normal"]}},
        ],
        "card": {"Intended use": "Tests."},
    })


def write_toml(path: Path, **changes: object) -> Path:
    """Write the drawn configuration as TOML (inline tables: JSON's words are TOML's but for the colon)."""
    raw = made_config().model_dump(mode="json", exclude_none=True) | changes

    def words(value: object) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {words(item)}" for key, item in value.items()) + "}"
        return "[" + ", ".join(map(words, value)) + "]" if isinstance(value, list) else json.dumps(value)

    path.write_text("".join(f"{key} = {words(value)}\n" for key, value in raw.items()), encoding="utf-8")
    return path
