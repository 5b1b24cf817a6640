"""One campaign of evolution over one folder; resumable at any point.

A run folder holds ``run.sqlite`` (configuration and every measured circuit), ``starts/`` and ``circuits/``
(every circuit), ``work/`` (states of the engine), ``front/`` (the set: Verilog files named by their content)
and ``result.json``.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mulsmith.characterize.evolution_run import bounds_text
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.cgp_problem import WEIGHTED, Bounds
from mulsmith.circuits.embedded import generated_files
from mulsmith.circuits.generators.call import parse_call
from mulsmith.circuits.generators.registry import generate
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog import read_verilog
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.codesign.evolution_config import EvolutionConfig, Interface
from mulsmith.errors import ConfigError
from mulsmith.provenance import sha256_hex
from mulsmith.search.evolution.archive import ArchiveSearch
from mulsmith.search.evolution.campaign import Campaign
from mulsmith.search.evolution.trials import (
    EvolutionEvaluator,
    circuit_name,
    circuit_path,
    objectives,
    start_trial,
)
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.run import Progress, search
from mulsmith.search.runner_choice import open_runner
from mulsmith.search.store import DATABASE, Store
from mulsmith.search.trial import Evaluation, Trial
from mulsmith.storage import atomic_write, remove_outputs, writer_lock

HEADER_METRICS = ("mae", "wce", "ep_percent", "mre_percent")
_FOLDERS = ("starts", "circuits", "work", "front")
_FILES = (*DATABASE, "result.json")


def evolve_set(
    config: EvolutionConfig,
    folder: Path,
    fresh: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Run, or resume, a campaign and return its result, which is also written as ``result.json``.

    An interrupted one writes the set so far.

    Args:
        config: interface, starts, limits and budget.
        folder: the run folder; made if it is not there.
        fresh: start over, removing what an earlier campaign left in the folder.
        on_progress: told of every measured circuit.

    Raises:
        ConfigError: a start of another interface, or nothing to start from or to aim at.
        StoreError: the folder belongs to another configuration or writer, or cannot be written.
    """
    with writer_lock(folder):
        if fresh:
            remove_outputs(folder, _FILES, _FOLDERS)
        liberty = Liberty.read(config.cells.liberty) if config.cells.liberty else Liberty.embedded()
        starts = _write_starts(config, folder / "starts")
        hashes = {name: sha256_hex(path.read_bytes()) for name, path in starts.items()}
        operands = config.operands.read(config.multiplier)
        ladder = config.limits.ladder(_errors_like(config))
        if operands is None:
            _check_operands(config, ladder)
        trials = [start_trial(starts[name], digest) for name, digest in hashes.items()]
        searcher = _searcher(config, trials, ladder)
        evaluator = EvolutionEvaluator(
            folder, starts, config.multiplier.signed, config.cells.liberty, liberty.sha256, operands
        )
        figures = objectives(config.evolution.front)
        finished = False
        with Store(folder, config.identity(liberty.sha256, hashes, ladder, operands)) as store:
            try:
                with open_runner(config.runner, folder) as runner:
                    search(searcher, evaluator, runner, store, figures, on_progress)
                finished = True
            finally:
                # An interrupted campaign leaves the set so far.
                result = {"finished": finished, **_result(config, folder, searcher, list(store))}
                atomic_write(folder / "result.json", (json.dumps(result, indent=2) + "\n").encode())
        return result


def _write_starts(config: EvolutionConfig, folder: Path) -> dict[str, Path]:
    """Write the start circuits of the right interface and return their files by name."""
    found: dict[str, Netlist] = {}
    if config.starts.embedded:
        for path in generated_files():
            if path.stem.startswith(f"{config.multiplier.prefix}_"):
                found[path.stem] = _signed(read_verilog(path), config.multiplier)
    for number, call in enumerate(config.starts.calls):
        family, parameters = parse_call(call)
        shape = {"a_bits": config.multiplier.a_bits, "b_bits": config.multiplier.b_bits}
        name = f"{family}_{number}"
        parameters = {**shape, "signed": config.multiplier.signed, **parameters}
        found[name] = _fitting(generate(family, name=name, **parameters), config.multiplier, call)
    for path in config.starts.files:
        netlist = _signed(read_verilog(path), config.multiplier)
        found[netlist.name] = _fitting(netlist, config.multiplier, str(path))
    if not found:
        raise ConfigError("the campaign has no start circuits", remedy="name one in starts.calls")
    paths = {}
    for name, netlist in found.items():
        paths[name] = folder / f"{name}.v"
        atomic_write(paths[name], write_verilog(replace(netlist, name=name)).encode())
    return paths


