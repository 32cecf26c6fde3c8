"""Load torch's large libraries without holding the interpreter lock, so that the window stays alive meanwhile.

`import torch` lets the dynamic loader map and relocate some hundred megabytes while it holds the lock, and every
other Python thread stands still. The same libraries loaded through a foreign function call, which releases the lock,
are found already loaded by the import.
"""

import ctypes
import gc
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

# None of these touches Python, so none needs the lock. Order: what is needed first.
LIBRARIES = ("libtorch_global_deps.so", "libtorch_cpu.so", "libtorch_cuda.so")


@contextmanager
def no_collections() -> Iterator[None]:
    """Let no garbage collection stop all threads meanwhile, and none go through what was made meanwhile afterwards.

    torch brings some hundred thousand objects that stay: each full collection would go through them all, for 100 to
    200 ms with the lock held. Reference counts free memory as ever; only garbage in cycles waits.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def preload_torch() -> tuple[str, ...]:
    """Load torch's libraries and return the names of those that were loaded; () where this does not apply.

    Only Linux: elsewhere the import does it. Never raises for a library that is missing or does not load, since the
    import that follows says so better.
    """
    spec = importlib.util.find_spec("torch") if sys.platform == "linux" and "torch" not in sys.modules else None
    if spec is None or spec.origin is None:
        return ()
    folder = Path(spec.origin).parent / "lib"
    dlopen = ctypes.CDLL(None).dlopen  # a function of CDLL releases the lock; the constructor CDLL() does not
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    loaded = []
    for name in LIBRARIES:
        path = folder / name
        if path.is_file() and dlopen(os.fsencode(path), os.RTLD_NOW | os.RTLD_LOCAL):
            loaded.append(name)
    log.info("loaded ahead of torch: %s", ", ".join(loaded) or "nothing")
    return tuple(loaded)
