"""``mulsmith emulate bench``: the backends' times as ratios to float32 in the same run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mulsmith.cli import print_json

if TYPE_CHECKING:
    import torch

    from mulsmith.characterize.lut import Lut
    from mulsmith.emulate.tables import Table

DEFAULT_CIRCUITS = ("mul8x8s_dadda", "mul8x8u_kulkarni", "mul8x8u_mitchell")
RANDOM = "random"
AUTO = "auto"


@click.command()
@click.option(
    "--library", "folder", type=click.Path(path_type=Path), help="Library; without it, the embedded."
)
@click.option(
    "--circuit", "circuits", multiple=True, help="Name in the library, or 'random': 16 random bits."
)
@click.option("--layers", multiple=True, help="resnet20, resnet18, depthwise or smoke.")
@click.option("--network", "networks", multiple=True, help="Whole network of the zoo, e.g. cifar-resnet8.")
@click.option("--train", "training", is_flag=True, help="Training steps of the networks, not inference.")
@click.option("--batch", type=click.IntRange(min=1), default=16, show_default=True, help="For networks.")
@click.option("--backend", "backends", multiple=True, help="Backend, or native:ISA for some kernels.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--repeats", type=click.IntRange(min=1), default=15, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def bench(
    folder: Path | None,
    circuits: tuple[str, ...],
    layers: tuple[str, ...],
    networks: tuple[str, ...],
    training: bool,
    batch: int,
    backends: tuple[str, ...],
    threads: int,
    repeats: int,
    device: str,
    as_json: bool,
) -> None:
    """Time every backend against PyTorch's float32 convolution, or whole networks against float32.

    ISA is base, avx2, avxvnni, avx512, vbmi or vnni (kernels up to that instruction set), gather (the
    published technique, one look-up in the whole table per product) or packed-gather (the same on packed
    pixels, with a weight's entries in the first-level cache).
    """
    import torch

    from mulsmith.emulate.bench import contestants
    from mulsmith.errors import ConfigError

    if networks and layers:
        raise ConfigError("--layers and --network exclude each other")
    if training and not networks:
        raise ConfigError("--train times a whole network", remedy="name one with --network")
    where = _device(device)
    tables = _tables(folder, circuits or DEFAULT_CIRCUITS)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        if networks:
            chosen = contestants(backends or (AUTO,), where)
            result = _time_networks(tables, networks, chosen, training, batch, repeats, where)
        else:
            result = _time_layers(tables, layers, contestants(backends, where), repeats, where)
    finally:
        torch.set_num_threads(before)
    if as_json:
        print_json({"device": _device_name(where), "threads": threads, "repeats": repeats, **result})
        return
    click.echo(f"{_device_name(where)}, {threads} threads, best of {repeats}: time / float32")
    for row in result["rows"] if networks else result["means"]:
        what = f"{row['network']}, {row['work']}" if networks else row["layers"]
        click.echo(f"  {what:26} {row['circuit']:20} {row['backend']:14} {row['ratio_to_native']:8.2f} x")


def _time_layers(
    tables: dict[str, Table],
    layers: tuple[str, ...],
    backends: list[str],
    repeats: int,
    device: torch.device,
) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of single layers and their geometric means; every figure is shown at once."""
    from mulsmith.emulate import bench as benchmark
    from mulsmith.errors import ConfigError

    chosen = layers or ("resnet20", "resnet18", "depthwise")
    unknown = [name for name in chosen if name not in benchmark.LAYERS]
    if unknown:
        raise ConfigError(
            f"no set of layers is named '{unknown[0]}'", remedy=f"use {', '.join(benchmark.LAYERS)}"
        )
    rows = []
    for row in benchmark.run(tables, chosen, backends, repeats, device):
        rows.append(row)
        click.echo(
            f"{row.shape:40} {row.circuit:20} {row.backend:14} {row.ratio_to_native:8.2f} x fp32"
            f" {row.lookups_per_s / 1e9:8.1f} G/s",
            err=True,
        )
    means = [
        {"layers": layer, "circuit": circuit, "backend": backend, "ratio_to_native": mean}
        for (layer, circuit, backend), mean in benchmark.geometric_means(rows).items()
    ]
    return {"rows": [asdict(row) for row in rows], "means": means}


def _time_networks(
    tables: dict[str, Table],
    networks: tuple[str, ...],
    backends: list[str],
    training: bool,
    batch: int,
    repeats: int,
    device: torch.device,
) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of whole networks."""
    from mulsmith.emulate.bench_network import run_networks

    rows = run_networks(tables, networks, backends, training, batch, repeats, device)
    return {"rows": [asdict(row) for row in rows]}


def _tables(folder: Path | None, names: tuple[str, ...]) -> dict[str, Table]:
    """Return the tables of the named circuits."""
    from mulsmith.characterize.library import Library
    from mulsmith.emulate.tables import Table

    tables: dict[str, Table] = {}
    if RANDOM in names:
        tables[RANDOM] = Table.of(_random_lut())
    rest = [name for name in names if name != RANDOM]
    if rest:
        with Library.embedded() if folder is None else Library.open(folder) as library:
            tables |= {name: Table.of(library[name].lut) for name in rest}
    return {name: tables[name] for name in names}


def _random_lut() -> Lut:
    """Return a table without any structure: the worst case of every backend."""
    import numpy as np

    from mulsmith.characterize.lut import Lut

    table = np.random.default_rng(0).integers(0, 1 << 16, (256, 256))
    return Lut(table.astype(np.int32), 8, 8, False)


def _device(name: str) -> torch.device:
    import torch

    from mulsmith.errors import ConfigError

    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"torch knows no device '{name}'", remedy="use cpu or cuda") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("torch finds no CUDA device", remedy="use --device cpu")
    return device


def _device_name(device: torch.device) -> str:
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu ({torch.backends.cpu.get_cpu_capability()})"
