"""core.settings: one frozen value, kept as JSON, that no broken file can stop."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import MAX_RECENT, Settings, load_settings, save_settings, with_recent


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "settings.json"
    settings = Settings(heatmap_opacity=0.25, recent_files=("/a", "/b"), panel_sizes=(180, 900, 320), layout="2x2")
    save_settings(path, settings)
    assert load_settings(path) == (settings, ())


def test_a_missing_file_gives_the_defaults_and_no_complaint(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == (Settings(), ())


def test_a_value_that_does_not_fit_falls_back_alone_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    stored = {"heatmap_opacity": 7, "corner_level": "loud", "layout": "2x2", "frame_cache_mib": True}
    path.write_text(json.dumps(stored))
    settings, problems = load_settings(path)
    assert settings == Settings(layout="2x2")
    assert [problem.split(":")[0] for problem in problems] == [
        "Heatmap opacity", "Corner text", "Memory for decoded frames (MiB)",
    ]


def test_a_number_that_is_none_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"heatmap_opacity": math.nan}))
    assert load_settings(path)[0] == Settings()
    assert len(load_settings(path)[1]) == 1


@pytest.mark.parametrize("stored", [
    {"panel_sizes": [3_000_000_000, 344, 170]}, {"panel_sizes": [-1, 344, 170]}, {"heatmap_opacity": 10**400},
])
def test_a_number_that_nothing_could_work_with_does_not_fit(tmp_path: Path, stored) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(stored))
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert len(problems) == 1


def test_a_file_of_endlessly_nested_lists_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("[" * 200_000)
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert "settings.broken.json" in problems[0]


def test_an_unreadable_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"\xff{ not json")
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert "settings.broken.json" in problems[0]
    assert (tmp_path / "settings.broken.json").read_bytes() == b"\xff{ not json"


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda s: st.lists(s) | st.dictionaries(
    st.sampled_from([*Settings.__dataclass_fields__, "other", "schema_version"]), s)))
def test_no_json_stops_the_start(tmp_path_factory, stored) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(stored))
    settings, _ = load_settings(path)
    save_settings(path, settings)
    assert load_settings(path) == (settings, ())


@given(st.lists(st.sampled_from([Path(f"/{i}") for i in range(20)])))
def test_recent_files_are_the_newest_each_once(opened: list[Path]) -> None:
    recent: tuple[str, ...] = ()
    for path in opened:
        recent = with_recent(recent, path)
    expected = list(dict.fromkeys(str(path) for path in reversed(opened)))[:MAX_RECENT]
    assert list(recent) == expected
