"""What every architecture search stands on: data, priced multipliers, and how energy is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from pydantic import Field
from torch import nn

from mulsmith.characterize.record import Multiplier
from mulsmith.emulate.counting import multiplications
from mulsmith.emulate.data import DataSet, Split, TensorSplit, first_images
from mulsmith.energy import multiplier_cost
from mulsmith.energy.accelerator import Accelerator
from mulsmith.errors import ConfigError, DataError
from mulsmith.provenance import sha256_hex
from mulsmith.search.energy_count import EnergyCount, SystemEnergy
from mulsmith.search.objective import Ledger, Objective
from mulsmith.toml_file import Section


class RunOptions(Section):
    """How a search is run and how energy is counted."""

    seed: int = Field(default=0, ge=0, description="of the search, the weights and the split")
    workers: int = Field(default=1, ge=1, description="candidates at once; the result does not depend on it")
    runner: Literal["processes", "ray"] = Field(default="processes", description="where the workers are")
    threads: int = Field(default=1, ge=1, description="of torch per candidate; part of the identity")
    device: str = Field(
        default="cpu",
        pattern=r"^(cpu|cuda(:\d+)?)$",
        description="where networks are trained: cpu, cuda, cuda:1",
    )
    energy: Literal["pdp", "shared_clock"] = Field(
        default="pdp", description="energy of a multiplication: power x delay, or power / clock"
    )
    accelerator: str = Field(default="eyeriss-like", description="of the system ledger; empty leaves it out")


@dataclass(frozen=True, slots=True, eq=False)
class NasSetting:
    """Data, multipliers and prices of an architecture search; picklable.

    Attributes:
        data: the splits.
        multipliers: name -> multiplier with synthesis figures.
        exact: the exact multiplier that savings refer to.
        options: how the search is run.
        energy_pj: multiplier name -> energy of one multiplication.
        left_out: name -> why another matching circuit is not among the multipliers.
    """

    data: DataSet
    multipliers: Mapping[str, Multiplier]
    exact: str
    options: RunOptions
    energy_pj: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        data: DataSet,
        multipliers: Mapping[str, Multiplier],
        options: RunOptions,
        left_out: Mapping[str, str] | None = None,
    ) -> NasSetting:
        """Return the checked setting.

        Raises:
            ConfigError: no exact 8x8 multiplier, a device that is not there, or an unknown accelerator.
            DataError: a split holds fewer images than there are classes.
        """
        for name in ("train", "validation", "test"):
            if len(getattr(data, name)) < data.classes:
                raise DataError(
                    f"data '{data.name}' is too small to split: {len(getattr(data, name))} {name} images "
                    f"of {data.classes} classes",
                    remedy="give at least ten images of every class",
                )
        device = torch.device(options.device)
        if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
            raise ConfigError(f"device '{options.device}' is not there", remedy="use run.device = 'cpu'")
        if options.accelerator:
            Accelerator.load(options.accelerator)
        prices = {name: multiplier_cost(m, options.energy).energy_pj for name, m in multipliers.items()}
        exact = [
            name for name, m in multipliers.items()
            if m.errors.wce == 0 and m.lut.a_bits == m.lut.b_bits == 8
        ]  # fmt: skip
        if not exact:
            raise ConfigError("no exact 8x8 multiplier among the circuits: savings would have no reference")
        cheapest = min(exact, key=lambda name: (prices[name], name))
        return cls(data, multipliers, cheapest, options, prices, dict(left_out or {}))

    @property
    def identity(self) -> dict[str, Any]:
        """What every result depends on: data, tables, prices, threads and device."""
        return {
            "data": [split_hash(split) for split in (self.data.train, self.data.validation)],
            "tables": {name: m.lut.sha256() for name, m in sorted(self.multipliers.items())},
            "energy_pj": dict(sorted(self.energy_pj.items())),
            "accelerator": self.options.accelerator,
            "threads": self.options.threads,
            "device": self.options.device,
        }

    def energy_count(
        self, network: nn.Module, shape: tuple[int, int, int] | None = None, of_system: bool = True
    ) -> EnergyCount:
        """Return how the energy of a float network is counted, in all three ledgers.

        Args:
            network: what is counted.
            shape: (C, H, W) of its input; that of the images without it.
            of_system: whether the accelerator's ledger is wanted.

        Raises:
            ConfigError: the accelerator model cannot map the network.
        """
        shape = shape or self.data.shape
        counts = multiplications(network, shape)
        if not (of_system and self.options.accelerator):
            return EnergyCount(counts, self.energy_pj, self.exact)
        system = SystemEnergy.of(
            network,
            shape,
            self.multipliers,
            self.exact,
            accelerator=self.options.accelerator,
            convention=self.options.energy,
        )
        return EnergyCount(counts, self.energy_pj, self.exact, system)

    def energy_objective(self, ledger: Ledger) -> Objective:
        """Return the objective of least energy in a ledger.

        Raises:
            ConfigError: the ledger of the system without an accelerator.
        """
        if ledger is Ledger.SYSTEM and not self.options.accelerator:
            raise ConfigError(
                "the energy of the whole system needs an accelerator",
                remedy="set run.accelerator, e.g. eyeriss-like",
            )
        return Objective.energy(ledger)

    def training_images(self, count: int) -> Split:
        """Return the first training images, or all of them for 0.

        Raises:
            ConfigError: there are fewer, or this data set cannot be cut.
        """
        return first_images(self.data.train, count)


def split_hash(split: Split) -> str:
    """Return a hash of a split's images and labels, or of its file names and labels."""
    if isinstance(split, TensorSplit):
        return sha256_hex(split.images.numpy().tobytes() + split.labels.numpy().tobytes())
    return sha256_hex(repr(split).encode())


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run with a number of torch threads: sums, and so trained weights, depend on it."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
