"""The whole pipeline over one run folder: network, circuits, assignment, figures; resumable at any point.

A run folder holds ``run.sqlite`` (configuration and every evaluation), ``network.pt`` (the float network),
``chosen.pt`` (the network on the chosen multipliers, integers included) and ``result.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.config import Config
from mulsmith.codesign.result import RESULT, summarise
from mulsmith.codesign.setting import open_library, prepare, train_or_load, untrained_network
from mulsmith.emulate.counting import multiplications
from mulsmith.emulate.data import DataSet, load_data
from mulsmith.emulate.training import save_state
from mulsmith.search.greedy import GreedyAssignment
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.run import search
from mulsmith.search.runner import SerialRunner
from mulsmith.search.store import Store
from mulsmith.storage import atomic_write, writer_lock

SMALL_NETWORK = 1_000_000
"""Multiplications per image below which a second thread costs more than it brings."""

_DATABASE = ("run.sqlite", "run.sqlite-wal", "run.sqlite-shm")
_OWN_FILES = (*_DATABASE, "network.pt", "training.pt", "chosen.pt", RESULT)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: the stage, and how far it is where that is known."""

    stage: str
    done: int = 0
    total: int | None = None


def run_codesign(
    config: Config,
    folder: Path,
    library: Mapping[str, Multiplier] | None = None,
    fresh: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Run, or resume, a co-design and return its result (also in ``result.json``).

    Args:
        config: what to do.
        folder: the run folder; made if it is not there.
        library: multipliers; without it the configured library or the embedded circuits.
        fresh: start over, removing what an earlier co-design left in the folder.
        on_progress: told of every stage and step.

    Raises:
        StoreError: the folder belongs to another configuration or writer, or cannot be written.
        ConfigError: a name in the configuration that does not exist.
    """
    with writer_lock(folder):
        for name in _OWN_FILES if fresh else ():
            (folder / name).unlink(missing_ok=True)
        with Store(folder, config.model_dump(mode="json")) as store:
            data = load_data(config.data.name, config.data.folder, config.training.seed)
            network = untrained_network(config, data)
            with _threads_for(sum(multiplications(network, data.shape).values())):
                result = _run(config, folder, library, store, data, network, on_progress)
            atomic_write(folder / RESULT, json.dumps(result, indent=2, allow_nan=False).encode())
            return result


def _run(
    config: Config,
    folder: Path,
    library: Mapping[str, Multiplier] | None,
    store: Store,
    data: DataSet,
    network: nn.Module,
    on_progress: Callable[[Progress], None],
) -> dict[str, Any]:
    epochs = config.training.epochs
    train_or_load(
        network, config, data, folder, lambda e: on_progress(Progress("training", e.number, epochs))
    )
    on_progress(Progress("circuits"))
    setting = prepare(config, data, network, open_library(config.circuits) if library is None else library)
    counts, prices = setting.evaluator.energy.multiplications, setting.evaluator.energy.energy_pj
    searcher = GreedyAssignment(
        layers=setting.layers,
        multipliers=tuple(setting.multipliers),
        baseline=setting.exact,
        layer_energy_pj={
            layer: {name: count * price for name, price in prices.items()} for layer, count in counts.items()
        },
        max_loss=config.search.max_loss_pp / 100,
        shortlist=config.search.shortlist,
        images=len(setting.evaluator.images),
        margin=config.search.margin,
    )
    archive = search(
        searcher,
        setting.evaluator,
        SerialRunner(),
        store,
        [Objective.energy(Ledger.ALL), Objective("accuracy", "max")],
        lambda p: on_progress(Progress("assignment", p.finished, p.planned)),
    )
    on_progress(Progress("figures"))
    chosen = emulate.freeze(setting.evaluator.reassigned({"layers": searcher.chosen}))
    save_state(folder / "chosen.pt", chosen.state_dict())
    return summarise(config, folder, setting, searcher, chosen, archive.front(), list(store))


@contextmanager
def _threads_for(multiplications: int) -> Iterator[None]:
    threads = torch.get_num_threads()
    if multiplications < SMALL_NETWORK:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
