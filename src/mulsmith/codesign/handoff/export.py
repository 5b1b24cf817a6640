"""``export``: from a run folder to a hand-off of one kind, in one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch

from mulsmith.characterize.liberty import Liberty
from mulsmith.codesign.handoff.c_project import c_project
from mulsmith.codesign.handoff.energy_project import ACCELERATOR, TABLE, energy_project
from mulsmith.codesign.handoff.integer_network import IntegerNetwork, record
from mulsmith.codesign.handoff.manifest import write_folder
from mulsmith.codesign.handoff.network_table import table_files
from mulsmith.codesign.handoff.onnx_project import onnx_project
from mulsmith.codesign.handoff.rtl_project import RtlOptions, rtl_project
from mulsmith.codesign.handoff.run_network import RunNetwork, open_run
from mulsmith.codesign.handoff.synthesis_report import synthesis_files

Kind = Literal["rtl", "c", "onnx", "csv", "timeloop"]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported.

    Attributes:
        candidate: id of a member of a search's front, or of a QoS plan.
        image: number of the test image whose activations are recorded.
        rtl: sizes and samples of RTL.
        liberty: cells that the processing elements of RTL are synthesised to; they are not without it.
    """

    candidate: str | None = None
    image: int = 0
    rtl: RtlOptions = field(default_factory=RtlOptions)
    liberty: Path | None = None


def export_run(run: Path, kind: Kind, folder: Path, options: ExportOptions | None = None) -> dict[str, Any]:
    """Write the hand-off of a run and return what its manifest says of it.

    Args:
        run: folder of a finished ``codesign`` or ``search`` run.
        kind: what to write.
        folder: new or empty.
        options: candidate, image and sizes.

    Raises:
        StoreError: the run is unfinished or damaged, or the folder is not empty or cannot be written.
        ConfigError: an unknown candidate or image.
        EmulationError: a layer of which no hand-off can be written.
    """
    own = options or ExportOptions()
    chosen = open_run(run, own.candidate)
    image, label = chosen.image(own.image)
    network = record(chosen.name, chosen.points, image)
    about = {
        "run": {"candidate": chosen.candidate, "data": chosen.data.name, "image": own.image, "label": label},
    }
    files, more = _files(kind, network, chosen, image, own)
    write_folder(folder, kind, files, {**about, **more})
    return {"kind": kind, "folder": str(folder), "files": len(files), **about, **more}


def _files(
    kind: Kind, network: IntegerNetwork, chosen: RunNetwork, image: torch.Tensor, options: ExportOptions
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return (path -> content, what the manifest says of it)."""
    if kind == "csv":
        return table_files(network), {"network": network.name}
    if kind == "onnx":
        return onnx_project(network, chosen.points, image), {"network": network.name}
    if kind == "timeloop":
        made = energy_project(
            chosen.name, chosen.points[0], image.shape[1:], chosen.assignments, chosen.library
        )
        return made, {"network": network.name, "accelerator": ACCELERATOR, "table": TABLE}
    if kind == "c":
        return c_project(network)
    project = rtl_project(network, chosen.library, options.rtl)
    if options.liberty is None:
        return dict(project.files), dict(project.about)
    synthesis, elements = synthesis_files(project, Liberty.read(options.liberty))
    return {**project.files, **synthesis}, {**project.about, "elements": [e.to_json() for e in elements]}
