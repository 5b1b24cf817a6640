"""Yosys in a fresh child process for every job, with time and memory limits.

An error inside pyosys ends its whole process, and results depend on what the process ran before; so each
job gets a process of its own and a temporary folder of its own, and only generated file names reach Yosys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one Yosys job may use: wall-clock ``seconds`` and ``memory_mb`` of address space."""

    seconds: float = 60.0
    memory_mb: int = 4096


def run_yosys(
    commands: Sequence[str],
    files: Mapping[str, bytes],
    results: Sequence[str],
    limits: Limits | None = None,
) -> dict[str, bytes]:
    """Run Yosys passes in a fresh child and return the files that they wrote.

    Args:
        commands: passes in order; the only file names in them are those of ``files`` and ``results``.
        files: name -> content of each file laid into the job's folder beforehand.
        results: names of the files to return.
        limits: time and memory of the job.

    Raises:
        ToolError: pyosys is missing, a pass failed (with Yosys's own message), or a limit was reached.
    """
    raise NotImplementedError
