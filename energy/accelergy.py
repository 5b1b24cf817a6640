"""Accelergy's energy and area reference tables (ERT, ART): read as an energy table, and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.documents import read_document
from mulsmith.energy.prices import Prices, Standing
from mulsmith.energy.tables import Action, EnergyTable, Entry, StandingEntry
from mulsmith.errors import ConfigError

Value = TypeVar("Value")
_COMPONENT = re.compile(r"(?:.*\.)?(?P<name>[^.\[\]]+)(?:\[\d+\.\.\d+\])?$")
_ACTIONS: dict[str, Action] = {"read": "read", "write": "fill", "update": "write"}


class _Foreign(BaseModel):
    """Base of schemas of other tools' files, in which unknown keys are theirs to have."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class _Energy(_Foreign):
    name: str
    energy: float = Field(ge=0)


class _Component(_Foreign):
    name: str
    actions: tuple[_Energy, ...]


class _Tables(_Foreign):
    tables: tuple[_Component, ...] = ()
    table_summary: tuple[_Component, ...] = ()


class _ErtDocument(_Foreign):
    ERT: _Tables | None = None
    ERT_summary: _Tables | None = None


class _Area(_Foreign):
    name: str
    area: float = Field(ge=0)


class _AreaTables(_Foreign):
    tables: tuple[_Area, ...] = ()
    table_summary: tuple[_Area, ...] = ()


class _ArtDocument(_Foreign):
    ART: _AreaTables | None = None
    ART_summary: _AreaTables | None = None


def read_energy_reference(
    path: Path, accelerator: Accelerator, *, areas: Path | None = None, technology_nm: float | None = None
) -> EnergyTable:
    """Return an Accelergy ERT (or ERT summary) as an energy table for an accelerator.

    Accelergy's numbers are per access of a component's full width; ``write`` fills from above and ``update``
    takes results from below; ``leak`` is per cycle of the accelerator. No network is priced.

    Args:
        path: the YAML file.
        accelerator: its storages give the widths; every one of them must be in the file.
        areas: an ART (or ART summary) with the area of one instance of every storage.
        technology_nm: node of the numbers, which the file does not say.

    Raises:
        ConfigError: the file cannot be read, or lacks a component or an action.
    """
    document = read_document(_ErtDocument, path)
    tables = document.ERT or document.ERT_summary
    if tables is None:
        raise ConfigError("neither ERT nor ERT_summary is in the file", path=path)
    components = {
        _short(component.name): {action.name: action.energy for action in component.actions}
        for component in (*tables.tables, *tables.table_summary)
    }
    source = f"Accelergy, {path.name}"
    area_um2 = {} if areas is None else read_area_reference(areas)
    standing: list[StandingEntry] = []
    entries = [Entry(match="noc", action="hop", pj=0, source=f"{source}: no network is priced")]
    for storage in accelerator.storages:
        actions = _component(components, storage.name, path)
        for theirs, ours in _ACTIONS.items():
            if theirs not in actions:
                raise ConfigError(f"{storage.name} has no action {theirs}", path=path)
            entries.append(
                Entry(
                    match=storage.name,
                    action=ours,
                    pj=actions[theirs],
                    per_bits=storage.width_bits,
                    technology_nm=None if storage.kind == "dram" else technology_nm,
                    source=source,
                )
            )
        standing.append(
            StandingEntry(
                match=storage.name,
                area_um2=None if areas is None else _component(area_um2, storage.name, areas),
                leakage_mw=actions["leak"] * accelerator.clock_mhz / 1e3 if "leak" in actions else None,
                technology_nm=None if storage.kind == "dram" else technology_nm,
                source=source if areas is None else f"{source}, {areas.name}",
            )
        )
    compute = _component(components, accelerator.compute.name, path)
    if "compute" not in compute:
        raise ConfigError(f"{accelerator.compute.name} has no action compute", path=path)
    entries.append(Entry(match="multiplier", action="multiply", pj=compute["compute"], source=source))
    entries.append(Entry(match="adder", action="add", pj=0, source=f"{source}: part of compute"))
    return EnergyTable(name=path.stem, source=source, entries=tuple(entries), standing=tuple(standing))


def read_area_reference(path: Path) -> dict[str, float]:
    """Return component name -> area of one instance in um2, from an Accelergy ART (or ART summary).

    Raises:
        ConfigError: the file cannot be read or holds no area table.
    """
    document = read_document(_ArtDocument, path)
    tables = document.ART or document.ART_summary
    if tables is None:
        raise ConfigError("neither ART nor ART_summary is in the file", path=path)
    return {_short(entry.name): entry.area for entry in (*tables.tables, *tables.table_summary)}


def energy_reference(accelerator: Accelerator, prices: Prices, multiply_pj: float) -> str:
    """Return an Accelergy ERT of an accelerator as YAML text.

    A storage that keeps tensors at different prices per bit cannot be written, since Accelergy has one
    price per access.

    Args:
        accelerator: its storages become components.
        prices: energy per word; written per full-width access.
        multiply_pj: energy of one multiplication; the accumulation is added to it.

    Raises:
        ConfigError: a storage has no single price.
    """
    tables: list[dict[str, object]] = []
    for storage in accelerator.storages:
        actions: list[dict[str, object]] = []
        for theirs, table in (
            ("read", prices.read_pj),
            ("write", prices.fill_pj),
            ("update", prices.write_pj),
        ):
            access = {
                round(table[storage.name, tensor] * accelerator.block(storage, tensor), 9)
                for tensor in storage.keep
            }
            if len(access) > 1:
                raise ConfigError(f"{storage.name} prices its tensors differently, which an ERT cannot say")
            actions.append({"name": theirs, "arguments": {}, "energy": access.pop()})
        leakage_mw = prices.standing.get(storage.name, Standing()).leakage_mw or 0.0
        leak_pj = round(leakage_mw * 1e3 / accelerator.clock_mhz, 9)
        actions.append({"name": "leak", "arguments": {}, "energy": leak_pj})
        tables.append({"name": f"system_top_level.{storage.name}", "actions": actions})
    energy = multiply_pj + prices.add_pj
    compute = [{"name": "compute", "arguments": {}, "energy": energy}]
    tables.append({"name": f"system_top_level.{accelerator.compute.name}", "actions": compute})
    return yaml.safe_dump({"ERT": {"version": "0.4", "tables": tables}}, sort_keys=False)


def _short(name: str) -> str:
    match = _COMPONENT.match(name)
    return name if match is None else match["name"]


def _component(components: Mapping[str, Value], name: str, path: Path) -> Value:
    if name not in components:
        raise ConfigError(
            f"there is no component {name}", path=path, remedy=f"the file has {', '.join(components)}"
        )
    return components[name]
