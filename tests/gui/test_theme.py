"""gui.theme: legible in the dark."""

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QDialogButtonBox

from gui.theme import apply_theme, color, colors


def luminance(tone: QColor) -> float:
    """Relative luminance of sRGB (WCAG 2.1)."""
    parts = [(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in tone.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ink", ["text", "dim", "faint", "accent", "flag", "stop"])
@pytest.mark.parametrize("ground", ["room", "picture", "panel"])
def test_text_is_legible_on_every_ground(ink: str, ground: str) -> None:
    assert contrast(color(ink), color(ground)) >= 4.5


@pytest.mark.parametrize("ink, ground", [("text", "raised"), ("text", "selected"), ("flag", "selected")])
def test_text_is_legible_on_what_is_raised_or_selected(ink: str, ground: str) -> None:
    assert contrast(color(ink), color(ground)) >= 4.5


def test_no_ground_is_brighter_than_a_dark_gray() -> None:
    assert all(luminance(color(ground)) < 0.03 for ground in ("room", "picture", "panel", "raised", "selected"))


def test_the_palette_is_dark_before_anything_is_shown(qapp) -> None:
    palette, style = QPalette(qapp.palette()), qapp.styleSheet()
    try:
        apply_theme(qapp)
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == colors().panel
        assert qapp.palette().color(QPalette.ColorRole.Base).name() == colors().room
    finally:
        qapp.setPalette(palette)
        qapp.setStyleSheet(style)


def test_buttons_of_dialogs_carry_no_colored_icons(qapp, qtbot) -> None:
    palette, style = QPalette(qapp.palette()), qapp.styleSheet()
    try:
        apply_theme(qapp)
        both = QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        box = QDialogButtonBox(both)
        qtbot.addWidget(box)
        box.show()
        assert all(button.icon().isNull() for button in box.buttons())
    finally:
        qapp.setPalette(palette)
        qapp.setStyleSheet(style)
