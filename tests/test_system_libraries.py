"""resources/packaging/system_libraries.py: finds what is missing, installs it as root, else prints one command."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "resources/packaging/system_libraries.py"


def load():
    spec = importlib.util.spec_from_file_location("system_libraries", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def script(monkeypatch):
    module = load()
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(module.sys, "argv", ["system_libraries.py"])
    monkeypatch.setattr(module, "missing_font", list)
    for table in ("DRAWING", "WINDOW"):
        monkeypatch.setattr(module, table, {"libc.so.6": "libc6"})
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return module


def as_user(script, monkeypatch, number):
    monkeypatch.setattr(script.os, "geteuid", lambda: number)
    monkeypatch.setattr(script.shutil, "which", lambda name: f"/usr/bin/{name}")
    called = []
    monkeypatch.setattr(script, "install", lambda packages: called.append(packages) or True)
    return called


def test_nothing_is_called_when_nothing_is_missing(script, monkeypatch, capsys):
    called = as_user(script, monkeypatch, 0)
    assert script.main() == 0
    assert not called
    assert capsys.readouterr() == ("", "")


def test_root_installs_what_is_missing_and_only_that(script, monkeypatch):
    called = as_user(script, monkeypatch, 0)
    monkeypatch.setattr(script, "WINDOW", {"libc.so.6": "libc6", "libnonsense.so.77": "libnonsense77"})
    assert script.main() == 0
    assert called == [["libnonsense77"]]


def test_another_user_gets_the_one_command_to_run(script, monkeypatch, capsys):
    called = as_user(script, monkeypatch, 1000)
    monkeypatch.setattr(script, "DRAWING", {"libnonsense.so.77": "libnonsense77"})
    assert script.main() == 1
    assert not called
    assert "sudo apt-get install libnonsense77\n" in capsys.readouterr().err


@pytest.mark.parametrize("display, code", [("", 0), (":0", 1)])
def test_what_only_a_window_needs_stops_nobody_without_a_display(script, monkeypatch, display, code):
    as_user(script, monkeypatch, 1000)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr(script, "WINDOW", {"libnonsense.so.77": "libnonsense77"})
    assert script.main() == code


def test_a_font_counts_only_when_qt_can_scale_it(tmp_path):
    script = load()
    (tmp_path / "fixed.pcf.gz").touch()
    assert script.missing_font([str(tmp_path)]) == ["fonts-dejavu-core"]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Sans.ttf").touch()
    assert script.missing_font([str(tmp_path)]) == []
