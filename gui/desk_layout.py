"""Where the parts of the desk stand: panels beside the canvas and below it, folded and as wide as they were left."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from gui.canvas.canvas import holds_keyboard

if TYPE_CHECKING:
    from gui.desk import Desk


class DeskLayout:
    """Splitters around the desk's panels; `body` is the outermost."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self.has_layers = False  # to tell of: an empty panel would take the room of the findings
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self.body, self._right = QSplitter(Qt.Orientation.Vertical), QSplitter(Qt.Orientation.Vertical)
        for splitter, parts in (
            (self._right, (desk.findings_panel, desk.layers_panel)),
            (self._across, (desk.series_panel, desk.canvas, self._right, desk.header_panel)),
            (self.body, (self._across, desk.worklist)),
        ):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            for part in parts:
                splitter.addWidget(part)
        self._across.setStretchFactor(1, 1)
        self.body.setStretchFactor(0, 1)
        desk.series_panel.setMinimumWidth(120)
        self._right.setMinimumWidth(240)
        self._right.setStretchFactor(0, 1)
        desk.header_panel.setMinimumWidth(280)

    @property
    def has_list(self) -> bool:
        """Whether there are several files; one needs no list."""
        return len(self._desk.workspace.rows) > 1

    @property
    def areas(self) -> tuple[QWidget, ...]:
        """What keys go through, from left to right and then down; some may be folded."""
        desk = self._desk
        panels = desk.findings_panel, desk.layers_panel, desk.header_panel
        return desk.series_panel, desk.canvas.active, *panels, desk.worklist

    def restore(self) -> None:
        """Give the panels the sizes that they had, and fold those that were folded."""
        desk, sizes = self._desk, self._desk.remembered.panel_sizes
        width, height = desk.window.width(), desk.window.height()
        self._across.setSizes([sizes[0], max(width - sizes[0] - sizes[1], 200), sizes[1],
                               desk.header_panel.sizeHint().width()])
        self.body.setSizes([max(height - sizes[2], 200), sizes[2]])
        self.fold()

    def remember(self) -> None:
        """Keep the sizes of the panels; a folded one keeps what it had."""
        across, down, kept = self._across.sizes(), self.body.sizes(), self._desk.remembered.panel_sizes
        self._desk.remembered.change(panel_sizes=(across[0] or kept[0], across[2] or kept[1], down[1] or kept[2]))

    def toggle(self, name: str) -> None:
        """Fold or unfold a panel; `name` is its setting."""
        remembered = self._desk.remembered
        remembered.change(**{name: not getattr(remembered.settings, name)})
        self.fold()

    def fold(self) -> None:
        """Fold and unfold the panels as the settings say; the worklist is there when there are several files."""
        desk, settings = self._desk, self._desk.remembered.settings
        self._keep_keyboard()
        desk.series_panel.setVisible(settings.show_series)
        desk.findings_panel.setVisible(settings.show_findings)
        desk.layers_panel.setVisible(settings.show_layers and self.has_layers)
        self._right.setVisible(not (desk.findings_panel.isHidden() and desk.layers_panel.isHidden()))
        was_hidden = desk.header_panel.isHidden()
        desk.header_panel.setVisible(settings.show_header)
        if was_hidden and settings.show_header:  # else it may show the header of a refused file
            desk.header_showing.follow()
        desk.status.show_notice(not settings.show_findings)
        desk.worklist.setVisible(settings.show_worklist and self.has_list)

    def _keep_keyboard(self) -> None:
        """Give the keyboard of a panel that is folded to the active cell; with the panel it would go to any cell."""
        desk, settings = self._desk, self._desk.remembered.settings
        folded = (
            (desk.series_panel, not settings.show_series),
            (desk.findings_panel, not settings.show_findings),
            (desk.layers_panel, not (settings.show_layers and self.has_layers)),
            (desk.header_panel, not settings.show_header),
            (desk.worklist, not (settings.show_worklist and self.has_list)),
        )
        if any(is_folded and holds_keyboard(panel) for panel, is_folded in folded):
            desk.canvas.take_keyboard()
