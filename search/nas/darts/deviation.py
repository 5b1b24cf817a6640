"""How much a multiplier disturbs an operation of a search network, by the error model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from mulsmith.emulate import convert
from mulsmith.search.nas.darts.blocks import aligned, operation
from mulsmith.search.nas.darts.derived import multiplying_layers
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import CALIBRATION_IMAGES, QUANTISATION
from mulsmith.search.operands import sample_network

PROBE = "sep_conv_3x3"


def relative_deviations(setting: NasSetting, names: Sequence[str], channels: int, seed: int) -> list[float]:
    """Return the predicted relative deviation of a separable convolution's output for every multiplier.

    A freshly initialised separable convolution behind a 1x1 one meets training images; the errors of its
    four table layers add up as independent ones do. What a multiplier adds to the mean is left to the batch
    norm that follows.

    Args:
        setting: data and multipliers.
        names: the multipliers.
        channels: of the operation.
        seed: of weights and sampling.
    """
    images = next(iter(setting.data.train.batches(CALIBRATION_IMAGES)))[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        probe = nn.Sequential(aligned(setting.data.shape[0], channels), operation(PROBE, channels, 1))
    probe.train()(images)
    library = {name: setting.multipliers[name] for name in {*names, setting.exact}}
    tables = convert(probe.eval(), setting.exact, [images], QUANTISATION, library=library)
    layers = [f"1.{layer}" for layer in multiplying_layers(PROBE)]
    operands = sample_network(tables, images, library, torch.Generator().manual_seed(seed))
    errors = operands.errors(library, layers)
    return [math.sqrt(sum(errors[layer][name].std ** 2 for layer in layers)) for name in names]
