"""What passes between searchers, evaluators and stores: candidates, trials and their evaluations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mulsmith.provenance import sha256_hex

Genome = Any
"""A candidate's description in JSON types only: dict, list, str, int, float, bool, None."""


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point of a search space.

    Attributes:
        genome: JSON description; equal genomes are the same candidate.
        origin: how it came about (e.g. ``sample``, ``mutation``), for reports; not part of its identity.
    """

    genome: Genome
    origin: str = field(default="", compare=False)

    @property
    def id(self) -> str:
        """First 16 hexadecimal digits of the genome's hash."""
        return sha256_hex(canonical_json(self.genome).encode())[:16]


@dataclass(frozen=True, slots=True)
class Trial:
    """One evaluation to be made.

    Attributes:
        candidate: what to evaluate.
        fidelity: settings that trade accuracy of the evaluation for its cost (epochs, subset, width).
        seed: seed of everything random in the evaluation.
    """

    candidate: Candidate
    fidelity: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def key(self, evaluator_identity: Mapping[str, Any]) -> str:
        """Return the content key of the evaluation: genome, fidelity, seed and what evaluates it."""
        parts = [self.candidate.genome, dict(self.fidelity), self.seed, dict(evaluator_identity)]
        return sha256_hex(canonical_json(parts).encode())


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome of a trial.

    Attributes:
        trial: what was evaluated.
        metrics: name -> finite value; empty when the trial failed.
        error: traceback or reason of a failed trial, None of a good one.
        seconds: wall-clock time that it took; not part of equality.
    """

    trial: Trial
    metrics: Mapping[str, float]
    error: str | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def failed(self) -> bool:
        """Whether the trial gave no metrics."""
        return self.error is not None
