"""The settings while the program runs: changed here, written to the disk from here."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from core.settings import Settings, load_settings, save_settings, with_recent

log = logging.getLogger(__name__)

DEFAULT_SIZES = (176, 344, 170)


class Remembered(QObject):
    """Holds the one frozen `Settings` value and replaces it; without a path nothing is written."""

    def __init__(self, settings: Settings, path: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings, self._path = settings, path
        # what this window did to the recent files since it wrote them last: other windows write them too
        self._opened: list[Path] = []
        self._has_cleared = self._has_switched = False

    @property
    def panel_sizes(self) -> tuple[int, int, int]:
        """The widths of the left and right panel and the height of the worklist, in logical pixels."""
        sizes = self.settings.panel_sizes
        return (sizes[0], sizes[1], sizes[2]) if len(sizes) == 3 else DEFAULT_SIZES

    def change(self, **values: Any) -> None:
        """Change settings; they are written when the window closes."""
        self.settings = replace(self.settings, **values)

    def add_recent(self, path: Path) -> None:
        """Remember a file or folder that was opened, unless that is switched off."""
        if self.settings.keep_recent:
            self._opened.append(path)
            self.change(recent_files=with_recent(self.settings.recent_files, path))

    def toggle_keep_recent(self) -> None:
        """Remember recent files or not; off forgets them at once, also on the disk."""
        self._has_switched = True
        self.change(keep_recent=not self.settings.keep_recent)
        self.clear_recent()

    def clear_recent(self) -> None:
        """Forget the recent files, also on the disk."""
        self._has_cleared = True
        self._opened.clear()
        self.change(recent_files=())
        self.save()

    def save(self) -> None:
        """Write the settings; a folder that cannot be written costs the settings, not the work."""
        if self._path is None:
            return
        try:
            self._follow_others(self._path)
            save_settings(self._path, self.settings)
        except OSError:
            log.exception("the settings could not be written")
        else:
            self._opened.clear()
            self._has_cleared = self._has_switched = False

    def _follow_others(self, path: Path) -> None:
        """Take what other windows made of the recent files, but for what was done here since."""
        if not path.exists():
            return
        stored, _ = load_settings(path)
        keeps = self.settings.keep_recent if self._has_switched else stored.keep_recent
        recent = () if self._has_cleared else stored.recent_files
        for opened in self._opened:
            recent = with_recent(recent, opened)
        self.change(keep_recent=keeps, recent_files=recent if keeps else ())
