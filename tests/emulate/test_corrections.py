"""Weight maps against a plain loop, bias corrections against the error that emulation shows."""

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.emulate.corrections import Corrections, centred_map, weight_map
from mulsmith.emulate.operand_sample import record_codes, sample_operands
from mulsmith.errors import ConfigError, EmulationError


def _random(seed: int, signed: bool, bits: int = 4) -> Lut:
    rng = np.random.default_rng(seed)
    exact = Lut.exact(bits, bits, signed).table
    return Lut((exact + rng.integers(-20, 21, exact.shape)).astype(np.int32), bits, bits, signed)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_weight_map_is_the_closest_code(signed: bool, weighted: bool) -> None:
    lut = _random(1, signed)
    values = operand_values(4, signed).tolist()
    shares = np.random.default_rng(2).dirichlet(np.ones(16)) if weighted else None
    found = weight_map(lut, shares)
    for w in range(16):
        distances = [
            sum(
                (1 if shares is None else shares[a]) * abs(values[a] * values[w] - int(lut.table[a, other]))
                for a in range(16)
            )
            for other in range(16)
        ]
        assert distances[found[w]] == pytest.approx(min(distances))


@pytest.mark.parametrize("signed", [False, True])
def test_centred_map_is_the_closest_code_up_to_a_constant(signed: bool) -> None:
    lut = _random(3, signed)
    values = operand_values(4, signed).tolist()
    shares = np.random.default_rng(4).dirichlet(np.ones(16))
    found = centred_map(lut, shares)
    for w in range(16):
        rests = [[values[a] * values[w] - int(lut.table[a, other]) for a in range(16)] for other in range(16)]
        means = [sum(p * x for p, x in zip(shares, rest, strict=True)) for rest in rests]
        squares = [
            sum(p * (x - mean) ** 2 for p, x in zip(shares, rest, strict=True))
            for rest, mean in zip(rests, means, strict=True)
        ]
        assert squares[found[w]] == pytest.approx(min(squares))


def test_ties_keep_the_weight() -> None:
    assert weight_map(Lut.exact(4, 4, True)).tolist() == list(range(16))
    assert centred_map(Lut.exact(4, 4, True), np.full(16, 1 / 16)).tolist() == list(range(16))
    flat = Lut(np.zeros((16, 16), np.int32), 4, 4, False)
    assert weight_map(flat).tolist() == list(range(16))


def _corrected(mapping: str, bias: bool) -> tuple[nn.Module, nn.Module, nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    images = torch.rand(8, 3, 8, 8)
    model = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(384, 4)).eval()
    exact = emulate.convert(model, Lut.exact(8, 8, True), calibration=[images])
    lut = _random(4, True, bits=8)
    lut = Lut((lut.table >> 6 << 6).astype(np.int32), 8, 8, True)
    plain = emulate.reassign(exact, lut)
    codes = record_codes(exact, images)
    samples = {name: sample_operands(entry, 10**6, torch.Generator()) for name, entry in codes.items()}
    corrected = emulate.reassign(exact, lut)
    Corrections({(8, 8, True): samples}, mapping, bias)(corrected)
    return exact, plain, corrected, images


def test_bias_correction_takes_out_every_channels_mean_error() -> None:
    exact, plain, corrected, images = _corrected("none", True)
    before = (plain[0](images) - exact[0](images)).mean((0, 2, 3))
    after = (corrected[0](images) - exact[0](images)).mean((0, 2, 3))
    unit = corrected[0].output_scale(corrected[0].quantised_weight()[1])
    assert (before.abs() > 2 * unit).all()
    assert (after.abs() <= 0.5 * unit + 1e-5).all()


@pytest.mark.parametrize("mapping", ["uniform", "histogram", "centred"])
def test_map_and_bias_bring_the_output_closer(mapping: str) -> None:
    exact, plain, corrected, images = _corrected(mapping, True)
    goal = exact(images)
    assert (corrected(images) - goal).square().mean() < 0.5 * (plain(images) - goal).square().mean()


def test_wrong_names_and_forms_are_refused() -> None:
    with pytest.raises(ConfigError, match="no weight map is named 'best'"):
        Corrections({}, "best")
    with pytest.raises(ConfigError, match="leaves a mean error"):
        Corrections({}, "centred", bias=False)
    with pytest.raises(ConfigError, match="operand A has 16 codes"):
        weight_map(Lut.exact(4, 4, False), np.ones(8))
    network = emulate.convert(nn.Linear(4, 4), Lut.exact(8, 8, False), [torch.rand(3, 4)])
    with pytest.raises(EmulationError, match="were not sampled in the form"):
        Corrections({})(network)
