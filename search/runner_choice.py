"""Which runner a configuration asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from pydantic import Field

from mulsmith.errors import ConfigError
from mulsmith.search.runner import ProcessRunner, Runner, SerialRunner
from mulsmith.toml_file import Section

Kind = Literal["auto", "serial", "processes", "ray", "slurm"]


class RunnerOptions(Section):
    """Where evaluations run; the result depends on none of this but the number of threads."""

    kind: Kind = Field(default="auto", description="auto: serial for one worker, processes for more")
    workers: int = Field(
        default=1, ge=1, description="evaluations at once; a running Ray cluster's CPUs decide"
    )
    threads: int = Field(default=1, ge=0, description="of torch in one evaluation; 0 leaves them as they are")
    address: str = Field(
        default="", description="of a running Ray cluster, auto for this machine's; empty starts one"
    )
    partition: str = Field(default="", description="of Slurm; empty is the cluster's default")
    minutes: int = Field(default=240, ge=1, description="of Slurm's time limit for one evaluation")


@contextmanager
def open_runner(options: RunnerOptions, folder: Path, gpus: float = 0.0) -> Iterator[Runner]:
    """Give the runner of a configuration, and end its workers afterwards.

    Args:
        options: which.
        folder: the run, where Slurm's jobs leave their files.
        gpus: GPUs (or fractions) that one evaluation occupies on a cluster.

    Raises:
        ConfigError: several workers in this one process.
        ToolError: the cluster or its package is missing.
    """
    cpus = max(1, options.threads)
    if options.kind == "ray":
        from mulsmith.search.ray_runner import RayRunner

        address = options.address or None
        with closing(RayRunner(address, workers=options.workers, cpus=cpus, gpus=gpus)) as ray_runner:
            yield ray_runner
    elif options.kind == "slurm":
        from mulsmith.search.slurm_runner import SlurmRunner

        yield SlurmRunner(
            folder / "slurm",
            workers=options.workers,
            cpus=cpus,
            gpus=gpus,
            partition=options.partition,
            minutes=options.minutes,
        )
    elif options.kind == "serial" and options.workers > 1:
        raise ConfigError(
            f"runner: 'serial' has one worker, not {options.workers}", remedy="use kind = 'processes'"
        )
    elif options.kind == "processes" or options.workers > 1:
        with ProcessRunner(options.workers) as process_runner:
            yield process_runner
    else:
        yield SerialRunner()
