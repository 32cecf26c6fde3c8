"""Labels that say what they are to those who hear the screen, and what stands in them too."""

from PySide6.QtWidgets import QLabel

from gui.panels.parts import Sentence


class NamedLabel(QLabel):
    """A label whose accessible name is its own name and its text: a name alone would be read instead of the text."""

    _name = ""

    def set_name(self, name: str) -> None:
        """Give it a name, such as "Counts"; nobody sees it."""
        self._name = name
        self._tell()

    def setText(self, text: str) -> None:
        super().setText(text)
        self._tell()

    def clear(self) -> None:
        super().clear()
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleName(": ".join(part for part in (self._name, self.text()) if part))


class NamedSentence(NamedLabel, Sentence):
    """The same as a panel's sentence."""
