"""tests/bench/harness.py: what a figure says and when it holds."""

import itertools
import json

import pytest

from tests.bench import harness


def test_a_figure_with_a_peer_is_judged_by_its_ratio():
    assert harness.Figure("a", 10, "ms", "peer", ratio=0.5, target=0.4).holds is False
    assert harness.Figure("a", 10, "ms", "peer", ratio=0.5, target=0.5).holds is True


def test_a_figure_without_a_peer_is_judged_by_its_worst_run_of_five():
    assert harness.limited("gap", [40, 45, 44, 43, 49], "limit", 50).holds is True
    assert harness.limited("gap", [40, 45, 44, 43, 51], "limit", 50).holds is False


def test_a_figure_without_a_target_is_only_told():
    assert harness.limited("gap", [1.0], "", None).holds is None


def test_the_median_and_the_95th_percentile_are_of_all_samples():
    assert harness.median_and_p95([5, 1, 2, 3, 4]) == (3, 5)
    assert harness.median_and_p95(list(range(1, 101))) == (50.5, 95)


def test_the_first_call_of_each_warms_up_and_does_not_count():
    ours, peer = itertools.chain([1000.0], itertools.repeat(3.0)), itertools.chain([1000.0], itertools.repeat(2.0))
    figure = harness.compare_timed("a", lambda: next(ours), lambda: next(peer), "peer", 1.5)
    assert (figure.value, figure.against_value, figure.ratio, figure.holds) == (3.0, 2.0, 1.5, True)


def test_an_unknown_name_is_told_with_the_known_ones(capsys):
    assert harness.main(["nonsense"]) == 2
    assert "reading" in capsys.readouterr().err


@pytest.mark.parametrize("ratio, code", [(1.0, 0), (2.0, 1)])
def test_the_figures_are_printed_and_written(monkeypatch, tmp_path, capsys, ratio, code):
    class Measured:
        @staticmethod
        def figures():
            return [harness.Figure("open", 7.5, "ms", "pydicom", ratio, 1.5, 8.0, 7.5)]

    monkeypatch.setattr(harness.importlib, "import_module", lambda name: Measured)
    monkeypatch.setattr(harness, "OUT", tmp_path / "out" / "bench.json")
    assert harness.main(["open"]) == code
    assert "pydicom" in capsys.readouterr().out
    (written,) = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert written == {"name": "open", "value": 7.5, "unit": "ms", "against": "pydicom", "ratio": ratio,
                       "target": 1.5, "p95": 8.0, "against_value": 7.5, "holds": code == 0}
