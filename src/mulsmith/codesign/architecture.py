"""The network of a run that an architecture search finds: the search, and which of its networks is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.config import Config
from mulsmith.codesign.nas_config import NAS_METHODS, NasConfig
from mulsmith.codesign.nas_run import run_nas
from mulsmith.codesign.search_run import Step
from mulsmith.codesign.sections import Architecture
from mulsmith.errors import ConfigError
from mulsmith.search.nas.methods import preset_path
from mulsmith.search.nas.setting import RunOptions
from mulsmith.toml_file import Section, read_toml


@dataclass(frozen=True, slots=True)
class Found:
    """What an architecture search brought.

    Attributes:
        architecture: the network that is taken.
        figures: the front it was taken from, for the result.
    """

    architecture: Architecture
    figures: dict[str, Any]


def find_architecture(
    config: Config, folder: Path, library: Mapping[str, Multiplier], on_step: Callable[[Step], None]
) -> Found:
    """Run, or resume, the architecture search of a run and take a network of its front.

    It works on the run's data, circuits and prices. Only the architecture is taken: the run trains it in
    float like any other network, and chooses its multipliers anew.

    Raises:
        ConfigError: an unknown method or preset, no options, or a search that found no network.
        StoreError: the folder belongs to another configuration or writer.
    """
    method, options = config.network.method, _options(config)
    nas = NasConfig.model_validate(
        {
            "data": config.data.model_dump(),
            "circuits": {"library": config.circuits.library, "names": config.circuits.names},
            "run": RunOptions(
                seed=config.training.seed,
                workers=config.runner.workers,
                threads=max(1, config.runner.threads),
                energy=config.evaluation.energy,
                accelerator=config.accelerator.name,
            ),
            method: options,
        }
    )
    result = run_nas(method, nas, folder, library, on_step=on_step)
    taken = cheapest_network(result["front"], config.network.max_loss_pp)
    architecture = Architecture(
        method=method, options=options.model_dump(mode="json"), genome=taken["genome"]
    )
    figures = {
        "method": method,
        "evaluations": result["evaluations"],
        "network": taken["id"],
        "front": [_figures(member) for member in result["front"]],
    }
    return Found(architecture, figures)


def cheapest_network(front: Sequence[Mapping[str, Any]], max_loss_pp: float) -> Mapping[str, Any]:
    """Return the network of least energy that is nearly as accurate on validation as the most accurate one.

    Args:
        front: members of an architecture search's result.
        max_loss_pp: points that it may stay below the most accurate one.

    Raises:
        ConfigError: the front is empty.
    """
    if not front:
        raise ConfigError("the architecture search found no network", remedy="give it more candidates")
    best = max(member["metrics"]["accuracy"] for member in front)
    near = [m for m in front if m["metrics"]["accuracy"] >= best - max_loss_pp / 100 - 1e-12]
    return min(near, key=lambda m: (m["metrics"]["energy_all_pj"], -m["metrics"]["accuracy"], m["id"]))


def _options(config: Config) -> Section:
    """Return the options of the method: its section, or that of the preset."""
    own = config.network
    kind = NAS_METHODS.named(own.method).options
    section: Section | None = getattr(config, own.method)
    if own.preset:
        if section is not None:
            raise ConfigError(
                f"network.preset and the section [{own.method}] are both given", remedy="leave one out"
            )
        return read_toml(NasConfig, preset_path(own.method, own.preset)).options(own.method)
    return kind() if section is None else section


def _figures(member: Mapping[str, Any]) -> dict[str, Any]:
    metrics = member["metrics"]
    return {
        "id": member["id"],
        "accuracy": metrics["accuracy"],
        "test_accuracy": member["test_accuracy"],
        "energy_pj": metrics["energy_all_pj"],
        "parameters": metrics.get("parameters"),
        "multiplier": member["multiplier"] or "several",
    }
