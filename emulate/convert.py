"""Conversion: put layers of any torch module on multiplier tables, and take them back to float."""

from __future__ import annotations

import copy
import difflib
import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.emulate.activation import ActivationQuantiser
from mulsmith.emulate.backends import AUTO
from mulsmith.emulate.folding import fold_batch_norms
from mulsmith.emulate.gradients import STRAIGHT_THROUGH
from mulsmith.emulate.layers import (
    ApproxConv2d,
    ApproxConvTranspose2d,
    ApproxLayer,
    ApproxLinear,
    ApproxMatmul,
    ApproxWeighted,
    MatMul,
)
from mulsmith.emulate.quantise import Quantisation
from mulsmith.errors import ConfigError, EmulationError

Choice = Multiplier | Lut | str | None
Assignment = Mapping[str, Choice] | Choice
Library = Mapping[str, Multiplier]

_KINDS: dict[type[nn.Module], Callable[..., ApproxLayer]] = {
    nn.Conv2d: ApproxConv2d.from_float,
    nn.ConvTranspose2d: ApproxConvTranspose2d.from_float,
    nn.Linear: ApproxLinear.from_float,
    MatMul: ApproxMatmul.from_float,
}
_WEIGHTED_ELSEWHERE = (nn.Conv1d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose3d, nn.Bilinear, nn.RNNBase)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did.

    Attributes:
        converted: layer name -> multiplier name.
        kept: layer name -> why it stays in float, for every layer that multiplies.
        folded: batch norms that were folded into the layer before them.
    """

    converted: Mapping[str, str]
    kept: Mapping[str, str]
    folded: tuple[str, ...] = ()


def convert(
    model: nn.Module,
    assignment: Assignment,
    calibration: Iterable[Any] | None = None,
    quantisation: Quantisation | None = None,
    library: Library | None = None,
    gradient: str = STRAIGHT_THROUGH,
    backend: str = AUTO,
    fold_batch_norm: bool = False,
) -> nn.Module:
    """Return a copy of a network whose layers multiply through tables.

    Args:
        model: any torch module; it stays as it is.
        assignment: one multiplier for all layers, or layer name or pattern (``layer1.*``) -> multiplier; an
            exact name goes before patterns, patterns in their order; None keeps a layer in float. A
            multiplier is a ``Multiplier``, a ``Lut`` or a name in ``library``.
        calibration: batches (a tensor, or a tuple whose first entry is the input) for the activation ranges;
            without it only training with the moving-average observer sets them.
        quantisation: how operands become codes.
        library: where names are looked up.
        gradient: backward pass: ``straight-through``, ``1-d`` or ``2-d``.
        backend: ``auto`` or the name of a backend.
        fold_batch_norm: first fold batch norms into the layers before them, as hardware does.

    Returns:
        The converted copy; ``conversion(copy)`` says what was converted and what not.

    Raises:
        ConfigError: a layer name that matches nothing, or an unknown multiplier.
        EmulationError: a named layer that cannot be converted, or NaN in calibration.
    """
    how = quantisation or Quantisation()
    copied = copy.deepcopy(model)
    folded = fold_batch_norms(copied) if fold_batch_norm else ()
    choices, kept = _choices(copied, assignment, library)
    made: dict[nn.Module, ApproxLayer] = {}
    converted: dict[str, str] = {}
    for name, choice in choices.items():
        layer = copied.get_submodule(name)
        lut, label = _resolve(choice, library)
        if layer not in made:
            options = {"multiplier": label, "gradient": gradient, "backend": backend}
            try:
                made[layer] = _KINDS[type(layer)](layer, lut, how, **options).train(layer.training)
            except EmulationError as error:
                raise EmulationError(f"layer '{name}': {error.cause}", remedy=error.remedy) from error
            made[layer].to(_device_of(layer, copied))
        converted[name] = label
    for name in choices:
        copied = _replace(copied, name, made[copied.get_submodule(name)])
    if calibration is not None:
        calibrate(copied, calibration)
    object.__setattr__(copied, "_mulsmith_conversion", Conversion(converted, kept, folded))
    return copied


def conversion(model: nn.Module) -> Conversion:
    """Return what ``convert`` did to make this network.

    Raises:
        EmulationError: the network does not come from ``convert``.
    """
    found = getattr(model, "_mulsmith_conversion", None)
    if not isinstance(found, Conversion):
        raise EmulationError("this network does not come from emulate.convert")
    return found


def approx_layers(model: nn.Module) -> dict[str, ApproxLayer]:
    """Return the layers on tables by qualified name."""
    return {name: layer for name, layer in model.named_modules() if isinstance(layer, ApproxLayer)}


@torch.no_grad()
def calibrate(model: nn.Module, batches: Iterable[Any]) -> None:
    """Set the activation ranges of a converted network from batches that pass through it in float.

    Raises:
        EmulationError: no batch, or NaN or infinity in front of a layer, which is named.
    """
    layers = approx_layers(model)
    modes = {module: module.training for module in model.modules()}
    model.eval()
    quantisers = [
        (name, q)
        for name, layer in layers.items()
        for q in layer.modules()
        if isinstance(q, ActivationQuantiser)
    ]
    for name, quantiser in quantisers:
        quantiser.start(f"layer '{name}'")
    for layer in layers.values():
        layer.calibrating = True
    count = 0
    try:
        for batch in batches:
            model(_first(batch))
            count += 1
    finally:
        for layer in layers.values():
            layer.calibrating = False
        for module, training in modes.items():
            module.training = training
    if count == 0 and layers:
        raise EmulationError("calibration got no batch")
    for _, quantiser in quantisers:
        quantiser.finish()


def deconvert(model: nn.Module) -> nn.Module:
    """Return a copy of a converted network with float layers that carry the trained float weights."""
    copied = copy.deepcopy(model)
    twins = {layer: layer.float_twin().train(layer.training) for layer in approx_layers(copied).values()}
    for name, layer in approx_layers(copied).items():
        copied = _replace(copied, name, twins[layer])
    if hasattr(copied, "_mulsmith_conversion"):
        object.__delattr__(copied, "_mulsmith_conversion")
    return copied


def freeze(model: nn.Module) -> nn.Module:
    """Fix the integer network of every layer on a table, in place; return the network in eval mode."""
    for layer in approx_layers(model).values():
        if isinstance(layer, ApproxWeighted):
            layer.freeze()
    return model.eval()


def integer_state(model: nn.Module) -> dict[str, dict[str, torch.Tensor]]:
    """Return the integer network of a frozen model: layer -> codes, scales and zero points.

    Raises:
        EmulationError: a layer is not frozen.
    """
    state: dict[str, dict[str, torch.Tensor]] = {}
    for name, layer in approx_layers(model).items():
        entry = {"input_scale": layer.input.scale, "input_zero_point": layer.input.zero_point}
        if isinstance(layer, ApproxMatmul):
            entry |= {"other_scale": layer.other.scale, "other_zero_point": layer.other.zero_point}
        elif isinstance(layer, ApproxWeighted):
            if not layer.frozen:
                raise EmulationError(f"layer '{name}' is not frozen", remedy="call emulate.freeze first")
            entry |= {
                "weight_codes": layer.weight_codes,
                "looked_up_codes": layer.looked_up(layer.weight_codes),
                "weight_scale": layer.weight_scale,
                "weight_zero_point": layer.weight_zero_point,
                "bias_codes": layer.bias_codes + layer.sum_offset,
            }
        state[name] = {key: value.detach().clone() for key, value in entry.items()}
    return state


def _choices(
    model: nn.Module, assignment: Assignment, library: Library | None
) -> tuple[dict[str, Choice], dict[str, str]]:
    """Return (layer -> multiplier, layer -> why kept) over every layer that multiplies."""
    eligible, refused = _layers(model)
    if not isinstance(assignment, Mapping):
        if assignment is None:
            return {}, {**refused, **dict.fromkeys(eligible, "kept in float by the assignment")}
        return dict.fromkeys(eligible, assignment), refused
    for key in assignment:
        if not fnmatch.filter([*eligible, *refused], key):
            near = difflib.get_close_matches(key, [*eligible, *refused], n=1)
            raise ConfigError(
                f"no layer matches '{key}'",
                remedy=f"did you mean '{near[0]}'?" if near else f"layers are {', '.join(eligible)}",
            )
        if key in refused and assignment[key] is not None:
            raise EmulationError(f"layer '{key}' cannot run on a table: {refused[key]}")
    choices: dict[str, Choice] = {}
    kept = dict(refused)
    for name in eligible:
        keys = [name] if name in assignment else [k for k in assignment if fnmatch.fnmatchcase(name, k)]
        if not keys:
            kept[name] = "not in the assignment"
        elif assignment[keys[0]] is None:
            kept[name] = "kept in float by the assignment"
        else:
            choices[name] = assignment[keys[0]]
    return choices, kept


def _layers(model: nn.Module) -> tuple[list[str], dict[str, str]]:
    """Return (convertible layers, layer -> why not) among the layers that multiply."""
    eligible: list[str] = []
    refused: dict[str, str] = {}
    inside_attention: set[str] = set()
    for name, module in model.named_modules(remove_duplicate=False):
        if isinstance(module, nn.MultiheadAttention):
            inside_attention |= {f"{name}.{child}" if name else child for child, _ in module.named_modules()}
            refused[name] = "nn.MultiheadAttention hides its products; use mulsmith.emulate.zoo.SelfAttention"
        elif name in inside_attention:
            continue
        elif type(module) in _KINDS:
            eligible.append(name)
        elif isinstance(module, (*_WEIGHTED_ELSEWHERE, *_KINDS)):
            refused[name] = f"{type(module).__name__} is not supported"
    return eligible, refused


def _resolve(choice: Choice, library: Library | None) -> tuple[Lut, str]:
    if isinstance(choice, str):
        if library is None:
            raise ConfigError(f"multiplier '{choice}' is a name, but no library was passed")
        if choice not in library:
            near = difflib.get_close_matches(choice, list(library), n=1)
            raise ConfigError(
                f"no multiplier is named '{choice}'", remedy=f"did you mean '{near[0]}'?" if near else None
            )
        choice = library[choice]
    if isinstance(choice, Lut):
        return choice, f"lut {choice.a_bits}x{choice.b_bits}"
    if isinstance(choice, Multiplier):
        return choice.lut, choice.name
    raise ConfigError(f"a multiplier must be a Multiplier, a Lut or a name, not {type(choice).__name__}")


def _replace(model: nn.Module, name: str, new: nn.Module) -> nn.Module:
    """Put ``new`` at a qualified name; return the model, which is ``new`` itself for the empty name."""
    if not name:
        return new
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, new)
    return model


def _device_of(layer: nn.Module, model: nn.Module) -> torch.device:
    parameter = next(layer.parameters(), next(model.parameters(), None))
    return torch.device("cpu") if parameter is None else parameter.device


def _first(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple | list) else batch
