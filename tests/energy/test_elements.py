"""Whole processing elements in the account: their overhead replaces the table's adder and registers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.cli import run
from mulsmith.energy import Accelerator, EnergyTable, estimate, estimator_for, load_network
from mulsmith.energy.accelerator import PeKinds
from mulsmith.energy.multipliers import multiplier_cost
from mulsmith.energy.processing_element import (
    Element,
    element_cost,
    element_shape,
    idle_bits,
    with_elements,
)
from mulsmith.energy.results import NetworkEnergy
from mulsmith.errors import ConfigError

from .test_accounts import LIBRARY, FakeLibrary

PES = 168


def account(element: Element | None, assignment: dict[str, str] | str = "cheap") -> NetworkEnergy:
    return estimate(
        "lenet5",
        accelerator="eyeriss-like",
        assignment=assignment,
        library=LIBRARY,
        baseline="exact",
        convention="shared_clock",
        element=element,
    )


def test_the_widths_hold_every_sum() -> None:
    lut = LIBRARY["exact"].lut
    shape = element_shape(lut, 25, "plain")
    assert (shape.a_bits, shape.b_bits, shape.p_bits, shape.sum_bits) == (8, 8, 17, 22)
    assert 2 ** (shape.sum_bits - 2) <= 25 * 255 * 255 < 2 ** (shape.sum_bits - 1)
    assert not shape.signs
    assert element_shape(lut, 25, "signs").signs
    signed = Lut.exact(8, 8, signed=True)
    assert not element_shape(signed, 25, "signs").signs
    assert element_shape(signed, 25, "signs").p_bits == 16
    assert idle_bits(Lut(lut.table & ~15, 8, 8, False)) == 4


@pytest.mark.parametrize("element", ["plain", "signs"])
def test_the_account_charges_the_element(element: Element) -> None:
    plain, charged = account(None), account(element)
    terms = max(layer.C * layer.R * layer.S for layer in load_network("lenet5"))
    shape = element_shape(LIBRARY["cheap"].lut, terms, element)
    cost = element_cost(shape, 600.0, 0.2)
    macs = sum(layer.macs for layer in charged.layers)
    together = charged.by_component["multiplier"] + charged.by_component["element"]
    assert together / macs == pytest.approx(cost.energy_pj, rel=1e-12)
    area = charged.multiplier_area_um2 + charged.element_area_um2
    assert area / PES == pytest.approx(cost.area_um2, rel=1e-12)
    assert charged.by_component["adder"] == 0.0
    assert plain.by_component["element"] == plain.element_area_um2 == 0.0
    assert charged.by_component["multiplier"] == pytest.approx(plain.by_component["multiplier"])
    difference = charged.by_component["element"] - plain.by_component["adder"]
    assert charged.total_pj - plain.total_pj == pytest.approx(difference, rel=1e-9)
    assert any(f"({element}) as fitted to gscl45nm" in note for note in charged.notes)


def test_registers_inside_the_array_are_part_of_it() -> None:
    how = {"library": LIBRARY, "baseline": "exact", "convention": "shared_clock", "assignment": "cheap"}
    registers = ("weight_reg", "input_activation_reg", "output_activation_reg")
    for element in (None, "plain"):
        cost = estimate("lenet5", accelerator="simple-output-stationary", element=element, **how)  # type: ignore[arg-type]
        assert all((cost.by_component[name] > 0) == (element is None) for name in registers)
        assert cost.by_component["pe_spad"] > 0


def test_multiplication_savings_are_still_the_multipliers() -> None:
    plain, charged = account(None), account("plain")
    assert plain.savings is not None
    assert charged.savings is not None
    assert charged.savings.multiplier_percent == pytest.approx(plain.savings.multiplier_percent)
    assert 0 < charged.savings.system_percent < plain.savings.system_percent


def test_kinds_side_by_side_share_one_accumulator() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    mixed = {layer.name: "cheap" for layer in load_network("lenet5")} | {"conv1": "exact"}
    areas = []
    for arrangement in ("tiles", "side_by_side"):
        kinds = PeKinds.model_validate({"arrangement": arrangement})
        cost = estimate(
            "lenet5",
            accelerator=accelerator.model_copy(update={"pe_kinds": kinds}),
            assignment=mixed,
            library=LIBRARY,
            convention="shared_clock",
            element="plain",
        )
        areas.append(cost.element_area_um2)
    assert areas[0] == pytest.approx(2 * areas[1])


def test_searchers_get_the_same_energy() -> None:
    workload = load_network("lenet5")
    costs = {name: multiplier_cost(own, "shared_clock") for name, own in LIBRARY.items()}
    whole = with_elements(costs, LIBRARY, workload, "plain")
    accelerator = Accelerator.load("eyeriss-like")
    estimator = estimator_for(workload, accelerator, EnergyTable.load("cacti45"), list(whole.values()))
    chosen = np.full((1, len(workload)), list(whole).index("cheap"))
    assert estimator.energy_pj(chosen)[0] == pytest.approx(account("plain").total_pj, rel=1e-12)


def test_only_with_figures_per_clock_period() -> None:
    for how in ({"convention": "pdp"}, {"convention": "shared_clock", "figures": "reported"}):
        with pytest.raises(ConfigError, match="priced per clock period and from synthesis"):
            estimate("lenet5", assignment="exact", library=LIBRARY, element="plain", **how)  # type: ignore[arg-type]


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("mulsmith.characterize.library.Library.embedded", lambda: FakeLibrary(LIBRARY))
    command = ["energy", "lenet5", "--accelerator", "eyeriss-like", "--assign", "cheap"]
    assert run([*command, "--pe-overhead", "signs"]) == 2
    assert "shared_clock" in capsys.readouterr().err
    command += ["--convention", "shared_clock", "--pe-overhead", "signs"]
    assert run([*command, "--export", "accelforge", "components"]) == 2
    assert "hold multipliers alone" in capsys.readouterr().err
    assert run([*command, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["by_component"]["element"] > printed["by_component"]["multiplier"]
    assert printed["element_area_um2"] > 0
    assert run(command) == 0
    assert "rest of the PEs" in capsys.readouterr().out
