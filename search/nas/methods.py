"""The architecture searches by name: options, how each one plans a run, and its presets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from mulsmith.errors import ConfigError
from mulsmith.search.evaluator import Evaluator
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.objective import Objective
from mulsmith.search.registry import Registry, meant
from mulsmith.search.searcher import Searcher
from mulsmith.search.trial import Evaluation, Genome, Trial
from mulsmith.toml_file import Section

PRESETS = Path(__file__).parent / "presets"


@dataclass(frozen=True, slots=True)
class NasPlan:
    """A search that is ready to run.

    Attributes:
        searcher: proposes trials.
        evaluator: trains and evaluates them.
        objectives: accuracy first; metrics of the evaluator.
        fidelity: what a trial that counts for the front is evaluated with; rungs below it do not count.
        final: front of the search -> trials of the final training; none keeps the front as it is.
        multiplier: genome -> its multiplier, or "" where several are used.
        trained: genome and fidelity -> the trained network on its tables, from the run folder.
        picture: genome -> SVG of the network.
        source: genome -> readable Python source of the float network.
        figures: further files that a finished run shows, file name -> text.
        combined: outcomes of the final training -> trials made out of them, such as ensembles.
    """

    searcher: Searcher
    evaluator: Evaluator
    objectives: tuple[Objective, ...]
    fidelity: Mapping[str, Any]
    final: Callable[[Sequence[Evaluation]], list[Trial]]
    multiplier: Callable[[Genome], str]
    trained: Callable[[Trial], nn.Module]
    picture: Callable[[Genome], str]
    source: Callable[[Genome], str]
    figures: Mapping[str, str] = field(default_factory=dict)
    combined: Callable[[Sequence[Evaluation]], list[Trial]] = lambda outcomes: []


@dataclass(frozen=True, slots=True)
class NasMethod:
    """An architecture search.

    Attributes:
        options: schema of the method's section in a configuration.
        plan: (setting, options, run folder) -> plan.
        network: (genome, options, (C, H, W) of an image, classes) -> the untrained float network.
    """

    options: type[Section]
    plan: Callable[[NasSetting, Any, Path], NasPlan]
    network: Callable[[Genome, Any, tuple[int, int, int], int], nn.Module]


NAS_METHODS = Registry[NasMethod]("architecture search")


def preset_names(method: str) -> list[str]:
    """Return the names of the presets that are shipped for a method."""
    return sorted(path.stem for path in (PRESETS / method).glob("*.toml"))


def preset_path(method: str, name: str) -> Path:
    """Return the file of a shipped preset.

    Raises:
        ConfigError: unknown name.
    """
    names = preset_names(method)
    if name not in names:
        raise ConfigError(f"'{method}' has no preset '{name}'", remedy=meant(name, names))
    return PRESETS / method / f"{name}.toml"
