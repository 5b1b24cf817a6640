"""The configurations in ``examples/`` are valid."""

from pathlib import Path

import pytest

from mulsmith.codesign import Config
from mulsmith.codesign.evolution_config import EvolutionConfig
from mulsmith.search.methods import METHODS
from mulsmith.toml_file import read_toml

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("evolve-8x*.toml")), ids=lambda path: path.stem)
def test_an_example_of_evolution_is_valid(path: Path) -> None:
    config = read_toml(EvolutionConfig, path)
    assert config.multiplier.prefix == f"mul{path.stem.removeprefix('evolve-')}"
    assert config.limits.like is not None
    assert config.evolution.seeds == (1, 2, 3)


def test_the_example_of_evolution_for_a_network_is_valid() -> None:
    config = read_toml(EvolutionConfig, EXAMPLES / "evolve-resnet8.toml")
    assert config.operands is not None
    assert all(set(bounds.limits()) == {"corrected_rms"} for bounds in config.limits.ladder([]))
    assert config.evolution.seeds == (1, 2, 3)


@pytest.mark.parametrize("name", ["own-circuit", "qos-digits", "nas-digits", "resnet8-cifar10"])
def test_an_example_of_co_design_is_valid(name: str) -> None:
    config = read_toml(Config, EXAMPLES / f"{name}.toml")
    assert config.method in METHODS
    assert config.search_config().options(config.method) is not None
    if config.network.method:
        assert getattr(config, config.network.method) is not None
