"""Whether there is a display is asked of the display, not of a variable: Qt aborts where none answers."""

import socket

import pytest

from gui.app import has_display


@pytest.fixture
def bare(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return monkeypatch


@pytest.mark.parametrize("name", ["", "nonsense", ":", ":987", "127.0.0.1:59000", "unix:988.0"])
def test_a_display_that_nobody_serves_is_none(bare, name):
    bare.setenv("DISPLAY", name)
    assert not has_display()


def test_a_wayland_socket_is_a_display_and_a_missing_one_is_not(bare, tmp_path):
    bare.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bare.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert not has_display()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        assert has_display()


def test_an_x_server_that_answers_is_a_display(bare):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X98765")
        server.listen()
        bare.setenv("DISPLAY", ":98765.0")
        assert has_display()


def test_offscreen_is_no_display(bare):
    bare.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not has_display()
