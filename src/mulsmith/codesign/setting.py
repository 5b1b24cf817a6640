"""What a run chooses among and on what: multipliers with prices, the converted network, the splits."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.library import Library
from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.nas_config import NAS_METHODS
from mulsmith.codesign.sections import Circuits, SettingConfig
from mulsmith.emulate.counting import multiplications
from mulsmith.emulate.data import DataSet, Split
from mulsmith.emulate.training import Epoch, Recipe, load_state, save_state, train
from mulsmith.emulate.zoo import build
from mulsmith.errors import ConfigError, EmulationError, StoreError
from mulsmith.search.assignment import EmulatedAssignment
from mulsmith.search.energy_count import EnergyCount

CONVENTIONS = ("pdp", "shared_clock")
CALIBRATION_IMAGES = 256


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that the search and the figures stand on.

    Attributes:
        data: the splits.
        network: the trained float network.
        multipliers: name -> multiplier with synthesis figures.
        left_out: name -> why a circuit of the library is not among them.
        library: where they are from.
        energy: convention -> counts and prices; both cover multipliers only.
        evaluator: accuracy and energy of an assignment on the validation split.
    """

    data: DataSet
    network: nn.Module
    multipliers: Mapping[str, Multiplier]
    left_out: Mapping[str, str]
    library: Mapping[str, Multiplier]
    energy: Mapping[str, EnergyCount]
    evaluator: EmulatedAssignment

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that multiply, in network order."""
        return tuple(next(iter(self.energy.values())).multiplications)

    @property
    def exact(self) -> str:
        """The exact multiplier that savings refer to."""
        return next(iter(self.energy.values())).exact


def prepare(
    config: SettingConfig,
    data: DataSet,
    network: nn.Module,
    library: Mapping[str, Multiplier],
    convention: str,
) -> Setting:
    """Return the setting of a run; ``convention`` says what a multiplication's energy means.

    Raises:
        ConfigError: a pattern that matches no circuit, or no exact 8x8 multiplier among the circuits.
        StoreError: no circuit has synthesis figures.
    """
    multipliers, left_out = select(config.circuits, library)
    prices = {c: {name: energy_pj(m, c) for name, m in multipliers.items()} for c in CONVENTIONS}
    candidates = [
        n for n, m in multipliers.items() if m.errors.wce == 0 and m.lut.a_bits == m.lut.b_bits == 8
    ]
    if not candidates:
        raise ConfigError("no exact 8x8 multiplier among the circuits: savings would have no reference")
    exact = min(candidates, key=lambda name: (prices[convention][name], name))
    counts = multiplications(network, data.shape)
    energy = {c: EnergyCount(counts, prices[c], exact) for c in CONVENTIONS}
    images, labels = whole(data.validation)
    converted = emulate.convert(
        network,
        multipliers[exact],
        [next(iter(data.train.batches(CALIBRATION_IMAGES)))],
        emulate.Quantisation(**config.quantisation.model_dump()),
    )
    if missing := set(counts) - set(emulate.conversion(converted).converted):
        raise EmulationError(f"layers {', '.join(sorted(missing))} cannot run on a table")
    evaluator = EmulatedAssignment(converted, multipliers, images, labels, energy[convention])
    return Setting(data, network, multipliers, left_out, library, energy, evaluator)


def energy_pj(multiplier: Multiplier, convention: str) -> float:
    """Return the energy of one multiplication, pJ: power x delay (``pdp``) or power / clock.

    Raises:
        StoreError: the record has no synthesis figures.
    """
    figures = multiplier.synthesis
    if figures is None:
        raise StoreError(
            f"'{multiplier.name}' has no synthesis figures", remedy="characterize it without --no-synth"
        )
    return figures.energy_pdp_pj if convention == "pdp" else figures.power_mw / figures.clock_ghz


def untrained_network(config: SettingConfig, data: DataSet) -> nn.Module:
    """Return the configured network, initialised from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.training.seed)
        if (found := config.network.architecture) is None:
            return build(config.network.name, data.classes, data.shape[0])
        method = NAS_METHODS.named(found.method)
        options = method.options.model_validate(found.options)
        return method.network(found.genome, options, data.shape, data.classes)


def train_or_load(
    network: nn.Module, config: SettingConfig, data: DataSet, folder: Path, on_epoch: Callable[[Epoch], None]
) -> None:
    """Give a network the run folder's weights, else the configured ones, else train it.

    Raises:
        StoreError: weights that cannot be read or do not fit the network.
    """
    kept, checkpoint = folder / "network.pt", folder / "training.pt"
    source = kept if kept.exists() else config.network.weights
    if source is not None:
        try:
            network.load_state_dict(load_state(source))
        except (RuntimeError, TypeError, AttributeError) as error:
            cause = f"the weights do not fit '{config.network.title}': {str(error).splitlines()[0]}"
            raise StoreError(cause, path=source) from error
        # As training leaves it: float sums of the calibration follow the layout, and with them the keys.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    else:
        recipe = Recipe(**config.training.model_dump())
        train(network, data.train, recipe, checkpoint, on_epoch)
    if not kept.exists():
        save_state(kept, network.state_dict())
        checkpoint.unlink(missing_ok=True)
    network.eval()


def whole(split: Split) -> tuple[torch.Tensor, torch.Tensor]:
    """Return all images and labels of a split."""
    images, labels = zip(*split.batches(1024), strict=True)
    return torch.cat(images), torch.cat(labels)


def open_library(circuits: Circuits) -> Library:
    """Return the configured library, or that of the embedded circuits."""
    where = circuits.library
    return Library.embedded() if where is None else Library.open(where)


def select(
    circuits: Circuits, library: Mapping[str, Multiplier]
) -> tuple[dict[str, Multiplier], dict[str, str]]:
    """Return (name -> multiplier that may be chosen, name -> why another matching one may not).

    Raises:
        ConfigError: a pattern that matches no circuit.
        StoreError: no circuit has synthesis figures.
    """
    found: dict[str, Multiplier] = {}
    left_out: dict[str, str] = {}
    for pattern in circuits.names:
        names = fnmatch.filter(library, pattern)
        if not names:
            raise ConfigError(f"circuits.names: no multiplier of the library matches '{pattern}'")
        for name in names:
            multiplier = library[name]
            if multiplier.synthesis is None:
                left_out[name] = "no synthesis figures"
            elif multiplier.lut.b_bits < 2:
                left_out[name] = "weights of fewer than 2 bits"
            else:
                found[name] = multiplier
    if not found:
        raise StoreError(
            f"none of the {len(left_out)} circuits has synthesis figures, so there is no energy to save",
            path=circuits.library,
            remedy="characterize them without --no-synth",
        )
    return dict(sorted(found.items())), left_out
