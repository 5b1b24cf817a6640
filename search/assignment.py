"""Evaluation of an assignment by emulation: accuracy on given images, energy in the ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from mulsmith.characterize.record import Multiplier
from mulsmith.emulate import approx_layers, reassign
from mulsmith.provenance import sha256_hex
from mulsmith.search.energy_count import EnergyCount
from mulsmith.search.trial import Genome, Trial


@dataclass(frozen=True, eq=False)
class EmulatedAssignment:
    """The evaluator: genomes ``{"layers": {layer: multiplier}}`` -> accuracy and energy.

    Attributes:
        network: a converted and calibrated network.
        library: the multipliers, by name.
        images: inputs to evaluate on, [N, ...].
        labels: their classes, int64 [N].
        energy: how energy is counted.
        correct: changes a reassigned network in place before it is evaluated (weight mapping, bias
            correction), or None.
        correction: name of that change, part of the identity.
        batch: images per forward pass.
        threads: of torch in one evaluation; 0 leaves them as they are. Sums of floats depend on it.

    The fidelity ``{"images": n}`` evaluates on the first n images only.
    """

    network: nn.Module
    library: Mapping[str, Multiplier]
    images: torch.Tensor
    labels: torch.Tensor
    energy: EnergyCount
    correct: Callable[[nn.Module], None] | None = None
    correction: str = "none"
    batch: int = 250
    threads: int = 0
    _identity: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Hashes of network, images and tables, and what is counted."""
        if not self._identity:
            self._identity.update(
                network=_hash_state(self.network),
                images=sha256_hex(self.images.numpy().tobytes() + self.labels.numpy().tobytes()),
                tables={name: self.library[name].lut.sha256() for name in sorted(self.library)},
                energy=self.energy.identity,
                correction=self.correction,
            )
        return self._identity

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return accuracy (share of right classes), mean cross-entropy, the ledgers and the savings."""
        with torch_threads(self.threads):
            return self.judge(self.network_of(trial), trial.candidate.genome["layers"], trial.fidelity)

    def judge(
        self, network: nn.Module, layers: Mapping[str, str], fidelity: Mapping[str, Any]
    ) -> dict[str, float]:
        """Return the metrics of a network, in eval mode, that runs on an assignment."""
        count = int(fidelity.get("images", len(self.images)))
        right, loss = 0, 0.0
        with torch.inference_mode():
            for start in range(0, count, self.batch):
                stop = min(start + self.batch, count)
                scores = network(self.images[start:stop])
                labels = self.labels[start:stop]
                right += int((scores.argmax(dim=1) == labels).sum())
                loss += float(nn.functional.cross_entropy(scores.double(), labels, reduction="sum"))
        return {"accuracy": right / count, "loss": loss / count, **self.energy.ledgers(layers)}

    def network_of(self, trial: Trial) -> nn.Module:
        """Return the network that a trial evaluates, in eval mode."""
        return self.reassigned(trial.candidate.genome)

    def reassigned(self, genome: Genome) -> nn.Module:
        """Return the network of a genome, corrected, in eval mode; unnamed layers keep their multiplier."""
        kept = {name: layer.table.lut for name, layer in approx_layers(self.network).items()}
        network = reassign(self.network, {**kept, **genome["layers"]}, self.library).eval()
        if self.correct is not None:
            self.correct(network)
        return network


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch compute on a number of threads; 0 changes nothing."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _hash_state(network: nn.Module) -> str:
    parts = []
    for name, value in sorted(network.state_dict().items()):
        if isinstance(value, torch.Tensor):
            parts.append(
                f"{name} {value.dtype} {tuple(value.shape)} ".encode() + value.cpu().numpy().tobytes()
            )
    return sha256_hex(b"\n".join(parts))
