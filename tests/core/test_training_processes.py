"""Two processes that torchrun starts learn what one learns from the same batches."""

import json
import os
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.multiprocessing import spawn

from core.cli.main import main
from core.training import processes
from core.training.processes import SharedBatchNorm, first_then_others, is_first, joined_processes, share_batch_norm
from tests.make.training import made_config, make_table, write_toml


def losses(run):
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def test_two_processes_give_the_loss_curve_of_one(tmp_path):
    table = make_table(tmp_path / "set", trained=24, tested=4)
    loop = made_config(steps=4, batch=8, warmup_steps=2, evaluate_every=4, dropout=0.0, drop_path=0.0,
                       mixed_precision="never", learning_rate=2e-4, align_weight=0.5).loop.model_dump(mode="json")
    config = write_toml(tmp_path / "drawn.toml", loop=loop, start="imagenet")
    words = ["train", str(config), "--data", str(table), "--out"]
    main([*words, str(tmp_path / "one")])
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "core.cli.main",
         *words, str(tmp_path / "two")],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}, timeout=300)
    # so few steps may learn nothing that a calibration could be fitted to; the run says so after its last step
    assert done.returncode == 0 or "nothing was learned" in done.stderr, done.stderr
    one, two = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(one) == len(two) == 4
    # Adam makes steps of one size from gradients of any size: rounding grows with the steps
    assert two == pytest.approx(one, rel=5e-3)
    assert max(one) - min(one) > 0.02


def _normalize(number, port, folder):
    os.environ |= {"WORLD_SIZE": "2", "RANK": str(number), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    with joined_processes():
        x = torch.load(folder / "x.pt", weights_only=True)[number * 3:number * 3 + 3].requires_grad_()
        network = nn.Sequential(nn.BatchNorm2d(4))
        share_batch_norm(network)
        y = network(x)
        (y ** 3).sum().backward()
        order = first_then_others(lambda: (folder / "first").exists() or (folder / "first").touch())
        torch.save({"y": y.detach(), "grad": x.grad, "var": network[0].running_var, "order": order,
                    "first": is_first()}, folder / f"{number}.pt")


def test_batch_norm_of_two_processes_is_that_of_the_whole_batch(tmp_path):
    x = torch.randn(6, 4, 5, 5) * 3 + 1
    torch.save(x, tmp_path / "x.pt")
    spawn(_normalize, (_free_port(), tmp_path), nprocs=2)
    found = [torch.load(tmp_path / f"{number}.pt", weights_only=True) for number in range(2)]
    whole = nn.BatchNorm2d(4)
    x.requires_grad_()
    y = whole(x)
    (y ** 3).sum().backward()
    assert torch.allclose(torch.cat([part["y"] for part in found]), y, atol=1e-4)
    assert torch.allclose(torch.cat([part["grad"] for part in found]), x.grad, atol=1e-3)
    assert all(torch.allclose(part["var"], whole.running_var, atol=1e-4) for part in found)
    assert [part["first"] for part in found] == [True, False]
    assert [part["order"] for part in found] == [None, True]  # the second finds what the first has written


def _fail_first(number, port, folder):
    os.environ |= {"WORLD_SIZE": "2", "RANK": str(number), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    code = None
    try:
        with joined_processes():
            first_then_others(lambda: (folder / "none" / "is there").read_text())
    except (FileNotFoundError, SystemExit) as error:
        code = type(error).__name__
    (folder / f"{number}.txt").write_text(str(code))


def test_where_the_first_process_fails_the_others_end_without_a_word(tmp_path):
    spawn(_fail_first, (_free_port(), tmp_path), nprocs=2)
    assert [(tmp_path / f"{number}.txt").read_text() for number in range(2)] == ["FileNotFoundError", "SystemExit"]


def _free_port():
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_alone_nothing_is_joined(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined_processes():
        assert processes.process_count() == 1 and is_first()
        assert first_then_others(lambda: 7) == 7
    norm = SharedBatchNorm(3)
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(norm(x), nn.BatchNorm2d(3)(x))
