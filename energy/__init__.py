"""Accelerator model: workloads, mappings and energy tables."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mulsmith.energy.accelerator import Accelerator, accelerator_names
    from mulsmith.energy.counting import Counts, evaluate
    from mulsmith.energy.estimator import Estimator, Mapper
    from mulsmith.energy.exported_network import workload_from_exported
    from mulsmith.energy.mapper import find_mapping, mapping_front
    from mulsmith.energy.mapping import Mapping, parse_mapping, read_mapping
    from mulsmith.energy.multipliers import MultiplierCost, multiplier_cost
    from mulsmith.energy.network_cost import estimate, estimator_for
    from mulsmith.energy.networks import load_network, network_names
    from mulsmith.energy.onnx_network import workload_from_onnx
    from mulsmith.energy.operand_energy import operand_energies
    from mulsmith.energy.operands import OperandHistograms
    from mulsmith.energy.results import NetworkEnergy
    from mulsmith.energy.tables import EnergyTable, table_names
    from mulsmith.energy.torch_network import workload_from_torch
    from mulsmith.energy.workload import Layer, Workload

_HOME = {
    "Accelerator": "accelerator",
    "Counts": "counting",
    "EnergyTable": "tables",
    "Estimator": "estimator",
    "Layer": "workload",
    "Mapper": "estimator",
    "Mapping": "mapping",
    "MultiplierCost": "multipliers",
    "NetworkEnergy": "results",
    "OperandHistograms": "operands",
    "Workload": "workload",
    "accelerator_names": "accelerator",
    "estimate": "network_cost",
    "estimator_for": "network_cost",
    "evaluate": "counting",
    "find_mapping": "mapper",
    "load_network": "networks",
    "mapping_front": "mapper",
    "multiplier_cost": "multipliers",
    "network_names": "networks",
    "operand_energies": "operand_energy",
    "parse_mapping": "mapping",
    "read_mapping": "mapping",
    "table_names": "tables",
    "workload_from_exported": "exported_network",
    "workload_from_onnx": "onnx_network",
    "workload_from_torch": "torch_network",
}
__all__ = [
    "Accelerator",
    "Counts",
    "EnergyTable",
    "Estimator",
    "Layer",
    "Mapper",
    "Mapping",
    "MultiplierCost",
    "NetworkEnergy",
    "OperandHistograms",
    "Workload",
    "accelerator_names",
    "estimate",
    "estimator_for",
    "evaluate",
    "find_mapping",
    "load_network",
    "mapping_front",
    "multiplier_cost",
    "network_names",
    "operand_energies",
    "parse_mapping",
    "read_mapping",
    "table_names",
    "workload_from_exported",
    "workload_from_onnx",
    "workload_from_torch",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _HOME:
        return getattr(importlib.import_module(f"mulsmith.energy.{_HOME[name]}"), name)
    raise AttributeError(f"module 'mulsmith.energy' has no attribute {name!r}")
