"""Several processes that train one network together, as torchrun starts them; one process alone needs nothing of it.

    torchrun --nproc-per-node 2 --no-python wetread-cli train CONFIG.toml --data DATA

Each process takes its part of every batch; gradients and batch statistics are those of the whole batch, so that two
processes take the steps that one takes. Process 0 writes all files.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

T = TypeVar("T")
LONGEST_WAIT = timedelta(hours=24)  # for another process


@contextmanager
def joined_processes() -> Iterator[None]:
    """Join the processes that torchrun started with this one (gloo on CPUs, NCCL on GPUs); alone without torchrun."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or distributed.is_initialized():
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # the others wait while the first one prepares the inputs of a large table
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=LONGEST_WAIT)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def process_count() -> int:
    """Return how many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def process_number() -> int:
    """Return this process's number, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def is_first() -> bool:
    """Whether this process writes files and prints: process 0, or the only one."""
    return process_number() == 0


def first_then_others(work: Callable[[], T]) -> T:
    """Do `work` in process 0, then in the others, which find the files that it wrote; return its result in each.

    Where it fails in process 0, which says why, the others end as well, without a word (SystemExit).
    """
    if process_count() == 1:
        return work()
    done = [False]
    if is_first():
        try:
            result = work()
            done = [True]
            return result
        finally:
            distributed.broadcast_object_list(done, src=0)
    distributed.broadcast_object_list(done, src=0)
    if not done[0]:
        sys.exit(1)
    return work()


class _Sum(torch.autograd.Function):
    """The sum of all processes' tensors; its gradient is the sum of all processes' gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.detach().clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        distributed.all_reduce(total)
        return total


class SharedBatchNorm(nn.BatchNorm2d):
    """Batch normalization by the statistics of all processes' parts (as torch's SyncBatchNorm, which needs GPUs).

    Parts are of equal size. In evaluation it is the ordinary one.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) normalized over all processes' N, H and W."""
        if not self.training or process_count() == 1:
            return super().forward(x)
        wide = x.float()
        own = torch.stack([wide.mean((0, 2, 3)), (wide * wide).mean((0, 2, 3))])
        sums: Tensor = _Sum.apply(own)  # type: ignore[no-untyped-call]
        mean, square = sums / process_count()
        variance = (square - mean * mean).clamp_min(0)
        count = x.numel() / x.shape[1] * process_count()
        self._remember(mean.detach(), variance.detach() * count / (count - 1))
        scale = torch.rsqrt(variance + self.eps) * self.weight
        shift = self.bias - mean * scale
        out: Tensor = wide * scale[:, None, None] + shift[:, None, None]
        return out.to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None and self.running_var is not None
        assert self.num_batches_tracked is not None and self.momentum is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


def share_batch_norm(network: nn.Module) -> None:
    """Let every batch normalization of `network` count all processes' parts; its weights keep their names."""
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm
