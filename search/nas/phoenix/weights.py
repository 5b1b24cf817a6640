"""The trained weights of every trial of a run, by what they were trained for; a child starts from them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mulsmith.emulate.training import load_state
from mulsmith.errors import StoreError
from mulsmith.provenance import sha256_hex
from mulsmith.search.trial import Trial, canonical_json
from mulsmith.storage import BlobStore, atomic_write


def lineage(trial: Trial) -> str:
    """Return the name of a trial's weights: all that they depend on within a run, parents included."""
    return trial.key({})


@dataclass(frozen=True, slots=True)
class WeightStore:
    """Trained states in ``weights/`` of a run: a file per trial that names a blob by its content's hash.

    Attributes:
        folder: the run.
        identity: of the evaluator; weights of another one have other names.
    """

    folder: Path
    identity: Mapping[str, Any]

    def put(self, trial: Trial, network: nn.Module) -> None:
        """Keep the state of a trial's network.

        Raises:
            StoreError: the folder cannot be written.
        """
        buffer = io.BytesIO()
        torch.save(network.state_dict(), buffer)
        digest = self._blobs().put(buffer.getvalue())
        atomic_write(self._name(lineage(trial)), digest.encode())

    def get(self, name: str) -> dict[str, Any]:
        """Return the state that was kept under a lineage.

        Raises:
            StoreError: it is missing or damaged.
        """
        path = self._name(name)
        try:
            digest = path.read_text()
        except OSError as error:
            raise StoreError(
                "the weights of an earlier trial are gone", path=path, remedy="start over with --fresh"
            ) from error
        blobs = self._blobs()
        blobs.get(digest)
        state: dict[str, Any] = load_state(blobs.path(digest))
        return state

    def _blobs(self) -> BlobStore:
        return BlobStore(self.folder / "blobs")

    def _name(self, name: str) -> Path:
        return self.folder / "weights" / sha256_hex(canonical_json([name, dict(self.identity)]).encode())


def carry_over(network: nn.Module, state: Mapping[str, Any], carried: Mapping[str, str]) -> None:
    """Copy weights and batch statistics of modules from another network's state, in place.

    Args:
        network: a float network.
        state: of the other one, in float or on tables: what only tables have is left out.
        carried: module of ``network`` -> module of the other.

    Raises:
        StoreError: the other network has no such module, or one of another shape.
    """
    own = network.state_dict()
    for name, tensor in own.items():
        module, _, rest = name.partition(".")
        if module not in carried:
            continue
        there = state.get(f"{carried[module]}.{rest}")
        if there is None or there.shape != tensor.shape:
            raise StoreError(f"the parent has no weights for '{name}'", remedy="start over with --fresh")
        own[name] = there
    network.load_state_dict(own)
