"""A folder for each class as a label table: FOLDER/CLASS/picture, or FOLDER/SPLIT/CLASS/picture.

The class's folder is the label word. The source is `SOURCE`, whatever the folder is called: one that was renamed or
copied has the same pictures. Patients are unknown: a collection in this form that has several pictures of a patient
leaks between splits, and nobody can tell; a table with patients is better.
"""

from collections.abc import Iterator
from pathlib import Path

SOURCE = "class folders"
SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}
# What lies beside pictures. All else may be one: names of DICOM files end in anything, often in a number
OTHERS = {
    ".csv", ".tsv", ".txt", ".md", ".rst", ".json", ".jsonl", ".toml", ".yaml", ".yml", ".xml", ".html", ".pdf", ".xls",
    ".xlsx", ".docx", ".npy", ".npz", ".pt", ".pkl", ".zip", ".gz", ".tar", ".db", ".ini", ".log", ".py", ".ipynb",
}


def folder_records(folder: Path) -> Iterator[dict[str, str]]:
    """Give one record a picture, as a label table's line would be, in the order of their paths.

    The first level counts as splits where every folder there is named like one. Raises ValueError where there is no
    picture in a folder of a class.
    """
    top = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    has_splits = bool(top) and all(path.name.lower() in SPLITS for path in top)
    found = False
    for first in top:
        split = SPLITS[first.name.lower()] if has_splits else "train"
        for home in (sorted(path for path in first.iterdir() if path.is_dir()) if has_splits else [first]):
            for path in sorted(home.rglob("*")):
                if path.is_file() and path.suffix.lower() not in OTHERS and not path.name.startswith("."):
                    found = True
                    yield {
                        "path": path.relative_to(folder).as_posix(), "source": SOURCE, "split": split,
                        "patient": "", "label": home.name,
                    }
    if not found:
        raise ValueError(f"{folder} holds neither labels.csv nor a folder for each class with pictures in it")
