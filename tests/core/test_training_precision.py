"""Where a step is computed in bfloat16: as wanted, and by itself only where there are instructions for it."""

import pytest
import torch

from core.training.precision import is_mixed

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(("told", "pays"), [
    ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False),
    ({"avx512_f": True, "avx512_bf16": True}, True),
    ({"amx_bf16": True}, True),
    ({}, False),
])
def test_auto_is_bfloat16_where_the_processor_has_instructions_for_it(monkeypatch, told, pays):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    assert is_mixed("auto", CPU) is pays
    assert is_mixed("auto", GPU)
    assert is_mixed("always", CPU) and not is_mixed("never", GPU)
    assert is_mixed("gpu", GPU) and not is_mixed("gpu", CPU)


def test_a_torch_that_tells_nothing_of_the_processor_stays_with_single_precision(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not is_mixed("auto", CPU)


def test_torch_tells_what_the_processor_has_by_these_names():
    if not hasattr(torch.cpu, "get_capabilities"):
        pytest.skip("an older torch")
    told = torch.cpu.get_capabilities()
    assert told["architecture"] != "x86_64" or {"avx512_bf16", "amx_bf16"} <= set(told)
