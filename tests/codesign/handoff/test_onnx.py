"""The ONNX hand-off: valid, with every multiplier named, and equal to the emulation on exact multipliers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import Library, emulate
from mulsmith.codesign.handoff import record
from mulsmith.codesign.handoff.onnx_project import QONNX, onnx_project
from mulsmith.emulate.zoo import build
from mulsmith.errors import EmulationError
from tests.codesign.handoff.networks import MIXED, frozen

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")
op_run = pytest.importorskip("onnx.reference.op_run")


class Quant(op_run.OpRun):  # type: ignore[misc, name-defined]
    """QONNX's quantiser, after its definition."""

    op_domain = QONNX

    def _run(self, x, scale, zero, bits, signed=None, narrow=None, rounding_mode=None):  # type: ignore[no-untyped-def]
        assert (narrow, rounding_mode) == (0, "ROUND")
        low = -(2 ** (bits - 1)) if signed else 0 * bits
        codes = np.clip(np.round(x / scale + zero), low, low + 2**bits - 1)
        return (((codes - zero) * scale).astype(np.float32),)


@pytest.mark.parametrize("how", [emulate.Quantisation(), emulate.Quantisation(sign_magnitude=True)])
@pytest.mark.parametrize("name", ["digits-cnn", "cifar-resnet8"])
def test_on_exact_multipliers_the_graph_computes_the_same(
    name: str, how: emulate.Quantisation, library: Library
) -> None:
    torch.manual_seed(8)
    channels, size = (1, 8) if name == "digits-cnn" else (3, 32)
    network, image = build(name, 10, channels), torch.randn(1, channels, size, size)
    layers = [n for n, m in network.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    exact = ("mul8x8u_dadda", "mul8x8s_dadda", "mul8x6u_dadda")
    assignment = {layer: exact[k % 3] for k, layer in enumerate(layers)}
    net = frozen(network, assignment, library, image, how)
    (data,) = onnx_project(record(name, [net], image), [net], image).values()
    model = onnx.load_from_string(data)
    (got,) = reference.ReferenceEvaluator(model, new_ops=[Quant]).run(None, {"x": image.numpy()})
    with torch.no_grad():
        wanted = net(image).numpy()
    assert np.allclose(got, wanted, rtol=1e-3, atol=1e-3 * np.abs(wanted).max())


def test_every_layer_names_its_multiplier_at_every_point(library: Library) -> None:
    torch.manual_seed(9)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU6(), nn.Flatten(), nn.Linear(36, 3))
    image = torch.randn(1, 2, 5, 5)
    plans = ({"0": MIXED[0], "4": MIXED[2]}, {"0": "mul8x8u_dadda", "4": MIXED[2]})
    base = emulate.convert(model, plans[0], [image], emulate.Quantisation(), library)
    points = [emulate.freeze(emulate.reassign(base, plan, library)) for plan in plans]
    network = record("points", points, image)
    files = onnx_project(network, points, image)
    assert list(files) == ["point_0.onnx", "point_1.onnx"]
    for data, plan in zip(files.values(), plans, strict=True):
        nodes = onnx.load_from_string(data).graph.node
        facts = [{p.key: p.value for p in n.metadata_props} for n in nodes if n.op_type in ("Conv", "Gemm")]
        assert {f["mulsmith.layer"]: f["mulsmith.multiplier"] for f in facts} == plan
        assert facts[0]["mulsmith.table_sha256"] == library[plan["0"]].lut.sha256()


def test_what_onnx_cannot_say_is_named(library: Library) -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Softplus())
    image = torch.randn(1, 1, 5, 5)
    net = frozen(model, {"0": MIXED[0]}, library, image, emulate.Quantisation())
    with pytest.raises(EmulationError, match="'1' between the layers cannot be exported to ONNX"):
        onnx_project(record("soft", [net], image), [net], image)
