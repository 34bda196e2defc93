"""Devices: where arrays are multiplied."""

import os

import torch

from herbnb.errors import BadInput

SETTING = "HERBNB_DEVICE"
"""The variable of the environment that names a device, such as `cpu` or `cuda:1`."""


def device() -> torch.device:
    """Return the device that `HERBNB_DEVICE` names, or else the GPU where there is one.

    Raises:
        BadInput: this machine has no such device.
    """
    asked = os.environ.get(SETTING) or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=asked, dtype=torch.float64).device
    except (RuntimeError, AssertionError, TypeError) as error:  # of its driver, its build, its numbers
        raise BadInput(
            f"{SETTING} is {asked!r}, and there is no such device here: name another, such as cpu."
        ) from error
