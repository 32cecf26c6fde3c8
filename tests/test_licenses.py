"""The packaged program carries the license of each library that it carries."""

import importlib.util
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "resources/packaging/licenses.py"


def licenses():
    specification = importlib.util.spec_from_file_location("licenses", SOURCE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_every_library_that_runs_is_found_with_what_it_needs_itself():
    names = {one.name.lower().replace("_", "-") for one in licenses().packed_distributions()}
    assert {"torch", "pydicom", "imagecodecs", "shiboken6", "pydantic-core", "sympy"} <= names
    assert not {"pytest", "torchvision", "scikit-learn"} & names


def test_each_has_a_text_that_says_its_license():
    module = licenses()
    for one in module.packed_distributions():
        if one.name.startswith(("nvidia-", "cuda-")):  # of a CUDA build of torch, which is never packed
            continue
        texts = module.license_files(one)
        assert texts, one.name
        assert all(path.stat().st_size > 0 for path in texts)
        said = " ".join(path.read_text(encoding="utf-8", errors="replace") for path in texts).lower()
        assert any(word in said for word in ("license", "licence", "permission", "copyright")), one.name


def test_a_library_under_the_lgpl_comes_with_its_text():
    module = licenses()
    texts = {path.name for one in module.packed_distributions() if one.name.lower().startswith("pyside6")
             for path in module.license_files(one)}
    assert {"LGPL-3.0.txt", "GPL-3.0.txt"} <= texts


def test_no_two_texts_of_a_library_take_one_place():
    entries = [(folder, Path(path).name) for path, folder in licenses().license_data()]
    assert len(entries) == len(set(entries))
