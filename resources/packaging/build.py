"""Build the program for Linux: dist/wetread/ and dist/wetread-VERSION-linux-ARCH.tar.gz. `make installer` runs it.

Run it with the Python of an environment that holds Wetread, PyInstaller and a CPU-only torch, and nothing of training.
"""

import platform
import sys
import tarfile
import time
from pathlib import Path

import torch
from PyInstaller.__main__ import run

from core.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"

CUDA_BUILD = """This environment's torch is a CUDA build: packed, it would make a program of several gigabytes.
Give pip the CPU build of the same version, then run `make installer` again:
    rm -rf .venv-package
    PIP_FIND_LINKS=/folder/with/the/cpu/wheel make installer
or set PIP_EXTRA_INDEX_URL to PyTorch's index of CPU builds; PyTorch's "Get started" page shows its address under "CPU".
"""


def pack(folder: Path) -> Path:
    """Write the folder as a tar.gz beside it and return the archive's path."""
    archive = folder.parent / f"wetread-{VERSION}-linux-{platform.machine()}.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=6) as file:
        file.add(folder, arcname=folder.name)
    return archive


def size_mb(folder: Path) -> float:
    """Return what the files below a folder take, in megabytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def main() -> int:
    """Build, pack and say how large it became."""
    if torch.version.cuda is not None:
        print(CUDA_BUILD, file=sys.stderr)
        return 1
    started = time.perf_counter()
    print("Building dist/wetread ...", flush=True)
    sys.path.insert(0, str(ROOT))  # the recipe imports core.paths
    run(["--noconfirm", "--log-level", "ERROR", "--distpath", str(DIST), "--workpath", str(ROOT / "build"),
         str(ROOT / "resources/packaging/wetread.spec")])
    folder = DIST / "wetread"
    archive = pack(folder)
    print(f"dist/{folder.name}: {size_mb(folder):.0f} MB, dist/{archive.name}: {archive.stat().st_size / 1e6:.0f} MB,"
          f" built in {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
