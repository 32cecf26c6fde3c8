"""Through the real window: work that goes on moves and widens nothing."""

import pytest
from PySide6.QtWidgets import QApplication

from core.settings import Settings


@pytest.mark.parametrize("shows_findings", [True, False])
def test_the_window_stays_as_small_as_it_is_when_reading_begins(open_window, shows_findings) -> None:
    window = open_window(settings=Settings(notice_seen=True, show_findings=shows_findings))
    window.resize(500, 500)
    QApplication.processEvents()
    assert window.width() == 500
    least = window.minimumSizeHint()
    window.desk.status.counts.setText("214 files · 3 read · 1 not opened · 211 waiting")
    for text, done, total in (("Opening · 214 files", 0, 0), ("Reading · 3 of 214", 3, 214), ("", 0, 0)):
        window.desk.status.show_work(text, done, total)
        QApplication.processEvents()
        assert (window.minimumSizeHint(), window.width()) == (least, 500)
