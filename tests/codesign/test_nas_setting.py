"""The configuration of architecture searches: Pareto filter of the circuits, cut splits."""

from collections import Counter
from pathlib import Path

import pytest

from mulsmith.characterize.library import Library
from mulsmith.codesign.nas_config import NasCircuits, NasData
from mulsmith.codesign.nas_setting import choose_circuits, load_images
from mulsmith.errors import ConfigError


def test_a_pareto_filter_keeps_what_no_circuit_beats_in_both_figures() -> None:
    figures = {}
    with Library.embedded() as library:
        for name in library:
            if name.startswith("mul8x8u_"):
                synthesis = library[name].synthesis
                assert synthesis is not None
                figures[name] = (library[name].errors.mae, synthesis.power_mw)
        kept, left_out = choose_circuits(NasCircuits(pareto=("mae", "power_mw")), library)
        assert set(choose_circuits(NasCircuits(), library)[0]) == set(figures)
        with pytest.raises(ConfigError, match="there is no figure 'powr'"):
            choose_circuits(NasCircuits(pareto=("mae", "powr")), library)
    beaten = {
        name
        for name, (error, power) in figures.items()
        for e, p in figures.values()
        if (e <= error and p < power) or (e < error and p <= power)
    }
    assert set(kept) == set(figures) - beaten
    assert Counter(left_out.values()) == {"not on the front of mae and power_mw": len(beaten)}


def test_splits_are_cut_to_the_first_images() -> None:
    whole = load_images(NasData(), 1)
    cut = load_images(NasData(validation_images=50, test_images=60), 1)
    assert (len(cut.train), len(cut.validation), len(cut.test)) == (len(whole.train), 50, 60)
    for short, full in ((cut.validation, whole.validation), (cut.test, whole.test)):
        labels = next(iter(short.batches(100)))[1].tolist()
        assert labels == next(iter(full.batches(len(labels))))[1].tolist()
    with pytest.raises(ConfigError, match="cannot take 9999 of the"):
        load_images(NasData(test_images=9999), 0)
    with pytest.raises(ConfigError, match="needs a folder"):
        load_images(NasData(name="cifar10"), 0)
    with pytest.raises(ConfigError, match="no data set is named"):
        load_images(NasData(name="cifar11", folder=Path()), 0)
