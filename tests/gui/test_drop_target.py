"""gui.drop_target: what a drag carries, as paths."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from gui.drop_target import local_paths


def carrying(*uris: bytes) -> QMimeData:
    data = QMimeData()
    data.setData("text/uri-list", b"\r\n".join(uris))
    return data


def test_files_come_with_whatever_is_in_their_names(qapp) -> None:
    names = ("/films/café #1 100%.dcm", "/films/a[b]~ ?.dcm", "/films/%E9.dcm")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(name) for name in names])
    assert local_paths(data) == [Path(name) for name in names]


def test_what_lies_elsewhere_is_left_out(qapp) -> None:
    assert local_paths(carrying(b"https://example.org/a.dcm", b"file:///films/a.dcm")) == [Path("/films/a.dcm")]


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_a_name_that_is_no_utf_8_is_kept_byte_for_byte(qapp) -> None:
    (path,) = local_paths(carrying(b"file:///films/caf%E9%20%C3%A9.dcm"))
    assert os.fsencode(path) == b"/films/caf\xe9 \xc3\xa9.dcm"
