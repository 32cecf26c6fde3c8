"""Colors by role, fonts, palette and style sheet: dark, so that the picture is the brightest thing in the room."""

import json
from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from core.paths import resources_folder

BASE_PX, CAPTION_PX, FINDING_PX = 13, 11, 14
RADIUS_PX, GRID_PX = 6, 4


@dataclass(frozen=True)
class Colors:
    """One color for each meaning. Blue: selected or adjustable. Amber: flagged. Red: look, something went wrong."""

    room: str
    picture: str
    panel: str
    raised: str
    selected: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    flag: str
    stop: str


@cache
def colors() -> Colors:
    """Return the dark theme's colors."""
    stored = json.loads((resources_folder() / "theme" / "dark.json").read_text(encoding="utf-8"))
    return Colors(**stored)


@cache
def color(role: str) -> QColor:
    """Return the color of a role, such as "accent"."""
    return QColor(getattr(colors(), role))


@cache
def font(px: int = BASE_PX, bold: bool = False) -> QFont:
    """Return the interface's font at a size in logical pixels."""
    result = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    result.setPixelSize(px)
    result.setBold(bold)
    return result


@cache
def mono(px: int = CAPTION_PX + 1) -> QFont:
    """Return the font of numbers and keys, whose figures are all equally wide."""
    result = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    result.setPixelSize(px)
    return result


def apply_theme(app: QApplication) -> None:
    """Make the whole program dark; call before anything is shown, so that nothing white flashes."""
    app.setStyle("Fusion")
    app.setPalette(_palette())
    app.setFont(font())
    app.setStyleSheet(_style_sheet(colors()))


def _palette() -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, name in (
        ((role.Window, role.Button), "panel"), ((role.Base, role.AlternateBase), "room"),
        ((role.ToolTipBase, role.Light, role.Midlight), "raised"), ((role.Mid, role.Dark), "line"),
        ((role.Shadow,), "picture"), ((role.Highlight,), "selected"),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), "text"),
        ((role.HighlightedText, role.BrightText), "text"),
        ((role.Link, role.LinkVisited, role.Accent), "accent"), ((role.PlaceholderText,), "faint"),
    ):
        for one in roles:
            palette.setColor(one, color(name))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, color("faint").darker(140))
    return palette


def _style_sheet(c: Colors) -> str:
    return f"""
    QMainWindow, QDialog {{ background: {c.panel}; }}
    QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
    QMenuBar {{ background: {c.panel}; color: {c.dim}; padding: 0 4px; }}
    QMenuBar::item {{ padding: 4px 8px; background: transparent; border-radius: 4px; }}
    QMenuBar::item:selected {{ background: {c.raised}; color: {c.text}; }}
    QMenu {{ background: {c.raised}; border: 1px solid {c.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 28px 5px 20px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.selected}; }}
    QMenu::item:disabled {{ color: {c.faint}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    QSplitter::handle {{ background: {c.line}; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: {c.panel}; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {c.line}; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }}
    QScrollBar::handle:hover {{ background: {c.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QTableView, QListView, QTreeView {{ background: {c.panel}; border: none; outline: none;
        selection-background-color: {c.selected}; selection-color: {c.text}; }}
    QListView::item, QTreeView::item {{ border: 1px solid transparent; }}
    QListView::item:focus, QTreeView::item:focus {{ border-color: {c.accent}; }}
    QTableView::item {{ padding: 0 8px; border-bottom: 1px solid {c.raised}; }}
    QTableView::item:selected, QListView::item:selected, QTreeView::item:selected {{
        background: {c.selected}; color: {c.text}; }}
    QHeaderView {{ background: {c.panel}; border: none; }}
    QHeaderView::section {{ background: {c.panel}; color: {c.dim}; border: none; border-bottom: 1px solid {c.line};
        padding: 4px 11px; font-weight: normal; }}
    QLineEdit {{ background: {c.room}; border: 1px solid {c.line}; border-radius: 4px; padding: 5px 8px; }}
    QLineEdit:focus {{ border-color: {c.accent}; }}
    QPushButton {{ background: transparent; border: 1px solid {c.line}; border-radius: 4px; padding: 4px 12px;
        min-height: 16px; }}
    QPushButton:hover {{ background: {c.raised}; }}
    QPushButton:focus {{ border-color: {c.accent}; }}
    QPushButton:disabled {{ color: {c.faint}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QProgressBar {{ background: {c.room}; border: none; border-radius: 2px; max-height: 4px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 2px; }}
    QSlider::groove:horizontal {{ background: {c.room}; height: 4px; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {c.accent}; height: 4px; border-radius: 2px; }}
    QSlider::handle:horizontal {{ background: {c.text}; width: 12px; height: 12px; margin: -4px 0;
        border-radius: 6px; }}
    QSlider::handle:horizontal:focus {{ background: {c.accent}; }}
    QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{ background: {c.line}; }}
    """
