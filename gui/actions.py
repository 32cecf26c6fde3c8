"""QActions for all commands: their menus, keys, enablement and marks, each a loop over the table."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.commands import COMMANDS, MENUS, Command, Situation, is_enabled, keys_text, why_disabled
from gui.toolbar import Toolbar

# `gui.peek_key` takes their keys first, since down and up mean different things. Where the keyboard has other letters
# (Cyrillic, Greek, Hebrew, Arabic) it does not know them: there they are shortcuts, as taps
HELD_KEYS = ("findings.heatmap", "view.layers")
GROUPS = (  # a line stands above these in their menus
    "file.open-sample", "file.keep-recent", "file.close-all", "view.invert", "view.mirror", "view.corner-text",
    "view.next-image", "view.layout-1x1", "view.series-panel", "series.join", "series.character-set",
    "window.soft-tissue", "findings.read-again", "help.log-folder",
)
CONTEXT_MENU = (
    "view.fit", "view.one-to-one", "view.invert", "view.reset", "",
    "window.stored", "window.auto", "window.lung", "window.bone", "window.soft-tissue", "",
    "view.turn-left", "view.turn-right", "view.mirror", "",
    "findings.heatmap", "findings.show-below", "findings.read-again",
)


class Actions(QObject):
    """One QAction for each command; `run` is called with the command's id."""

    def __init__(self, window: QWidget, canvas: QWidget, run: Callable[[str], None]) -> None:
        super().__init__(window)
        self._run = run
        self.by_id: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(command.title, self)
            action.setObjectName(command.id)
            action.setCheckable(command.checkable)
            action.setStatusTip(command.help)
            keys = [key for key in (command.shortcut, *command.more_keys) if key]
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setAutoRepeat(command.id not in HELD_KEYS)
            holder = canvas if command.scope == "canvas" else window
            in_canvas = Qt.ShortcutContext.WidgetWithChildrenShortcut
            action.setShortcutContext(in_canvas if holder is canvas else Qt.ShortcutContext.WindowShortcut)
            holder.addAction(action)
            action.triggered.connect(self._on_triggered)
            self.by_id[command.id] = action

    def fill_menus(self, bar: QMenuBar, recent: QMenu) -> None:
        """Fill the bar's menus; `recent` stands below what opens files."""
        menus = {menu.title(): menu for menu in bar.findChildren(QMenu)}
        for title in MENUS:
            menu = menus[title]
            for command in COMMANDS:
                if command.menu != title:
                    continue
                if command.id in GROUPS:
                    menu.addSeparator()
                menu.addAction(self.by_id[command.id])
                if command.id == "file.open-folder":
                    menu.addMenu(recent)

    def fill_context_menu(self, menu: QMenu) -> None:
        """Make the menu of a right click on the picture."""
        for name in CONTEXT_MENU:
            if name:
                menu.addAction(self.by_id[name])
            else:
                menu.addSeparator()

    def update(self, now: Situation, is_checked: Callable[[str], bool], toolbar: Toolbar) -> None:
        """Enable what has something to act on and mark what is on."""
        for command in COMMANDS:
            action = self.by_id[command.id]
            enabled, checked = is_enabled(command, now), command.checkable and is_checked(command.id)
            action.setEnabled(enabled)
            action.setChecked(checked)
            button = toolbar.buttons.get(command.id)
            if button is not None:
                button.setEnabled(enabled)
                button.setChecked(checked)
                lacks = "" if enabled else f"\n{why_disabled(command)}"
                keys = keys_text(command)
                button.setToolTip(f"{command.title}{f' ({keys})' if keys else ''}{lacks}")

    def lacking(self, keys: QKeySequence) -> Command | None:
        """Return the command of these keys that has nothing to act on; one that has would have taken them."""
        found = (command for command in COMMANDS if keys in self.by_id[command.id].shortcuts())
        return next((command for command in found if not self.by_id[command.id].isEnabled()), None)

    def _on_triggered(self, checked: bool) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        if action.isCheckable():
            action.setChecked(not checked)  # the window decides what is marked
        self._run(action.objectName())
