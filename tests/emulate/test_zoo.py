"""The zoo's shapes and names against torchvision's published parameter counts and state keys."""

import hashlib

import pytest
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import conversion, convert
from mulsmith.emulate.counting import multiplications
from mulsmith.emulate.zoo import SelfAttention, build, network_names
from mulsmith.errors import ConfigError

# torchvision's model pages, "num_params", 1000 classes.
PARAMETERS = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "mobilenetv2": 3_504_872,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "vit-b-16": 86_567_656,
    # tf.keras.applications.ResNet50V2, trainable parameters.
    "resnet50v2": 25_568_360,
}
KEYS = {
    "resnet18": ("layer2.0.downsample.1.running_var", "layer4.1.bn2.weight", "fc.bias"),
    "resnet50": ("layer1.0.conv3.weight", "layer1.0.downsample.0.weight"),
    "mobilenetv2": (
        "features.0.0.weight",
        "features.1.conv.1.weight",
        "features.2.conv.1.0.weight",
        "features.18.1.bias",
        "classifier.1.weight",
    ),
    "vgg11": ("features.18.weight", "classifier.6.bias"),
    "vit-b-16": (
        "class_token",
        "conv_proj.bias",
        "encoder.pos_embedding",
        "encoder.layers.encoder_layer_11.self_attention.in_proj_weight",
        "encoder.layers.encoder_layer_0.self_attention.out_proj.bias",
        "encoder.layers.encoder_layer_0.mlp.3.weight",
        "encoder.ln.weight",
        "heads.head.weight",
    ),
}

# SHA-256 over the sorted lines "name shape" of the state of torchvision 0.29's model of that name. With the
# same state the outputs were equal bit by bit (its Python files, run with stand-ins for its compiled
# operators).
STATES = {
    "resnet18": "5191d63ec398959223d67ef37376f9061e6965b859fc2d4e40e23d037147a0d7",
    "resnet34": "f8de2a1812ef85e46b3f60c61589921afee0c2a6d4165e27508ad215f101671b",
    "resnet50": "a87e91cd6bd1f939e0b723852e567a7205d33b0ac984ac02dd1a5f225d37c036",
    "mobilenetv2": "e3eb10f890f74c6ee65e79c53b1a3c9ee5dd5c8d8eb4ec3185d92cbea9d47b89",
    "vgg11": "b11acd4f90d9643fb47e4326d0f40d1ae7ee580b0509f272826300b0996358c2",
    "vgg16": "ba63c2556d912509cba94697742dd762a05c284047650150bab0c2ddc806bb59",
}


@pytest.mark.parametrize("name", STATES)
def test_names_and_shapes_of_the_state_are_torchvision_s(name: str) -> None:
    with torch.device("meta"):
        state = build(name, 1000).state_dict()
    lines = "\n".join(f"{key} {tuple(value.shape)}" for key, value in sorted(state.items()))
    assert hashlib.sha256(lines.encode()).hexdigest() == STATES[name]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_and_names_are_the_published_ones(name: str) -> None:
    with torch.device("meta"):
        network = build(name, 1000)
    assert sum(p.numel() for p in network.parameters()) == PARAMETERS[name]
    assert set(KEYS.get(name, ())) <= set(network.state_dict())


# Multiply-accumulates per image of He et al. 2016, Table 6 scaled by depth: 6n+2 layers of 32 x 32 x 16.
@pytest.mark.parametrize(("name", "millions"), [("cifar-resnet20", 40.8), ("cifar-resnet56", 125.7)])
def test_cifar_resnets_have_their_known_size(name: str, millions: float) -> None:
    counts = multiplications(build(name, 10), (3, 32, 32))
    shortcuts = sum(count for layer, count in counts.items() if "downsample" in layer)
    assert (sum(counts.values()) - shortcuts) / 1e6 == pytest.approx(millions, abs=0.3)


@pytest.mark.parametrize("name", [n for n in network_names() if n.startswith(("cifar", "digits", "lenet"))])
def test_every_small_network_runs_on_tables(name: str) -> None:
    torch.manual_seed(0)
    channels, size = (1, 8) if name == "digits-cnn" else (3, 32)
    network = build(name, 7, channels).eval()
    x = torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(1))
    if name in ("cifar-resnet32", "cifar-resnet56"):
        x = x[:1]
    converted = convert(network, Lut.exact(8, 8, True), [x])
    done = conversion(converted)
    assert done.kept == {}
    assert set(done.converted) == set(multiplications(network, (channels, size, size)))
    difference = (converted(x) - network(x)).detach().norm() / network(x).detach().norm()
    assert float(difference) < 0.15


def test_attention_equals_torch_s_with_the_same_state() -> None:
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(12, 3, batch_first=True).eval()
    ours = SelfAttention(12, 3).eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 5, 12)
    assert torch.allclose(ours(x), theirs(x, x, x, need_weights=False)[0], atol=1e-6)
    assert list(ours.state_dict()) == list(theirs.state_dict()) or set(ours.state_dict()) == set(
        theirs.state_dict()
    )


def test_a_wrong_name_proposes_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no network is named 'resnet51' \(did you mean 'resnet50'\?\)"):
        build("resnet51", 10)
