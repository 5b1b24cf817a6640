"""What the chosen network does beside its exact twin, class by class and layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.codesign.search_problem import OPERAND_IMAGES, SearchSetting
from mulsmith.emulate import approx_layers, reassign
from mulsmith.emulate.corrections import Form
from mulsmith.emulate.data import Split
from mulsmith.emulate.operand_sample import LayerCodes, record_codes
from mulsmith.search.operands import measure_error


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often an image of one class got another as its answer.

    Attributes:
        counts: [true class][answer].
    """

    counts: tuple[tuple[int, ...], ...]

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0..1."""
        right = sum(row[index] for index, row in enumerate(self.counts))
        return right / max(1, sum(map(sum, self.counts)))


@torch.no_grad()
def confusion(network: nn.Module, split: Split, classes: int) -> Confusion:
    """Return the confusion of a network over a split."""
    network.eval()
    counts = torch.zeros(classes, classes, dtype=torch.int64)
    for images, labels in split.batches(256):
        answers = network(images).argmax(1)
        counts += torch.bincount(labels * classes + answers, minlength=classes**2).view(classes, classes)
    return Confusion(tuple(tuple(row) for row in counts.tolist()))


def layer_errors(own: SearchSetting, assignment: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return layer -> predicted and measured deviation of its own output error, relative to the output's.

    Both are without corrections and with exact layers before: what the multiplier itself does to the layer.
    The prediction comes from histograms, the measurement from emulating all outputs of 64 training images.
    """
    operands, network = own.operands, own.setting.evaluator.network
    images, _ = next(iter(own.setting.data.train.batches(OPERAND_IMAGES)))
    library = {name: own.setting.multipliers[name] for name in set(assignment.values())}
    predicted = operands.errors(library, assignment)
    found: dict[str, dict[str, float]] = {}
    by_form: dict[Form, dict[str, LayerCodes]] = {}
    for layer, name in assignment.items():
        lut = own.quantisation.table(library[name].lut)
        form = (lut.a_bits, lut.b_bits, lut.signed)
        if form not in by_form:
            exact = reassign(network, dict.fromkeys(approx_layers(network), Lut.exact(*form)))
            by_form[form] = record_codes(exact, images)
        measured = measure_error(by_form[form][layer], lut).std / max(operands.output_std[layer], 1e-12)
        found[layer] = {"predicted": predicted[layer][name].std, "measured": measured}
    return found
