"""The configurations in ``examples/`` are valid."""

from pathlib import Path

import pytest

from mulsmith.codesign.evolution_config import EvolutionConfig
from mulsmith.toml_file import read_toml

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("evolve-*.toml")), ids=lambda path: path.stem)
def test_an_example_of_evolution_is_valid(path: Path) -> None:
    config = read_toml(EvolutionConfig, path)
    assert config.multiplier.prefix == f"mul{path.stem.removeprefix('evolve-')}"
    assert config.limits.like is not None
    assert config.evolution.seeds == (1, 2, 3)
