"""What open objects of one kind hold: read in the background when they are opened, forgotten with their files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from core.dicom.dicom_object import LayerKind, ObjectKind
from core.refusal import Refusal
from gui.threads.object_thread import ObjectThread
from gui.workspace import Change, Workspace

T = TypeVar("T")


class HeldObjects(QObject, Generic[T]):
    """`held` has what `read` made of each open file of a kind, `refused` why nothing could be made of one."""

    changed = Signal()

    def __init__(
        self, workspace: Workspace, thread: ObjectThread, kind: ObjectKind | LayerKind,
        read: Callable[[Path], T | Refusal], parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._thread, self._kind, self._read = workspace, thread, kind, read
        self._asked: set[Path] = set()
        self.held: dict[Path, T] = {}
        self.refused: dict[Path, Refusal] = {}
        workspace.changed.connect(self._on_changed)

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if Change.FILES not in change:
            return
        paths = self._workspace.files_of(self._kind)
        gone = self._asked.difference(paths)
        for path in gone:
            self._asked.discard(path)
            self._thread.forget(self._name(path))
            self.held.pop(path, None)
            self.refused.pop(path, None)
        for path in paths:
            if path not in self._asked:
                self._asked.add(path)
                self._thread.ask(self._name(path), path, partial(self._read, path), partial(self._on_read, path))
        if gone:
            self.changed.emit()

    def _name(self, path: Path) -> str:
        return f"{self._kind} {path}"

    def _on_read(self, path: Path, outcome: T | Refusal) -> None:
        if path not in self._asked:
            return
        if isinstance(outcome, Refusal):
            self.refused[path] = outcome
        else:
            self.held[path] = outcome
        self.changed.emit()
