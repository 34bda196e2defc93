"""Precision: float32, or bfloat16 where the machine is faster in it."""

import time
from collections.abc import Callable

import torch

PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")
"""Arithmetic of training; "auto" is the faster of float32 and bfloat16 on the machine."""


def has_bfloat16() -> bool:
    """Say whether the processor multiplies in bfloat16 itself, as those with AMX or AVX-512 BF16 do.

    Elsewhere it is imitated, and slower than float32.
    """
    known = torch.cpu.get_capabilities()
    return bool(known.get("amx_bf16") or known.get("avx512_bf16"))


def looking(device: str) -> torch.autocast:
    """Return the precision to look at sheets in: bfloat16 where a device, "cpu" or "cuda", computes in it."""
    on_gpu = device == "cuda"
    half = torch.cuda.is_bf16_supported(including_emulation=False) if on_gpu else has_bfloat16()
    return torch.autocast(device, torch.bfloat16, enabled=half)


def faster(step: Callable[[], object], alone: bool = True) -> str:
    """Return the precision in which one step of training is sooner done, on the GPU where there is one.

    A processor that has bfloat16 is timed in both, because depthwise convolutions gain nothing by it and
    dense ones a great deal. Processors that train together are not: each would come to its own answer.
    """
    if torch.cuda.is_available():
        half = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16-mixed" if half else "32-true"
    if not alone or not has_bfloat16():
        return "32-true"
    seconds = {half: seconds_of(step, half) for half in (False, True)}
    return "bf16-mixed" if seconds[True] < seconds[False] else "32-true"


def seconds_of(step: Callable[[], object], half: bool) -> float:
    """Time `step` in one precision, after one that warms up."""
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        step()
        start = time.perf_counter()
        step()
        return time.perf_counter() - start
