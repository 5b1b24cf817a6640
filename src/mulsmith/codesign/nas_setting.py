"""What an architecture search stands on, by its configuration: cut splits, circuits that may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mulsmith.characterize.pareto import compare
from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.nas_config import NasCircuits, NasConfig, NasData
from mulsmith.codesign.setting import open_library, select
from mulsmith.emulate.data import DataSet, first_images, load_data
from mulsmith.search.nas.setting import NasSetting


def nas_setting(config: NasConfig, library: Mapping[str, Multiplier] | None = None) -> NasSetting:
    """Return the checked setting of a search.

    Args:
        config: of the search.
        library: multipliers; without it the configured library or the embedded circuits.

    Raises:
        ConfigError: something named does not exist or does not fit together.
        DataError: the data set is missing or too small.
        StoreError: the library cannot be read, or no circuit has synthesis figures.
    """
    data = load_images(config.data, config.run.seed)
    chosen, left_out = choose_circuits(config.circuits, library)
    return NasSetting.of(data, chosen, config.run, left_out)


def load_images(data: NasData, seed: int) -> DataSet:
    """Return the images, training and validation split by a seed.

    Raises:
        ConfigError: an unknown data set, or fewer images than are asked for.
        DataError: files missing, truncated or of another format.
    """
    found = load_data(data.name, data.folder, seed)
    return replace(
        found,
        validation=first_images(found.validation, data.validation_images),
        test=first_images(found.test, data.test_images),
    )


def choose_circuits(
    circuits: NasCircuits, library: Mapping[str, Multiplier] | None = None
) -> tuple[dict[str, Multiplier], dict[str, str]]:
    """Return (name -> multiplier that may be used, name -> why another matching one may not).

    Raises:
        ConfigError: a pattern that matches no circuit, or an unknown figure.
        StoreError: the library cannot be read, or no circuit has synthesis figures.
    """
    found, left_out = select(circuits, open_library(circuits) if library is None else library)
    if circuits.pareto is None:
        return found, left_out
    front = compare([multiplier.to_json() for multiplier in found.values()], *circuits.pareto).front
    kept = {point.name for point in front}
    reason = f"not on the front of {' and '.join(circuits.pareto)}"
    left_out |= {name: reason for name in found if name not in kept}
    return {name: multiplier for name, multiplier in found.items() if name in kept}, left_out
