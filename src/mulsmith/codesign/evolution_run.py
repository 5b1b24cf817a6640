"""One campaign of evolution over one folder; resumable at any point.

A run folder holds ``run.sqlite`` (configuration and every measured circuit), ``starts/`` and ``circuits/``
(every circuit), ``work/`` (states of the engine), ``front/`` (the set: Verilog files named by their content)
and ``result.json``.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.generators.call import parse_call
from mulsmith.circuits.generators.registry import generate
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog import read_verilog
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.codesign.evolution_config import EvolutionConfig, Interface
from mulsmith.errors import ConfigError
from mulsmith.provenance import sha256_hex
from mulsmith.search.evolution.campaign import Campaign
from mulsmith.search.evolution.trials import (
    OBJECTIVES,
    EvolutionEvaluator,
    Limits,
    circuit_name,
    circuit_path,
    start_trial,
)
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.run import Progress, search
from mulsmith.search.runner_choice import open_runner
from mulsmith.search.store import Store
from mulsmith.search.trial import Evaluation
from mulsmith.storage import atomic_write, writer_lock

HEADER_METRICS = ("mae", "wce", "ep_percent", "mre_percent")
_FOLDERS = ("starts", "circuits", "work", "front")
_FILES = ("run.sqlite", "run.sqlite-wal", "run.sqlite-shm", "result.json")


def evolve_set(
    config: EvolutionConfig,
    folder: Path,
    fresh: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Run, or resume, a campaign and return its result (also in ``result.json``).

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
            _clear(folder)
        liberty = Liberty.read(config.cells.liberty) if config.cells.liberty else Liberty.embedded()
        starts = _write_starts(config, folder / "starts")
        hashes = {name: sha256_hex(path.read_bytes()) for name, path in starts.items()}
        ladder = [*config.limits.ladder(), *_limits_like(config)]
        campaign = Campaign(
            [start_trial(starts[name], digest) for name, digest in hashes.items()],
            ladder,
            config.evolution.seeds,
            config.evolution.settings,
            config.evolution.generations,
        )
        evaluator = EvolutionEvaluator(
            folder, starts, config.multiplier.signed, config.cells.liberty, liberty.sha256
        )
        with Store(folder, config.identity(liberty.sha256, hashes, ladder)) as store:
            with open_runner(config.runner, folder) as runner:
                search(campaign, evaluator, runner, store, OBJECTIVES, on_progress)
            evaluations = list(store)
        result = _result(config, folder, campaign, evaluations)
        atomic_write(folder / "result.json", (json.dumps(result, indent=2) + "\n").encode())
        return result


def _clear(folder: Path) -> None:
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)


def _write_starts(config: EvolutionConfig, folder: Path) -> dict[str, Path]:
    """Write the start circuits of the right interface and return their files by name."""
    found: dict[str, Netlist] = {}
    if config.starts.embedded:
        for path in embedded_files():
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


def _limits_like(config: EvolutionConfig) -> list[Limits]:
    if config.limits.like is None:
        return []
    shape = config.multiplier
    with Library.open(config.limits.like) as library:
        return [
            Limits(document["errors"]["mae"], document["errors"]["wce"], config.limits.exact_zero)
            for document in library.documents()
            if (document["a_bits"], document["b_bits"], document["signed"])
            == (shape.a_bits, shape.b_bits, shape.signed)
        ]


def _result(
    config: EvolutionConfig, folder: Path, campaign: Campaign, evaluations: list[Evaluation]
) -> dict[str, Any]:
    archive = ParetoArchive(OBJECTIVES)
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
        "without_start": [[limits.mae, limits.wce] for limits in campaign.skipped],
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
        limits = genome["limits"]
        origin = (
            f"evolved under mae <= {limits['mae']:g}, wce <= {limits['wce']}; "
            f"{genome['generations']} generations, seed {member.trial.seed}"
        )
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
