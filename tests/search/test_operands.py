"""Recorded operands against a plain recount, and predicted errors against emulated ones."""

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.statistics import error_stats
from mulsmith.emulate.operand_sample import record_codes, sample_operands
from mulsmith.energy.operands import Form
from mulsmith.errors import EmulationError
from mulsmith.search.error_model import predict_error
from mulsmith.search.operands import histograms, measure_error, operand_histograms, sample_network


def _coarse(signed: bool, cut: int = 6) -> Lut:
    exact = Lut.exact(8, 8, signed).table
    return Lut((exact >> cut << cut).astype(np.int32), 8, 8, signed)


def _multiplier(name: str, lut: Lut) -> Multiplier:
    return Multiplier(name, name, lut, error_stats(lut), None, {}, "test", {})


class _Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Conv2d(3, 8, 3, padding=2, stride=2, dilation=2)
        self.deep = nn.Conv2d(8, 8, (3, 1), padding=(1, 0), groups=4)
        self.fc = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.deep(torch.relu(self.wide(x))))
        return self.fc(x.mean((2, 3)))  # type: ignore[no-any-return]


def _network(signed: bool) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(3)
    images = torch.randn(6, 3, 9, 8).abs() * torch.linspace(0.2, 3, 6)[:, None, None, None]
    network = emulate.convert(_Small().eval(), Lut.exact(8, 8, signed), calibration=[images])
    return network, images


@pytest.mark.parametrize("signed", [False, True])
def test_every_field_of_a_layer_is_what_unfold_gives(signed: bool) -> None:
    network, images = _network(signed)
    codes = record_codes(network, images)
    for name in ("wide", "deep"):
        layer = emulate.approx_layers(network)[name]
        how = layer.contraction
        zero = float(layer.input.zero_point)
        padded = nn.functional.pad(
            codes[name].a.double(), (how.padding[1],) * 2 + (how.padding[0],) * 2, value=zero
        )
        unfolded = nn.functional.unfold(padded, codes[name].b.shape[2:], how.dilation, 0, how.stride)
        rows = unfolded.transpose(1, 2).reshape(-1, unfolded.shape[1])
        sample = sample_operands(codes[name], 10**6, torch.Generator())
        (sums,) = sample.kinds
        expected = rows.reshape(len(rows), how.groups, -1).transpose(0, 1)
        assert torch.equal(sums.a.double(), expected)
        values = operand_values(8, signed)
        (counts,) = histograms(sample).kinds
        first = sums.a[-1, 4].tolist()
        assert counts.patches[-1, 4].sum() == counts.fan_in == len(first)
        assert all(counts.patches[-1, 4][np.flatnonzero(values == v)[0]] == first.count(v) for v in first)


def test_sampled_sums_are_the_layers_sums() -> None:
    network, images = _network(False)
    lut = _coarse(False)
    for codes in record_codes(network, images).values():
        (kind,) = sample_operands(codes, 10**6, torch.Generator()).kinds
        sums = lut.table[kind.a.numpy()[..., None], kind.b.numpy()[:, None]].sum(axis=2)
        assert sorted(sums.ravel().tolist()) == sorted(codes.sums(lut).flatten().tolist())


def test_predicted_deviation_is_near_the_emulated_one() -> None:
    network, images = _network(False)
    lut = _coarse(False)
    for name, codes in record_codes(network, images).items():
        if name != "fc":
            sample = sample_operands(codes, 10**6, torch.Generator())
            predicted = predict_error(lut, histograms(sample))
            measured = measure_error(codes, lut)
            assert predicted.std == pytest.approx(measured.std, rel=0.1)
            assert predicted.mean == pytest.approx(measured.mean, rel=0.1)


def test_output_deviation_is_that_of_the_float_output() -> None:
    network, images = _network(True)
    codes = record_codes(network, images)
    layer = emulate.approx_layers(network)["wide"]
    float_output = (layer.float_twin()(images) - layer.bias[:, None, None]).detach()
    assert codes["wide"].output_std() == pytest.approx(float(float_output.std(correction=0)), rel=0.02)


