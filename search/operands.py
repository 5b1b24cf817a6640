"""From the operands that a network's layers meet to the histograms and figures that search works with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.characterize.record import Multiplier
from mulsmith.emulate import approx_layers, reassign
from mulsmith.emulate.corrections import Form, map_for
from mulsmith.emulate.operand_sample import LayerCodes, OperandSample, record_codes, sample_operands
from mulsmith.energy.operands import Floats, LayerHistograms, OperandHistograms
from mulsmith.energy.operands import Form as OperandForm
from mulsmith.search.error_model import (
    LayerOperands,
    Model,
    OutputError,
    SumHistograms,
    predict_error,
)

FIELDS = 512
"""Receptive fields sampled per layer, as in agn-approx (Trommer et al., ICCAD 2022)."""


def histograms(sample: OperandSample) -> LayerOperands:
    """Return the histograms of sampled operands, with the value of one unit per channel."""
    kinds = tuple(
        SumHistograms(
            _counts(kind.a, sample.a_bits), _counts(kind.b.transpose(1, 2), sample.b_bits), kind.share
        )
        for kind in sample.kinds
    )
    return LayerOperands(kinds, sample.units.numpy())


def measure_error(codes: LayerCodes, lut: Lut) -> OutputError:
    """Return mean and standard deviation of a layer's output error by emulation of all its outputs.

    Args:
        codes: what the layer met.
        lut: the multiplier, in the form of the layer's operands.
    """
    error = (codes.sums(lut) - codes.exact_sums()).double()
    units = codes.units.double()
    if codes.layer.contraction.output_channel_dim != -1:
        units = units.flatten()[:, None, None]
    error = error * units
    return OutputError(float(error.mean()), float(error.std(correction=0)))


@dataclass(frozen=True, slots=True, eq=False)
class NetworkOperands:
    """Sampled operands of a whole network in every form that a library's multipliers need.

    Attributes:
        samples: form -> layer -> sample.
        output_std: layer -> standard deviation of its float output on the exact multiplier.
        network: the network that they were taken from.
    """

    samples: Mapping[Form, Mapping[str, OperandSample]]
    output_std: Mapping[str, float]
    network: nn.Module

    def errors(
        self,
        library: Mapping[str, Multiplier],
        layers: Iterable[str],
        model: Model = "permutation",
        mapping: str = "none",
        bias: bool = False,
    ) -> dict[str, dict[str, OutputError]]:
        """Return layer -> multiplier -> predicted error relative to the layer's output deviation.

        Args:
            library: the multipliers.
            layers: the layers.
            model: the error model.
            mapping: weight map that will be applied, as for ``Corrections``.
            bias: whether every channel's mean error will be taken out.
        """
        how = next(iter(approx_layers(self.network).values())).how
        found: dict[str, dict[str, OutputError]] = {}
        for layer in layers:
            operands = {form: histograms(samples[layer]) for form, samples in self.samples.items()}
            scale = 1.0 / max(self.output_std[layer], 1e-12)
            found[layer] = {}
            for name, multiplier in library.items():
                lut = how.table(multiplier.lut)
                form = (lut.a_bits, lut.b_bits, lut.signed)
                codes = None if mapping == "none" else map_for(lut, self.samples[form][layer], mapping)
                error = predict_error(lut, operands[form], model, codes, bias)
                found[layer][name] = OutputError(error.mean * scale, error.std * scale)
        return found


def sample_network(
    network: nn.Module,
    images: torch.Tensor,
    library: Mapping[str, Multiplier],
    generator: torch.Generator,
    fields: int = FIELDS,
) -> NetworkOperands:
    """Return the operands of a network's layers in every form of operands among the multipliers.

    Args:
        network: a converted and calibrated network.
        images: one batch that goes through it, on exact multipliers.
        library: the multipliers that may come.
        generator: chooses the receptive fields.
        fields: receptive fields per layer.
    """
    how = next(iter(approx_layers(network).values())).how
    tables = [how.table(multiplier.lut) for multiplier in library.values()]
    forms = sorted({(lut.a_bits, lut.b_bits, lut.signed) for lut in tables})
    samples: dict[Form, dict[str, OperandSample]] = {}
    output_std: dict[str, float] = {}
    for form in reversed(forms):
        source = Lut.exact(*form)
        codes = record_codes(reassign(network, dict.fromkeys(approx_layers(network), source)), images)
        samples[form] = {name: sample_operands(entry, fields, generator) for name, entry in codes.items()}
        if not output_std:
            # The widest form, which quantises least, says how large outputs are.
            output_std = {name: entry.output_std() for name, entry in codes.items()}
    return NetworkOperands(samples, output_std, network)


def operand_histograms(operands: NetworkOperands) -> OperandHistograms:
    """Return which codes meet in the multipliers of every layer, for the energy of its multiplications.

    In sign-magnitude mode the unsigned multipliers meet magnitudes.
    """
    how = next(iter(approx_layers(operands.network).values())).how
    forms = {
        OperandForm(*form): {
            layer: LayerHistograms(sample.a_histogram(), sample.b_histogram())
            for layer, sample in samples.items()
        }
        for form, samples in operands.samples.items()
    }
    if how.sign_magnitude:
        forms |= {
            form._replace(signed=False): {
                layer: LayerHistograms(_magnitudes(pair.a), _magnitudes(pair.b))
                for layer, pair in layers.items()
            }
            for form, layers in forms.items()
        }
    return OperandHistograms(forms)


def _magnitudes(shares: Floats) -> Floats:
    """Return the shares of the magnitudes of two's-complement codes."""
    values = np.abs(operand_values(len(shares).bit_length() - 1, signed=True))
    return np.bincount(values, shares, minlength=len(shares)).astype(np.float64)


def _counts(codes: torch.Tensor, bits: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return counts of raw codes along the last axis, float64 [groups, rows, 2**bits]."""
    raw = codes.to(torch.int64) & ((1 << bits) - 1)
    counts = torch.zeros(*raw.shape[:-1], 1 << bits, dtype=torch.float64)
    return counts.scatter_add_(-1, raw, torch.ones_like(raw, dtype=torch.float64)).numpy()
