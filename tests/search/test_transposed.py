"""Operands and predicted errors of transposed convolutions, against a plain recount and emulation."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.statistics import error_stats
from mulsmith.emulate.corrections import Corrections
from mulsmith.emulate.operand_sample import LayerCodes, record_codes, sample_operands
from mulsmith.search.error_model import predict_error
from mulsmith.search.operands import histograms, measure_error, sample_network

LAYERS: dict[str, dict[str, Any]] = {
    "stride 2": {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
    "groups": {"kernel_size": (4, 3), "stride": (2, 1), "padding": (1, 0), "groups": 2},
    "dilated": {"kernel_size": 2, "dilation": 3},
    "outputs without products": {"kernel_size": 2, "stride": 3, "output_padding": 1},
}


def _coarse() -> Lut:
    return Lut((Lut.exact(8, 8, False).table >> 6 << 6).astype(np.int32), 8, 8, False)


def _network(options: dict[str, Any], images: int = 6) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(3)
    x = torch.randn(images, 4, 6, 5).abs() * torch.linspace(0.2, 3, images)[:, None, None, None]
    layer = nn.ConvTranspose2d(4, 6, **options)
    return emulate.convert(nn.Sequential(layer).eval(), Lut.exact(8, 8, False), calibration=[x]), x


def _recounted(codes: LayerCodes, table: np.ndarray) -> list[int]:
    """Return the table sums of all outputs, by scattering every product to its place."""
    how, x, w = codes.layer.contraction, codes.a.numpy(), codes.b.numpy()
    sums = np.zeros(codes.exact_sums().shape, dtype=np.int64)
    inputs, outputs = x.shape[1] // how.groups, w.shape[1]
    for i, j, ki, kj in np.ndindex(*x.shape[2:], *w.shape[2:]):
        row = i * how.stride[0] - how.padding[0] + ki * how.dilation[0]
        column = j * how.stride[1] - how.padding[1] + kj * how.dilation[1]
        if 0 <= row < sums.shape[2] and 0 <= column < sums.shape[3]:
            for c, o in np.ndindex(x.shape[1], outputs):
                to = c // inputs * outputs + o
                sums[:, to, row, column] += table[x[:, c, i, j], w[c, o, ki, kj]]
    return sorted(sums.ravel().tolist())


@pytest.mark.parametrize("name", LAYERS)
def test_the_kinds_of_sums_make_up_the_layer(name: str) -> None:
    network, images = _network(LAYERS[name])
    codes, lut = record_codes(network, images)["0"], _coarse()
    sample = sample_operands(codes, 10**6, torch.Generator())
    assert sum(kind.share for kind in sample.kinds) == pytest.approx(1)
    sums: list[int] = []
    for kind in sample.kinds:
        products = lut.table[kind.a.numpy()[..., None], kind.b.numpy()[:, None]]
        sums += products.sum(axis=2).ravel().tolist()
    assert sorted(sums) == _recounted(codes, lut.table)
    assert ({kind.a.shape[2] for kind in sample.kinds} >= {0}) == (name == "outputs without products")


@pytest.mark.parametrize("name", LAYERS)
def test_histograms_count_every_product_once(name: str) -> None:
    network, images = _network(LAYERS[name], images=2)
    codes = record_codes(network, images)["0"]
    sample = sample_operands(codes, 10**6, torch.Generator())
    products = sum(_recounted(codes, np.ones((256, 256), dtype=np.int64)))
    a, b = int(codes.a.flatten()[7]), int(codes.b.flatten()[5])
    row, column = np.zeros((2, 256, 256), dtype=np.int64)
    row[a], column[:, b] = 1, 1
    assert sample.a_histogram()[a] == pytest.approx(sum(_recounted(codes, row)) / products)
    assert sample.b_histogram()[b] == pytest.approx(sum(_recounted(codes, column)) / products)


@pytest.mark.parametrize("name", LAYERS)
def test_predicted_error_is_near_the_emulated_one(name: str) -> None:
    network, images = _network(LAYERS[name], images=12)
    codes, lut = record_codes(network, images)["0"], _coarse()
    sample = sample_operands(codes, 10**6, torch.Generator())
    predicted, measured = predict_error(lut, histograms(sample)), measure_error(codes, lut)
    assert predicted.std == pytest.approx(measured.std, rel=0.06)
    assert predicted.mean == pytest.approx(measured.mean, rel=0.02)


def test_few_fields_of_every_kind_predict_it_too() -> None:
    network, images = _network(LAYERS["stride 2"], images=12)
    codes, lut = record_codes(network, images)["0"], _coarse()
    sample = sample_operands(codes, 512, torch.Generator().manual_seed(1))
    assert sum(kind.a.shape[1] for kind in sample.kinds) < 600
    measured = measure_error(codes, lut)
    for model, tolerance in (("permutation", 0.1), ("local", 0.3), ("global", 0.5)):
        predicted = predict_error(lut, histograms(sample), model)
        assert predicted.std == pytest.approx(measured.std, rel=tolerance)
        assert predicted.mean == pytest.approx(measured.mean, rel=0.1)


@pytest.mark.parametrize("name", LAYERS)
def test_bias_correction_takes_out_what_was_predicted(name: str) -> None:
    network, images = _network(LAYERS[name], images=12)
    codes, lut = record_codes(network, images)["0"], _coarse()
    sample = sample_operands(codes, 10**6, torch.Generator())
    corrected = emulate.reassign(network, lut)
    Corrections({(8, 8, False): {"0": sample}}, "none")(corrected)
    error = (corrected(images) - network(images)).detach()
    unit = corrected[0].output_scale(corrected[0].quantised_weight()[1])
    assert (error.mean((0, 2, 3)).abs() <= 0.5 * unit + 1e-5).all()
    predicted = predict_error(lut, histograms(sample), centred=True)
    assert predicted.mean == pytest.approx(0, abs=1e-9)
    assert predicted.std == pytest.approx(float(error.std(correction=0)), rel=0.06)


def test_a_network_with_one_is_sampled_for_a_search() -> None:
    torch.manual_seed(1)
    layers = [nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.ConvTranspose2d(4, 2, 4, stride=2)]
    images = torch.rand(8, 3, 13, 13)
    network = emulate.convert(nn.Sequential(*layers).eval(), Lut.exact(8, 8, False), calibration=[images])
    lut = _coarse()
    library = {"coarse": Multiplier("coarse", "coarse", lut, error_stats(lut), None, {}, "test", {})}
    errors = sample_network(network, images, library, torch.Generator().manual_seed(1)).errors(
        library, ["0", "2"]
    )
    measured = measure_error(record_codes(network, images)["2"], lut)
    deviation = record_codes(network, images)["2"].output_std()
    assert errors["2"]["coarse"].std * deviation == pytest.approx(measured.std, rel=0.1)
