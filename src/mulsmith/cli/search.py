"""``mulsmith search``: decide which multiplier goes into which layer, by one of several methods."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, print_json


class _Methods(click.Command):
    """Hands the method ``program``, which has options of its own, to its own command."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] != ["program"]:
            return super().make_context(info_name, args, parent, **extra)
        from mulsmith.cli.search_program import program

        return program.make_context(f"{info_name} program", args[1:], parent, **extra)


@click.command(cls=_Methods)
@click.argument("method")
@click.argument("config", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--run", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Run folder."
)
@click.option("--preset", help="A shipped configuration of an architecture search, e.g. digits-minutes.")
@click.option("--fresh", is_flag=True, help="Start over instead of resuming.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def search(
    method: str, config: Path | None, folder: Path, preset: str | None, fresh: bool, as_json: bool
) -> int:
    """Find the front of accuracy against multiplication energy over assignments.

    METHOD is agn, alwann, assign, greedy, qos or uniform, or an architecture search: approxdarts,
    evoapproxnas or phoenix. CONFIG is a TOML file; without it the preset runs: a small CNN on scikit-learn's
    digits and the embedded circuits. A run that was interrupted goes on where it stopped. METHOD program
    has options of its own: mulsmith search program --help.
    """
    from mulsmith.cli.search_nas import print_networks, run_architecture_search
    from mulsmith.codesign.nas_config import NAS_METHODS
    from mulsmith.codesign.search_config import SearchConfig
    from mulsmith.codesign.search_run import run_search
    from mulsmith.errors import ConfigError
    from mulsmith.toml_file import read_toml

    display = Display()
    if method in NAS_METHODS:
        result = run_architecture_search(method, config, preset, folder, fresh, display.show)
        print_json(result) if as_json else print_networks(result)
        return EXIT_PARTIAL if result["failed"] else EXIT_OK
    if preset is not None:
        raise ConfigError(f"method '{method}' has no presets", remedy="run it without --preset")
    settings = SearchConfig() if config is None else read_toml(SearchConfig, config)
    result = run_search(method, settings, folder, fresh=fresh, on_step=display.show)
    if as_json:
        print_json(result)
    else:
        _print(result)
    return EXIT_PARTIAL if result["failed"] else EXIT_OK


class Display:
    """Progress on stderr: one rewritten line on a terminal, one every few evaluations otherwise.

    Args:
        accuracy: the metric to show.
    """

    def __init__(self, accuracy: str = "accuracy") -> None:
        self._metric = accuracy
        self._live = sys.stderr.isatty()
        self._start: float | None = None
        self._first = 0

    def show(self, step: Any) -> None:
        """Take one step of the run."""
        if step.search is None:
            self._write(step.stage, last=True)
            return
        done, planned = step.search.finished, step.search.planned
        if self._start is None:
            self._start, self._first = time.monotonic(), done - 1
        of = f" of {planned}" if planned else ""
        text = f"evaluation {done}{of}, accuracy {self._accuracy(step.search.evaluation)}"
        if step.search.best is not None:
            text += f", best {self._accuracy(step.search.best)}, front {step.search.front_size}"
        if planned and planned > done:
            pace = (time.monotonic() - self._start) / (done - self._first)
            text += f", about {pace * (planned - done):.0f} s left"
        if self._live or done % 20 == 0 or done == planned:
            self._write(text, last=not self._live or done == planned)

    def _accuracy(self, evaluation: Any) -> str:
        return "failed" if evaluation.failed else f"{100 * evaluation.metrics[self._metric]:.2f} %"

    def _write(self, text: str, last: bool) -> None:
        start = "\r\x1b[K" if self._live else ""
        print(f"{start}{text}", end="\n" if last else "", file=sys.stderr, flush=True)  # noqa: T201 - progress


_ENERGY_COLUMNS = {"energy_all_pj": "all multiplications", "energy_system_pj": "accelerator"}


def _print(result: dict[str, Any]) -> None:
    from mulsmith.cli.front_table import percent, print_front

    exact = result["baseline"]
    base = exact["metrics"]
    energies = [name for name in _ENERGY_COLUMNS if name in base]

    def cells(member: dict[str, Any]) -> list[str]:
        metrics = member["metrics"]
        return [
            percent(metrics["accuracy"]),
            percent(member["test_accuracy"]),
            *(f"{100 * metrics[name] / base[name]:.1f} %" for name in energies),
            ", ".join(dict.fromkeys(member["assignment"].values())),
        ]

    notes = [
        f"exact ({exact['multiplier']}): {percent(base['accuracy'])}, on test "
        f"{percent(exact['test_accuracy'])}; hypervolume {result['hypervolume']:.4f}, on test "
        f"{result['test_hypervolume']:.4f}; minimised: energy of {_minimised(result)}; corrections: "
        f"{result['correction']}"
    ]
    if result["failed"]:
        notes.append(f"{len(result['failed'])} evaluations failed; their tracebacks are stored in the run.")
    columns = ["accuracy", "on test", *(_ENERGY_COLUMNS[name] for name in energies), "multipliers"]
    files = "front.svg, evaluations.jsonl, result.json"
    print_front(result, columns, cells, notes, files, "energy in % of the exact network's")


def _minimised(result: dict[str, Any]) -> str:
    covers = {
        "approximated": "multiplications in the layers chosen for",
        "all": "all multiplications",
        "system": f"the accelerator {result['accelerator']}",
    }
    power = " with the layers' own operands" if result["power"] == "data" else ""
    return f"{covers[result['ledger']]}, multiplications by {result['convention']}{power}"
