"""Other multipliers for a network that is converted already: ranges stay, nothing is calibrated."""

from __future__ import annotations

from torch import nn

from mulsmith.emulate.activation import ActivationQuantiser
from mulsmith.emulate.convert import Assignment, Library, approx_layers, convert, deconvert
from mulsmith.errors import EmulationError


def reassign(model: nn.Module, assignment: Assignment, library: Library | None = None) -> nn.Module:
    """Return a copy of a converted network on other multipliers, with the activation ranges that it has.

    Args:
        model: a calibrated network from ``convert``; it stays as it is.
        assignment: as for ``convert``; the tables may differ in widths and signedness from the present ones.
        library: where names are looked up.

    Raises:
        ConfigError: a layer name that matches nothing, or an unknown multiplier.
        EmulationError: the network does not come from ``convert``, or the assignment names a layer that was
            in float and so has no activation range.
    """
    old = approx_layers(model)
    if not old:
        raise EmulationError("no layer of this network is on a table", remedy="call emulate.convert first")
    first = next(iter(old.values()))
    changed = convert(
        deconvert(model),
        assignment,
        quantisation=first.how,
        library=library,
        gradient=first.gradient,
        backend=first.backend,
    )
    for name, layer in approx_layers(changed).items():
        if name not in old:
            raise EmulationError(f"layer '{name}' was in float and has no activation range")
        ranges = {
            key: part for key, part in old[name].named_modules() if isinstance(part, ActivationQuantiser)
        }
        for key, part in layer.named_modules():
            if isinstance(part, ActivationQuantiser):
                part.take_range(ranges[key])
    return changed