def test_errors_are_relative_to_the_output_in_every_form() -> None:
    network, images = _network(False)
    library = {
        "exact": _multiplier("exact", Lut.exact(8, 8, False)),
        "coarse": _multiplier("coarse", _coarse(False)),
        "signed": _multiplier("signed", _coarse(True)),
        "narrow": _multiplier("narrow", Lut.exact(8, 4, False)),
    }
    operands = sample_network(network, images, library, torch.Generator().manual_seed(1))
    errors = operands.errors(library, ["wide", "fc"])
    assert set(operands.samples) == {(8, 8, False), (8, 8, True), (8, 4, False)}
    assert errors["wide"]["exact"].std == errors["wide"]["narrow"].std == 0
    assert 0 < errors["wide"]["coarse"].std < 1
    assert errors["fc"]["signed"].std > 0


def test_sampling_follows_the_generator() -> None:
    network, images = _network(False)
    codes = record_codes(network, images)["wide"]
    one, same, other = (
        sample_operands(codes, 20, torch.Generator().manual_seed(s)).kinds[0].a for s in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_products_of_activations_are_sampled_row_by_column() -> None:
    class Product(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.product = emulate.MatMul()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.product(x, x.mT)  # type: ignore[no-any-return]

    x = torch.randn(2, 3, 5, 7)
    network = emulate.convert(Product(), Lut.exact(8, 8, True), calibration=[x])
    codes = record_codes(network, x)["product"]
    (kind,) = sample_operands(codes, 100, torch.Generator()).kinds
    assert kind.a.shape == (6, 5, 7)
    exact = (kind.a.long() @ kind.b.long()).reshape(codes.exact_sums().shape)
    assert torch.equal(exact.to(torch.int32), codes.exact_sums())


def test_a_layer_that_runs_twice_is_predicted_over_both_calls() -> None:
    torch.manual_seed(5)
    shared, images = nn.Conv2d(6, 6, 3, padding=1), torch.randn(4, 6, 9, 9)
    network = emulate.convert(nn.Sequential(shared, nn.ReLU(), shared), Lut.exact(8, 8, False), [images])
    codes = record_codes(network, images)["0"]
    calls = [record_codes(nn.Sequential(network[0]), images)["0"].a]
    calls.append(record_codes(nn.Sequential(network[0]), network[:2](images).detach())["0"].a)
    assert torch.equal(codes.a, torch.cat(calls))
    measured = measure_error(codes, _coarse(False))
    operands = histograms(sample_operands(codes, 512, torch.Generator().manual_seed(0)))
    predicted = predict_error(_coarse(False), operands)
    assert predicted.std == pytest.approx(measured.std, rel=0.06)
    assert predicted.mean == pytest.approx(measured.mean, rel=0.06)


def test_calls_of_different_shapes_and_idle_layers_are_refused() -> None:
    class Pyramid(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.idle = nn.Conv2d(1, 1, 3), nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.conv(self.conv(x))  # type: ignore[no-any-return]

    images = torch.rand(2, 1, 8, 8)
    network = emulate.convert(Pyramid(), {"conv": Lut.exact(8, 8, False)}, [images])
    with pytest.raises(EmulationError, match="'conv' meets inputs of different shapes"):
        record_codes(network, images)
    network = emulate.convert(nn.Sequential(nn.Linear(4, 4)), Lut.exact(8, 8, False), [torch.rand(2, 4)])
    network.forward = lambda x: x
    with pytest.raises(EmulationError, match="'0' does not run"):
        record_codes(network, torch.rand(2, 4))


@pytest.mark.parametrize("sign_magnitude", [False, True])
def test_histograms_for_energy_are_those_of_the_codes(sign_magnitude: bool) -> None:
    torch.manual_seed(4)
    images = torch.randn(5, 3, 9, 8)
    how = emulate.Quantisation(sign_magnitude=sign_magnitude)
    table = Lut.exact(8, 8, False)
    network = emulate.convert(_Small().eval(), table, calibration=[images], quantisation=how)
    library = {"exact": _multiplier("exact", table)}
    operands = sample_network(network, images, library, torch.Generator().manual_seed(1), fields=10**6)
    found = operand_histograms(operands)
    assert set(found.forms) == {(8, 8, False)} | ({(8, 8, True)} if sign_magnitude else set())
    (form,) = operands.samples
    for layer, sample in operands.samples[form].items():
        (kind,) = sample.kinds
        for codes, shares in zip((kind.a, kind.b), found.of(layer, Form(8, 8, False)), strict=True):
            counts = [0] * 256
            for code in codes.flatten().tolist():
                counts[abs(code)] += 1
            np.testing.assert_allclose(shares, np.array(counts) / codes.numel(), rtol=1e-12)
