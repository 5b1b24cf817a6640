"""The hand-off of a run: RTL with recorded vectors, C, ONNX and tables, and the check that they agree."""

from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork, record
from mulsmith.codesign.handoff.rtl_project import RtlOptions, rtl_project
from mulsmith.codesign.handoff.run_network import RunNetwork, open_run
from mulsmith.codesign.handoff.verify import LayerCheck, verify

__all__ = [
    "IntegerLayer",
    "IntegerNetwork",
    "LayerCheck",
    "RtlOptions",
    "RunNetwork",
    "open_run",
    "record",
    "rtl_project",
    "verify",
]
