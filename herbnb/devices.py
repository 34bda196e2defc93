"""Devices: where arrays are multiplied: those of few sheets by NumPy, of many by PyTorch, in parts."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from herbnb.errors import BadInput

if TYPE_CHECKING:
    import torch

SETTING = "HERBNB_DEVICE"
"""The variable of the environment that names a device, such as `cpu` or `cuda:1`."""

LARGE = 5000
"""From so many sheets on, PyTorch multiplies, on the chosen device. Of fewer, scikit-learn and NumPy are done
about as soon (one thread, 4900 sheets of 1280 features: silhouettes in 0.9 s either way, five neighbours in
2.0 and 1.6 s). What is asked of them needs no PyTorch, and is answered the same whether it is installed or
not."""


def device() -> "torch.device":
    """Return the device that `HERBNB_DEVICE` names, or else the GPU where there is one.

    Raises:
        BadInput: this machine has no such device.
    """
    import torch  # what is small needs none

    asked = os.environ.get(SETTING) or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=asked, dtype=torch.float64).device
    except (RuntimeError, AssertionError, TypeError) as error:  # of its driver, its build, its numbers
        raise BadInput(
            f"{SETTING} is {asked!r}, and there is no such device here: name another, such as cpu."
        ) from error


def parts(count: int, size: int) -> Iterator[slice]:
    """Yield `count` places in slices of at most `size`."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))
