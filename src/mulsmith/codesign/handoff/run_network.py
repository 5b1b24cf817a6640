"""The network that a finished run decided for, rebuilt from its folder, frozen, at every operating point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.library import Library
from mulsmith.codesign.result import load_result
from mulsmith.codesign.run_folder import MANIFEST, SEARCH, read_manifest, run_library
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_run import open_search
from mulsmith.codesign.setting import open_library
from mulsmith.emulate.data import DataSet, Split
from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.methods import METHODS
from mulsmith.search.operating_points import each_point
from mulsmith.search.qos import QoSModel
from mulsmith.search.store import Store, stored_configuration
from mulsmith.search.trial import Evaluation


@dataclass(frozen=True, slots=True)
class RunNetwork:
    """What a run decided for.

    Attributes:
        name: the network's name in the zoo.
        candidate: id of the candidate.
        points: the frozen network at every operating point; one without a QoS plan.
        assignments: layer -> multiplier, at every operating point.
        library: where the multipliers are.
        data: the data set.
    """

    name: str
    candidate: str
    points: tuple[nn.Module, ...]
    assignments: tuple[Mapping[str, str], ...]
    library: Library
    data: DataSet

    def image(self, index: int) -> tuple[torch.Tensor, int]:
        """Return (test image float32 [1, C, H, W], its class).

        Raises:
            ConfigError: there is no such image.
        """
        return _image(self.data.test, index)


def open_run(folder: Path, candidate: str | None = None) -> RunNetwork:
    """Rebuild the network of a finished run.

    Args:
        folder: of ``mulsmith codesign`` or ``mulsmith search``.
        candidate: id of a member of the front or of a QoS plan, where the run offers several.

    Raises:
        StoreError: no finished run, files missing or damaged, or a library without netlists.
        ConfigError: the candidate is unknown, or one must be named; or the run is an architecture search.
    """
    result, library = load_result(folder), None
    if (folder / MANIFEST).exists():
        if candidate is not None:
            raise ConfigError("a co-design run has one choice, so no candidate can be named", path=folder)
        library, candidate = run_library(read_manifest(folder), folder), result["chosen"]["id"]
        folder = folder / SEARCH
    configuration = stored_configuration(folder)
    method = configuration.pop("method", None)
    if method is None:
        raise StoreError(
            "the run is of an older mulsmith", path=folder, remedy="run it again, or export with that one"
        )
    if method not in METHODS:
        raise ConfigError(
            f"'{method}' searches architectures, of whose networks no hand-off can be written", path=folder
        )
    config = SearchConfig.model_validate(configuration)
    chosen_from = open_library(config.circuits) if library is None else library
    return _of_search(folder, method, config, chosen_from, candidate)


def _of_search(
    folder: Path, method: str, config: SearchConfig, library: Library, candidate: str | None
) -> RunNetwork:
    if not (folder / "network.pt").exists():
        raise StoreError("the run's network.pt is gone", path=folder, remedy="run again with --fresh")
    own = open_search(method, config, folder, library)
    evaluator = own.evaluator()
    with Store(folder, config.identity(method)) as store:
        chosen = _candidate(folder, load_result(folder), list(store), candidate)
    members = each_point(chosen)
    points = tuple(emulate.freeze(_plain(evaluator.network_of(member.trial))) for member in members)
    assignments = tuple(dict(member.trial.candidate.genome["layers"]) for member in members)
    name = chosen.trial.candidate.id
    return RunNetwork(config.network.title, name, points, assignments, library, own.setting.data)


def _candidate(
    folder: Path, result: Mapping[str, Any], stored: list[Evaluation], candidate: str | None
) -> Evaluation:
    """Return the evaluation that is meant: that of the id, else the only plan or member of the front."""
    offered = [plan["id"] for plan in result["plans"]] or [member["id"] for member in result["front"]]
    if candidate is None:
        if len(offered) != 1:
            raise ConfigError(
                f"the run offers {len(offered)} candidates",
                path=folder,
                remedy=f"name one with --candidate: {', '.join(offered)}",
            )
        candidate = offered[0]
    # Where a front was retrained, the last evaluation of a candidate is the trained one.
    found = [e for e in stored if e.trial.candidate.id == candidate and not e.failed]
    if not found:
        raise ConfigError(
            f"the run has no candidate '{candidate}'", path=folder, remedy=f"it offers {', '.join(offered)}"
        )
    return found[-1]


def _plain(network: nn.Module) -> nn.Module:
    """Return the network inside a model of operating points, at its present point, or the network itself."""
    return network.network if isinstance(network, QoSModel) else network


def _image(split: Split, index: int) -> tuple[torch.Tensor, int]:
    if not 0 <= index < len(split):
        raise ConfigError(f"there is no test image {index}", remedy=f"use one of 0..{len(split) - 1}")
    image, label = next(islice(split.batches(1), index, None))
    return image, int(label)
