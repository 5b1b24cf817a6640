"""The integer network of a hand-off: sums recomputed in plain numpy, widths, samples of tiles."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import Library, emulate
from mulsmith.codesign.handoff.integer_network import IntegerNetwork, record
from mulsmith.codesign.handoff.memory_images import choose_tiles, read_image, write_image
from mulsmith.codesign.handoff.widths import array_of, signed_bits, widths
from mulsmith.errors import EmulationError
from tests.codesign.handoff.networks import MIXED, frozen, mixed_network, recomputed

QUANTISATIONS = {
    "sign-magnitude": emulate.Quantisation(sign_magnitude=True),
    "zero points": emulate.Quantisation(),
    "one scale": emulate.Quantisation(per_channel=False, activations="symmetric"),
}


class SelfProduct(nn.Module):
    """Multiplies its input with itself, as attention does."""

    def __init__(self) -> None:
        super().__init__()
        self.product = emulate.MatMul()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.product(x, x)
        return y


@pytest.fixture(scope="module", params=QUANTISATIONS)
def network(request: pytest.FixtureRequest, library: Library) -> IntegerNetwork:
    return mixed_network("digits-cnn", library, QUANTISATIONS[request.param])


def test_every_sum_can_be_recomputed_from_the_tables(network: IntegerNetwork, library: Library) -> None:
    for layer in network.layers:
        assert np.array_equal(recomputed(layer, library), layer.recordings[0].sums), layer.name


def test_the_hardware_form_of_the_sum_is_the_same(network: IntegerNetwork, library: Library) -> None:
    layer = network.layers[-1]
    lut, codes = layer.tables[0], layer.recordings[0].codes.ravel()
    a, b = 1 << layer.a_bits, 1 << layer.b_bits
    for o, row in enumerate(layer.looked_up.reshape(len(layer.weights), -1)):
        products = lut.table[codes % a, row % b].astype(np.int64).sum()
        y = products + layer.offsets[o] - layer.weight_zero[o] * codes.sum()
        assert y == layer.recordings[0].sums[o, 0, 0]


def test_unsigned_tables_have_zero_points_on_both_sides(library: Library) -> None:
    network = mixed_network("digits-cnn", library, QUANTISATIONS["zero points"])
    first = network.layers[0]
    assert not first.signed
    assert first.input_zero > 0
    assert (first.weight_zero > 0).all()


def test_groups_strides_and_dilation_are_recorded(library: Library) -> None:
    torch.manual_seed(2)
    model = nn.Sequential(
        nn.Conv2d(4, 8, (3, 2), stride=(2, 1), padding=(1, 2), groups=2),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8),
    )
    image = torch.randn(1, 4, 9, 7)
    how = emulate.Quantisation()
    net = frozen(model, {"0": MIXED[0], "2": MIXED[2]}, library, image, how)
    for layer in record("groups", [net], image).layers:
        assert array_of(layer) == "vector"
        assert np.array_equal(recomputed(layer, library), layer.recordings[0].sums), layer.name


def test_no_sum_can_leave_its_width(network: IntegerNetwork) -> None:
    for layer in network.layers:
        bits = widths(layer)
        peak = max(int(np.abs(lut.table).max()) for lut in layer.tables)
        assert layer.terms * peak <= (1 << (bits.acc - 1)) - 1
        assert np.abs(layer.recordings[0].sums).max() < 1 << (bits.out - 1)
        assert bits.out >= 32
    assert [signed_bits(n) for n in (0, 1, 127, 128)] == [1, 2, 8, 9]


def test_a_sample_has_the_corners_and_no_limit_has_all(network: IntegerNetwork) -> None:
    layer = network.layers[1]
    every = choose_tiles(layer, "systolic", 4, 4, 0, 0)
    assert every.whole
    assert sorted(every.outputs(layer)) == [(0, p, c) for p in range(64) for c in range(16)]
    some = choose_tiles(layer, "systolic", 4, 4, 5, 0)
    assert len(some.starts) == 5
    assert {(0, 0), (60, 12)} <= set(some.starts)
    uneven = choose_tiles(layer, "systolic", 5, 3, 0, 0)
    assert len(set(uneven.outputs(layer))) == 64 * 16
    assert some == choose_tiles(layer, "systolic", 4, 4, 5, 0)


def test_images_are_read_back() -> None:
    words = [-128, -1, 0, 1, 127]
    assert read_image(write_image(words, 8), 8) == words
    assert write_image([-1, 3], 3) == b"7\n3\n"


def test_what_cannot_be_handed_off_is_named(library: Library) -> None:
    image = torch.randn(1, 2, 4, 4)
    up = nn.Sequential(nn.ConvTranspose2d(2, 2, 2))
    with pytest.raises(EmulationError, match="layer '0' is a transposed convolution, of which no hand-off"):
        record("up", [frozen(up, {"0": MIXED[0]}, library, image, emulate.Quantisation())], image)
    product = frozen(SelfProduct(), {"product": MIXED[0]}, library, image, emulate.Quantisation())
    with pytest.raises(EmulationError, match="layer 'product' is a product of two activations"):
        record("product", [product], image)
    plain = nn.Sequential(nn.Conv2d(2, 2, 2))
    soft = emulate.convert(plain, {"0": library[MIXED[0]]}, [image])
    with pytest.raises(EmulationError, match="layer '0' is not frozen"):
        record("soft", [soft], image)
    one, other = (
        frozen(nn.Sequential(nn.Conv2d(2, 2, 2)), {"0": MIXED[0]}, library, image, emulate.Quantisation())
        for _ in range(2)
    )
    with pytest.raises(EmulationError, match="points differ in the integer weights or scales of layer '0'"):
        record("two", [one, other], image)


def test_a_linear_layer_of_several_rows_ends_the_chain(library: Library) -> None:
    image = torch.randn(1, 2, 4, 4)
    for modules, plain in (((nn.Flatten(), nn.Linear(32, 3)), True), ((nn.Linear(4, 3),), False)):
        model = nn.Sequential(nn.Conv2d(2, 2, 1), *modules)
        assignment = {"0": MIXED[0], str(len(model) - 1): MIXED[0]}
        network = record("rows", [frozen(model, assignment, library, image, emulate.Quantisation())], image)
        assert (network.steps is not None) == plain


def test_a_sum_of_more_than_64_bits_is_refused(network: IntegerNetwork) -> None:
    layer = network.layers[0]
    far = dataclasses.replace(layer, bias=np.full_like(layer.bias, 1 << 62) + (1 << 62) - 1)
    with pytest.raises(EmulationError, match="could leave 64 bits"):
        widths(far)
