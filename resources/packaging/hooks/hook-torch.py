"""PyInstaller: of torch, what computes. PyInstaller's own recipe would import and pack every module of it.

The modules are found by following imports; the libraries are all of `torch/lib`. Left out by wetread.spec: the
compiler (torch._dynamo, torch._inductor) with sympy and networkx, and headers, tests and command-line programs.
"""

from pathlib import Path

from PyInstaller.utils.hooks import collect_dynamic_libs, get_package_paths

module_collection_mode = "pyz+py"  # torch.jit reads sources of its own modules
binaries = [(source, target) for source, target in collect_dynamic_libs("torch", search_patterns=["*.so", "*.so.*"])
            if target == "torch/lib"]
# `import torch` refuses to go on without this program, though only shared tensors start it
binaries.append((str(Path(get_package_paths("torch")[1]) / "bin/torch_shm_manager"), "torch/bin"))
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]  # torch finds its libraries by where they lie
warn_on_missing_hiddenimports = False
