"""Accelerator model: workloads, mappings and energy tables."""
