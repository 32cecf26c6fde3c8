"""A key that is tapped to show or hide something over the pictures, and held to look without it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from gui.commands import BY_ID, Situation, disabled_text, is_enabled
from gui.hold_key import HoldKey


@dataclass(frozen=True)
class Switch:
    """What the key works on: the command that switches it, whether it is on, how to switch it, how to look without.

    `reveal` shows findings that are held back. It is for a press alone: the picture may be another one at the release.
    """

    command_id: str
    is_on: Callable[[], bool]
    set_on: Callable[[bool], None]
    peek: Callable[[bool], None]
    reveal: Callable[[], None] | None = None


class PeekKey(QObject):
    """What is over the picture goes, or comes, at the press; the release says whether that stays.

    A press that shows findings which were held back does no more than that. Where its command has nothing to act on,
    the key does nothing, and `say` hears why.
    """

    used = Signal()

    def __init__(
        self, key: Qt.Key, switch: Switch, situation: Callable[[], Situation], say: Callable[[str], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._switch, self._situation, self._say = switch, situation, say
        self._was_on: bool | None = None  # before the press; None where the key is not down or does nothing
        self._key = HoldKey(key, window)
        self._key.pressed.connect(self._on_pressed)
        self._key.tapped.connect(self._on_tapped)
        self._key.released.connect(self._on_released)

    def stop(self) -> None:
        """Watch no more."""
        self._key.stop()

    @Slot()
    def _on_pressed(self) -> None:
        command, now = BY_ID[self._switch.command_id], self._situation()
        if not is_enabled(command, now):
            self._say(disabled_text(command))
            return
        if now.has_held_findings and self._switch.reveal is not None:
            self._switch.reveal()  # and whether the key is tapped or held, they stay
            self.used.emit()
            return
        self._was_on = self._switch.is_on()
        if self._was_on:
            self._switch.peek(True)
        else:
            self._switch.set_on(True)
        self.used.emit()

    @Slot()
    def _on_tapped(self) -> None:
        if self._was_on is not None:
            self._end(on=not self._was_on)

    @Slot()
    def _on_released(self) -> None:
        if self._was_on is not None:
            self._end(on=self._was_on)

    def _end(self, on: bool) -> None:
        self._was_on = None
        self._switch.peek(False)
        if not on:  # since the press it is on
            self._switch.set_on(False)
        self.used.emit()
