"""Files for Timeloop and Accelergy: the run's layers with their mappings, and its multipliers' energies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml
from torch import nn

from mulsmith.characterize.record import Multiplier
from mulsmith.emulate import deconvert
from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.export import export_files
from mulsmith.energy.multipliers import multiplier_cost
from mulsmith.energy.network_cost import LIBRARY_NM
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.torch_network import workload_from_torch

ACCELERATOR = "eyeriss-like"
TABLE = "cacti45"


def energy_project(
    name: str,
    network: nn.Module,
    shape: Sequence[int],
    assignments: Sequence[Mapping[str, str]],
    library: Mapping[str, Multiplier],
) -> dict[str, bytes]:
    """Return path -> content: ``timeloop/``, ``accelergy/`` and ``assignment_N.yaml`` per operating point.

    Args:
        name: the network's name.
        network: the converted network.
        shape: (C, H, W) of an image.
        assignments: layer -> multiplier, at every operating point.
        library: the multipliers.

    Raises:
        ConfigError: a layer that the accelerator cannot run, or a multiplier without figures.
    """
    accelerator = Accelerator.load(ACCELERATOR)
    prices = make_prices(accelerator, EnergyTable.load(TABLE), multiplier_nm=LIBRARY_NM)
    workload = workload_from_torch(deconvert(network), (1, *shape), name=name)
    used = sorted({own for assignment in assignments for own in assignment.values()})
    costs = [multiplier_cost(library[own], clock_ghz=accelerator.clock_mhz / 1e3) for own in used]
    files = {
        f"{form}/{path}": text.encode()
        for form in ("timeloop", "accelergy")
        for path, text in export_files(form, workload, accelerator, prices, costs).items()
    }
    for point, assignment in enumerate(assignments):
        files[f"assignment_{point}.yaml"] = yaml.safe_dump(dict(assignment), sort_keys=False).encode()
    return files
