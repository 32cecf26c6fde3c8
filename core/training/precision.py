"""Where a training step is computed in bfloat16: twice as fast with instructions for it, slower without."""

import torch

from core.training.config_loop import MixedPrecision

INSTRUCTIONS = ("avx512_bf16", "amx_bf16")  # of a processor: with others it takes ten times as long and more


def is_mixed(wanted: MixedPrecision, device: torch.device) -> bool:
    """Return whether steps on `device` are computed in bfloat16, as a configuration wants it."""
    if wanted in ("always", "never"):
        return wanted == "always"
    return device.type == "cuda" or (wanted == "auto" and device.type == "cpu" and _has_instructions())


def _has_instructions() -> bool:
    """Return whether torch says that this processor has instructions for bfloat16; older versions say nothing."""
    told: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(told.get(name) for name in INSTRUCTIONS)
