"""A reassigned network equals one that was converted and calibrated anew."""

import pytest
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.lut import Lut
from mulsmith.errors import EmulationError


def _network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 6, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(216, 10),
    ).eval()


@pytest.mark.parametrize("b_bits", [4, 8])
@pytest.mark.parametrize("signed", [False, True])
def test_reassigned_equals_converted_anew(b_bits: int, signed: bool) -> None:
    x = torch.rand(16, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    base = emulate.convert(_network(), Lut.exact(8, 8, False), calibration=[x])
    coarse = Lut.exact(8, b_bits, signed)
    changed = emulate.reassign(base, {"0": coarse, "2": Lut.exact(8, 8, signed)})
    anew = emulate.convert(_network(), {"0": coarse, "2": Lut.exact(8, 8, signed)}, calibration=[x])
    with torch.no_grad():
        assert torch.equal(changed(x), anew(x))
        assert not torch.equal(changed(x), base(x))


def test_a_layer_without_a_range_is_refused() -> None:
    x = torch.rand(4, 1, 8, 8)
    base = emulate.convert(_network(), {"0": Lut.exact(8, 8, False)}, calibration=[x])
    with pytest.raises(EmulationError, match="layer '2' was in float and has no activation range"):
        emulate.reassign(base, Lut.exact(8, 8, False))
    with pytest.raises(EmulationError, match="no layer of this network is on a table"):
        emulate.reassign(_network(), Lut.exact(8, 8, False))
