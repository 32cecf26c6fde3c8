"""Findings after the reader's look: of which images they are held back, and of which they were seen."""

from core.findings.finding import Reading
from gui.threads.reading_thread import ReadingKey


class FirstLook:
    """While it is on, what a reading found is held back until somebody asks; what was seen once stays so."""

    def __init__(self) -> None:
        self.is_on = False
        self._seen: set[ReadingKey] = set()

    def holds_back(self, reading: Reading | None) -> bool:
        """Return whether a reading is not to be seen yet; that an image was not read, and why, is no finding."""
        if not self.is_on or reading is None or not reading.findings:
            return False
        return (reading.path, reading.frame_index) not in self._seen

    def add_seen(self, key: ReadingKey) -> None:
        """Note that what was found in an image was shown."""
        self._seen.add(key)

    def forget(self) -> None:
        """Everything was closed: other images may be opened under the same paths."""
        self._seen.clear()
