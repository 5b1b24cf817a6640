"""What ``mulsmith search`` does for the architecture searches: presets, and the table of the front."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def run_architecture_search(
    method: str,
    config: Path | None,
    preset: str | None,
    folder: Path,
    fresh: bool,
    on_step: Callable[[Any], None],
) -> dict[str, Any]:
    """Run an architecture search by configuration file or preset (``digits-minutes`` without either).

    Raises:
        ConfigError: both are given, or one of them is wrong.
    """
    from mulsmith.codesign.nas_config import NasConfig
    from mulsmith.codesign.nas_run import run_nas
    from mulsmith.errors import ConfigError
    from mulsmith.search.nas.methods import preset_path
    from mulsmith.toml_file import read_toml

    if config is not None and preset is not None:
        raise ConfigError("give a configuration file or a preset, not both")
    path = config if config is not None else preset_path(method, preset or "digits-minutes")
    return run_nas(method, read_toml(NasConfig, path), folder, fresh=fresh, on_step=on_step)


def print_networks(result: dict[str, Any]) -> None:
    """Print the final networks and the comparison with the exact multiplier."""
    from mulsmith.cli.front_table import percent, print_front

    def cells(member: dict[str, Any]) -> list[str]:
        metrics = member["metrics"]
        return [
            member["id"],
            percent(metrics["accuracy"]),
            percent(member["test_accuracy"]),
            f"{metrics['energy_all_pj'] / 1e3:.1f} nJ",
            f"{metrics['parameters']:.0f}" if "parameters" in metrics else "",
            member["multiplier"] or "several",
        ]

    notes = []
    if "approximate" in result:
        exact, chosen = result["exact"], result["approximate"]
        notes.append(
            f"exact solution {exact['id']}: {percent(exact['test_accuracy'])} on test; approximate "
            f"solution {chosen['id']}: {percent(chosen['test_accuracy'])}, "
            f"{result['saving_percent']:.1f} % less multiplication energy by {result['convention']}"
        )
    if result["diverged"]:
        notes.append(f"{len(result['diverged'])} candidates diverged and are marked in the run.")
    columns = ["network", "accuracy", "on test", "energy", "parameters", "multiplier"]
    print_front(result, columns, cells, notes, "front.svg, fronts/, networks/, result.json")
