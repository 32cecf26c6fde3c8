"""A slow disk: frames that come when a test lets them, so that "while it is busy" is no matter of luck."""

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.imaging.image import Frame, Image
from core.refusal import Refusal

LIMIT_S = 20.0

Opener = Callable[[Path], Image | Refusal]


def patch_load_image(monkeypatch: pytest.MonkeyPatch, change: Callable[[Opener], Opener]) -> None:
    """Put ``change(load_image)`` wherever files are opened."""
    import core.studies.open_files  # noqa: F401  (else its first user would keep the changed one for good)
    from core.dicom.load_image import load_image

    changed = change(load_image)
    for name, user in list(sys.modules.items()):
        if name.startswith(("core.", "gui.")) and getattr(user, "load_image", None) is load_image:
            monkeypatch.setattr(user, "load_image", changed)


class Gate:
    """Holds back every frame until `open()`; `asked` holds the (file name, frame index, thread) of each request."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.asked: list[tuple[str, int, str]] = []

    def open(self) -> None:
        """Let all frames come, now and from now on."""
        self._event.set()

    def close(self) -> None:
        """Hold back what is asked for from now on."""
        self._event.clear()

    def before(self, load_image: Opener) -> Opener:
        """Return a `load_image` whose images wait at this gate when a frame is decoded."""

        def load(path: Path) -> Image | Refusal:
            image = load_image(path)
            return replace(image, load_frame=self._held(image)) if isinstance(image, Image) else image

        return load

    def _held(self, image: Image) -> Callable[[int], Frame | Refusal]:
        def frame(index: int) -> Frame | Refusal:
            self.asked.append((image.path.name, index, threading.current_thread().name))
            if not self._event.wait(LIMIT_S):
                raise TimeoutError("the test never opened the gate")
            return image.frame(index)

        return frame
