"""The ``mulsmith`` command: one module per command group, imported only when that group is called."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from collections.abc import Sequence

import click

from mulsmith import __version__
from mulsmith.errors import MulsmithError

EXIT_OK = 0
EXIT_INTERNAL = 1
EXIT_USAGE = 2
EXIT_REJECTED = 3
EXIT_PARTIAL = 5
EXIT_INTERRUPTED = 130

COMMANDS = {
    "characterize": ("mulsmith.cli.characterize", "Turn Verilog into a library of tables and figures."),
    "library": (
        "mulsmith.cli.library",
        "List, show, compare, check and export the multipliers of a library.",
    ),
    "doctor": ("mulsmith.cli.doctor", "Say which versions, kernels and optional parts are here."),
    "emulate": ("mulsmith.cli.emulate", "Evaluate, train and time networks on multiplier tables."),
    "energy": ("mulsmith.cli.energy", "Say what a network costs on an accelerator."),
    "search": ("mulsmith.cli.search", "Find which multiplier goes into which layer."),
    "circuits": ("mulsmith.cli.circuits", "Generate, evolve and check multiplier circuits."),
    "codesign": ("mulsmith.cli.codesign", "Choose multipliers for a network: the whole pipeline."),
    "export": ("mulsmith.cli.export", "Write what a run decided for as RTL and tables."),
    "verify": ("mulsmith.cli.verify", "Simulate an RTL hand-off against the emulation."),
    "report": ("mulsmith.cli.report", "Write the HTML report of a run again."),
}


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in pipeline order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; its object has the command's name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command table from ``COMMANDS``, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mulsmith")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Co-design neural networks and approximate multipliers."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code.

    A command returns its own exit code (None counts as 0). Errors a user can cause are printed in one line.
    """
    debug = "--debug" in arguments
    try:
        code = cli.main(args=list(arguments), prog_name="mulsmith", standalone_mode=False)
        return code if isinstance(code, int) else EXIT_OK
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        click.echo("interrupted", err=True)
        _print_notes(error.__cause__ or error)
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except MulsmithError as error:
        if debug:
            traceback.print_exc()
        click.echo(f"error: {error}", err=True)
        _print_notes(error)
        return error.exit_code
    except BrokenPipeError:
        sys.stdout = None
        return EXIT_OK
    except Exception as error:
        traceback.print_exc()
        click.echo(f"internal error: {error!r}; please report it with the traceback above", err=True)
        return EXIT_INTERNAL


def _print_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        click.echo(note, err=True)


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(document, indent=2, sort_keys=False, allow_nan=False))
