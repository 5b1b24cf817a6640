"""agn-approx (Trommer et al., ICCAD 2022): learn how much noise each layer stands, then match multipliers.

During learning every layer l computes y + eps * std(y) * sigma_l with eps ~ N(0, 1), and the loss is
CE - lambda * sum_l share_l * min(|sigma_l|, sigma_max): noise is pushed up where a layer's share of the
multiplications is large and the task allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from mulsmith.emulate.data import Split
from mulsmith.errors import ConfigError, EmulationError


@dataclass(frozen=True, slots=True)
class NoiseRecipe:
    """How noise is learned.

    Attributes:
        weight: lambda, how much noise is rewarded.
        sigma_max: noise beyond it earns nothing.
        sigma_init: where every layer begins.
        mode: ``joint`` trains weights and sigma together, ``sigma`` leaves the network as it is.
        epochs: passes over the split.
        learning_rate: of the weights.
        sigma_rate: of sigma.
        batch: images per step.
        detach_std: whether std(y) counts as a constant in the gradient.
        seed: of order and noise.
    """

    weight: float = 0.3
    sigma_max: float = 0.5
    sigma_init: float = 0.05
    mode: Literal["joint", "sigma"] = "sigma"
    epochs: int = 10
    learning_rate: float = 1e-3
    sigma_rate: float = 5e-2
    batch: int = 64
    detach_std: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in ("joint", "sigma"):
            raise ConfigError(f"no noise mode is named '{self.mode}'", remedy="use joint or sigma")
        if self.epochs < 1 or self.batch < 1 or min(self.learning_rate, self.sigma_rate, self.sigma_max) <= 0:
            raise ConfigError("epochs, batch, learning rates and sigma_max must be positive")


def learn_noise(
    network: nn.Module,
    data: Split,
    multiplications: Mapping[str, int],
    recipe: NoiseRecipe,
    on_epoch: Callable[[int], None] = lambda number: None,
) -> dict[str, float]:
    """Return layer -> |sigma|, the noise relative to the layer's output that it stands.

    Args:
        network: a float network; trained in place in mode ``joint``, otherwise left as it is.
        data: the training split.
        multiplications: layer -> multiplications per image; these layers get noise.
        recipe: how.
        on_epoch: told the number of every finished epoch, from 1.

    Raises:
        EmulationError: the loss became NaN or infinite.
    """
    names = list(multiplications)
    total = sum(multiplications.values())
    shares = torch.tensor([multiplications[name] / total for name in names])
    sigma = nn.Parameter(torch.full((len(names),), recipe.sigma_init))
    noise = torch.Generator().manual_seed(recipe.seed)
    joint = recipe.mode == "joint"
    modes = {module: module.training for module in network.modules()}
    wanted = {parameter: parameter.requires_grad for parameter in network.parameters()}
    network.train(joint)
    groups: list[dict[str, Any]] = [{"params": [sigma], "lr": recipe.sigma_rate}]
    if joint:
        groups.append({"params": list(network.parameters()), "lr": recipe.learning_rate})
    for parameter in network.parameters():
        parameter.requires_grad_(joint)
    optimiser = torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=0.9)
    handles = [
        network.get_submodule(name).register_forward_hook(_noisy(sigma, index, noise, recipe.detach_std))
        for index, name in enumerate(names)
    ]
    try:
        for epoch in range(recipe.epochs):
            order = torch.Generator().manual_seed(recipe.seed * 1_000_003 + epoch)
            for images, labels in data.batches(recipe.batch, order):
                reward = (shares * sigma.abs().clamp(max=recipe.sigma_max)).sum()
                loss = nn.functional.cross_entropy(network(images), labels) - recipe.weight * reward
                if not torch.isfinite(loss):
                    raise EmulationError(
                        f"the loss became {float(loss.detach())} in epoch {epoch + 1}",
                        remedy="lower the learning rates",
                    )
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
            on_epoch(epoch + 1)
    finally:
        for handle in handles:
            handle.remove()
        for parameter, needed in wanted.items():
            parameter.requires_grad_(needed)
        for module, training in modes.items():
            module.training = training
    return dict(zip(names, sigma.detach().abs().tolist(), strict=True))


def match(
    sigma: Mapping[str, float],
    errors: Mapping[str, Mapping[str, float]],
    energy_pj: Mapping[str, Mapping[str, float]],
    scale: float = 1.0,
) -> dict[str, str]:
    """Return for every layer the cheapest multiplier whose predicted error stays within its noise.

    Args:
        sigma: layer -> noise relative to the output that the layer stands.
        errors: layer -> multiplier -> predicted standard deviation of the error, relative to the output.
        energy_pj: layer -> multiplier -> energy.
        scale: factor on every sigma (an operating point of QoS-Nets).

    Raises:
        ConfigError: no multiplier is exact enough for a layer, which is named.
    """
    found = {}
    for layer, tolerated in sigma.items():
        fitting = [name for name, error in errors[layer].items() if error <= scale * tolerated]
        if not fitting:
            raise ConfigError(
                f"no multiplier is exact enough for layer '{layer}' (error at most {scale * tolerated:.3g})",
                remedy="add a more exact multiplier",
            )
        found[layer] = min((energy_pj[layer][name], name) for name in fitting)[1]
    return found


def _noisy(
    sigma: torch.Tensor, index: int, generator: torch.Generator, detach: bool
) -> Callable[[nn.Module, Any, torch.Tensor], torch.Tensor]:
    def hook(module: nn.Module, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        spread = output.std(correction=0)
        if detach:
            spread = spread.detach()
        return output + torch.randn(output.shape, generator=generator) * spread * sigma[index]

    return hook
