"""Stages: the parts of a backbone in order, and where among them learning begins."""

import torch
from torch import nn

from herbnb.errors import BadInput


def parted(
    model: nn.Module, name: str, trainable: str, height: int
) -> tuple[list[nn.Module], list[nn.Module]]:
    """Part a model where learning begins: the stages that stay as they are, and those that learn.

    Raises:
        BadInput: there is no such stage, or the model is no chain of stages.
    """
    if trainable == "all":
        return [], [model]
    if trainable == "head":
        return [model], []
    stages = chain(model)
    names = list(stages)
    first = next((i for i, each in enumerate(names) if f"{each}.".startswith(f"{trainable}.")), None)
    if first is None:
        among = ", ".join(each for each in names if list(stages[each].parameters()))
        raise BadInput(
            f"trainable is {trainable!r}: choose all, head, or the first stage of {name} to learn: {among}."
        )
    modules = list(stages.values())
    if not is_chain(model, modules, height):
        raise BadInput(f"{name} is no chain of stages: trainable must be all or head.")
    return modules[:first], modules[first:]


def chain(model: nn.Module) -> dict[str, nn.Module]:
    """Return the parts of a model in order, a sequence of parts opened, by name: "conv1", "layer4.0"."""
    parts = {}
    for name, part in model.named_children():
        inner = part.named_children() if isinstance(part, nn.Sequential) else ()
        parts |= {f"{name}.{each}": module for each, module in inner} or {name: part}
    return parts


@torch.inference_mode()
def is_chain(model: nn.Module, parts: list[nn.Module], height: int) -> bool:
    """Say whether a model is its parts, one after another, by trying."""
    training = model.training
    model.eval()
    try:
        image = torch.rand(1, 3, height, height, generator=torch.Generator().manual_seed(0))
        return torch.equal(nn.Sequential(*parts)(image), model(image))
    except (RuntimeError, TypeError, ValueError):
        return False
    finally:
        model.train(training)
