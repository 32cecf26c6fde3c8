"""gui.panels.series_delegates: what a narrow panel still tells."""

from html import unescape
from pathlib import Path

from PySide6.QtCore import Qt

from core.refusal import Reason, Refusal
from gui.panels import series_delegates
from gui.panels.series_panel import SeriesPanel
from tests.make.screen import painted

LONG = Path("/cases/CR_MONOCHROME1_digitized_film_of_the_thorax.dcm")


def test_a_file_that_was_not_opened_has_a_line_for_its_name_and_one_for_the_reason(qtbot, monkeypatch):
    panel, drawn = SeriesPanel(), []
    qtbot.addWidget(panel)
    refusal = Refusal(Reason.NOT_ON_MEDIUM, LONG)
    panel.show_refusals([(LONG, refusal)])
    panel.resize(177, 400)
    panel.show()
    real = series_delegates._paint_elided

    def paint(painter, box, text, *rest, **options):
        drawn.append((text, box))
        real(painter, box, text, *rest, **options)

    monkeypatch.setattr(series_delegates, "_paint_elided", paint)
    painted(panel)
    (name, upper), (reason, lower) = drawn[-2:]
    assert (name, reason) == (LONG.name, "missing")
    assert upper.bottom() < lower.top()
    assert upper.width() == lower.width() > 140
    told = panel.refusals.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert unescape(told).startswith(f"<p>{LONG.name}: The file is named by the medium's DICOMDIR and is not there.")
