"""A helper process may end or hang; only its answer is lost."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.dicom.decoders import helper_process
from core.dicom.decoders.helper_process import HelperFailed, HelperProcess, HelperTookTooLong


def work(task):
    if task == "die":
        os.abort()
    if task == "hang":
        time.sleep(60)
    if task == "compute":
        while True:
            pass
    if task == "wait":
        time.sleep(1.5)
    if task == "print":
        os.write(1, b"bad marker\nmore of it\n")
    if task == "raise":
        raise ValueError("no such picture")
    return os.getpid(), task


@pytest.fixture
def helper():
    with HelperProcess(work, 2) as one:
        yield one


def test_answers_come_from_one_process_that_stays(helper):
    first, second = helper.ask(1), helper.ask(2)
    assert first[0] == second[0] != os.getpid()
    assert (first[1], second[1]) == (1, 2)


def test_a_work_that_raises_says_what_and_the_process_stays(helper):
    pid, _ = helper.ask(1)
    with pytest.raises(HelperFailed, match="ValueError: no such picture"):
        helper.ask("raise")
    assert helper.ask(2)[0] == pid


def test_a_process_that_ends_costs_one_answer(helper):
    pid, _ = helper.ask(1)
    with pytest.raises(HelperFailed, match="ended"):
        helper.ask("die")
    assert helper.ask(2)[0] != pid


def test_a_process_that_hangs_is_ended(helper, monkeypatch):
    monkeypatch.setattr(helper_process, "SECONDS_TO_WAIT", 0)
    helper.ask(1)
    with pytest.raises(HelperFailed, match="too long"):
        helper.ask("hang")
    assert helper.ask(2)[1] == 2


def test_a_task_has_its_time_to_compute_and_a_busy_machine_may_keep_it_waiting(helper):
    helper.ask(1)
    assert helper.ask("wait", 0.5)[1] == "wait"
    assert helper.spent_s < 0.5
    started = time.monotonic()
    with pytest.raises(HelperTookTooLong):
        helper.ask("compute", 0.5)
    assert helper.spent_s >= 0.5
    assert time.monotonic() - started < 0.5 + helper_process.SECONDS_TO_WAIT


def test_where_the_system_tells_no_computing_time_the_clock_counts(helper, monkeypatch):
    helper.ask(1)
    monkeypatch.setattr(helper_process, "_cpu_seconds", lambda _: None)
    with pytest.raises(HelperTookTooLong):
        helper.ask("wait", 0.5)


def test_threads_share_a_helper(helper):
    answers = []
    threads = [threading.Thread(target=lambda task=task: answers.append(helper.ask(task)[1])) for task in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(8))


def test_a_script_without_the_usual_guard_is_not_run_again(tmp_path):
    root = Path(__file__).parents[2]
    (tmp_path / "script.py").write_text(
        "from core.dicom.decoders.helper_process import HelperProcess\n"
        "print('once')\n"
        "with HelperProcess(abs, 20) as helper:\n"
        "    print(helper.ask(-3))\n"
    )
    done = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(root)}, timeout=60, check=True)
    assert done.stdout.split() == ["once", "3"]


def test_what_libraries_print_goes_to_the_log(helper, caplog, capfd):
    with caplog.at_level("INFO", "core.dicom.decoders.helper_process"):
        helper.ask("print")
        helper.ask(1)
    assert [record.getMessage() for record in caplog.records] == ["a decoder printed: bad marker"]
    assert capfd.readouterr() == ("", "")


def slow_start():
    time.sleep(3)


def test_the_start_does_not_count_as_time_of_the_first_task():
    with HelperProcess(work, 2, slow_start) as helper:
        assert helper.ask(1)[1] == 1


def test_only_a_task_counts_as_time_spent_not_the_start_of_a_process_nor_an_earlier_task(helper, monkeypatch):
    with pytest.raises(HelperTookTooLong):
        helper.ask("compute", 0.3)
    assert helper.spent_s >= 0.3
    monkeypatch.setattr(helper_process, "SECONDS_TO_START", 0)
    with pytest.raises(HelperTookTooLong):
        helper.ask(1)
    assert helper.spent_s == 0