def _signed(netlist: Netlist, interface: Interface) -> Netlist:
    return netlist.with_signed(interface.signed)


def _fitting(netlist: Netlist, interface: Interface, source: str) -> Netlist:
    shape = (netlist.a_bits, netlist.b_bits)
    if shape != (interface.a_bits, interface.b_bits):
        raise ConfigError(
            f"the start circuit {source} is {shape[0]}x{shape[1]}, but the campaign is for "
            f"{interface.a_bits}x{interface.b_bits}"
        )
    return netlist


def _errors_like(config: EvolutionConfig) -> list[tuple[float, int]]:
    if config.limits.like is None:
        return []
    shape = config.multiplier
    with Library.open(config.limits.like) as library:
        return [
            (document["errors"]["mae"], document["errors"]["wce"])
            for document in library.documents()
            if (document["a_bits"], document["b_bits"], document["signed"])
            == (shape.a_bits, shape.b_bits, shape.signed)
        ]


def _check_operands(config: EvolutionConfig, ladder: Sequence[Bounds]) -> None:
    bounded = {name for bounds in ladder for name in bounds.limits()}
    needing = [
        name for name in (*WEIGHTED, "operand_power_mw") if name in {*bounded, *config.evolution.front}
    ]
    if needing:
        raise ConfigError(
            f"{needing[0]} needs the operands of a network",
            remedy="name a file of mulsmith emulate operands in operands.histograms",
        )


def _searcher(
    config: EvolutionConfig, starts: Sequence[Trial], ladder: Sequence[Bounds]
) -> Campaign | ArchiveSearch:
    evolution = config.evolution
    if evolution.method == "ladder":
        return Campaign(starts, ladder, evolution.seeds, evolution.settings, evolution.generations)
    if len(ladder) > 1:
        raise ConfigError(f"the archive method takes one set of limits, but {len(ladder)} are given")
    exact = {"exact_zero": config.limits.exact_zero, "exact_one": config.limits.exact_one}
    return ArchiveSearch(
        starts,
        evolution.front,
        ladder[0] if ladder else Bounds(**exact),
        evolution.seeds,
        evolution.settings,
        evolution.generations,
        evolution.steps,
        evolution.batch,
    )


def _result(
    config: EvolutionConfig,
    folder: Path,
    searcher: Campaign | ArchiveSearch,
    evaluations: list[Evaluation],
) -> dict[str, Any]:
    archive = ParetoArchive(objectives(config.evolution.front))
    for evaluation in evaluations:
        archive.add(evaluation)
    shutil.rmtree(folder / "front", ignore_errors=True)
    evolved = [e for e in evaluations if e.trial.candidate.origin == "evolution"]
    return {
        "multiplier": config.multiplier.prefix,
        "circuits": len(evaluations),
        "failed": [circuit_name(e.trial) for e in evaluations if e.failed],
        "seconds": sum(e.seconds for e in evolved),
        "offspring": sum(
            e.trial.candidate.genome["generations"] * config.evolution.offspring for e in evolved
        ),
        "without_start": [bounds.to_json() for bounds in searcher.skipped],
        "front": [_publish(config, folder, member) for member in archive.front()],
    }


def _publish(config: EvolutionConfig, folder: Path, member: Evaluation) -> dict[str, Any]:
    """Write a member of the front under its final name and return its figures."""
    genome, metrics = member.trial.candidate.genome, dict(member.metrics)
    source = circuit_path(folder, circuit_name(member.trial))
    netlist = read_verilog(source).with_signed(config.multiplier.signed)
    if "start" in genome:
        name, origin = genome["start"], "a start circuit"
    else:
        name = f"{config.multiplier.prefix}_{_content_name(netlist)}"
        bounds = bounds_text(Bounds(**genome["bounds"]))
        origin = f"evolved under {bounds}; {genome['generations']} generations, seed {member.trial.seed}"
    header = [
        f"{name}: {origin}",
        f"mulsmith: signed = {str(config.multiplier.signed).lower()}",
        *(f"mulsmith: {key} = {metrics[key]:.8g}" for key in HEADER_METRICS),
    ]
    text = write_verilog(replace(netlist, name=name), header)
    atomic_write(folder / "front" / f"{name}.v", text.encode())
    return {"name": name, "seed": member.trial.seed, **metrics}


def _content_name(netlist: Netlist) -> str:
    """Return four characters of the hash of the circuit's table and structure."""
    digest = bytes.fromhex(sha256_hex((simulate_lut(netlist).sha256() + netlist.sha256()).encode()))
    return "e" + base64.b32encode(digest[:5]).decode()[:4].lower()
