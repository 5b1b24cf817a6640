"""The account of a network: from names to figures, as text, as JSON, as pictures, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier, SynthesisReport
from mulsmith.characterize.statistics import error_stats
from mulsmith.cli import run
from mulsmith.cli.energy import default_baseline
from mulsmith.energy import Accelerator, estimate, load_network
from mulsmith.energy.multipliers import exact_reference, multiplier_cost
from mulsmith.energy.network_cost import as_workload
from mulsmith.energy.pictures import loop_nest, write_pictures
from mulsmith.energy.results import NetworkEnergy
from mulsmith.energy.text import format_account
from mulsmith.errors import ConfigError


def record(name: str, power_mw: float, delay_ns: float, *, exact: bool) -> Multiplier:
    """Return a multiplier with stated figures; an inexact one has one wrong product."""
    table = Lut.exact(8, 8, signed=False).table.copy()
    table[3, 3] += 0 if exact else 1
    lut = Lut(table, 8, 8, False)
    report = SynthesisReport(
        area_um2=600.0,
        delay_ns=delay_ns,
        power_mw=power_mw,
        power_dynamic_mw=power_mw * 0.95,
        power_leakage_mw=power_mw * 0.05,
        cells={},
        liberty="test45",
        clock_ghz=1.0,
        activity="toggle 0.1",
        flow="test",
    )
    reported = {"power_mw": 2 * power_mw, "delay_ns": delay_ns, "area_um2": 600.0}
    return Multiplier(name, "0" * 64, lut, error_stats(lut), report, reported, "test", {})


LIBRARY = {"exact": record("exact", 0.4, 1.4, exact=True), "cheap": record("cheap", 0.2, 1.2, exact=False)}


class FakeLibrary(dict[str, Multiplier]):
    """Stands for an open library."""

    def documents(self) -> list[dict[str, object]]:
        return [multiplier.to_json() for multiplier in self.values()]

    def __enter__(self) -> FakeLibrary:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def account() -> NetworkEnergy:
    return estimate(
        "lenet5", accelerator="eyeriss-like", assignment="cheap", library=LIBRARY, baseline="exact"
    )


def test_energy_of_a_multiplication() -> None:
    assert multiplier_cost(LIBRARY["cheap"], "pdp").energy_pj == pytest.approx(0.24)
    assert multiplier_cost(LIBRARY["cheap"], "shared_clock").energy_pj == pytest.approx(0.2)
    assert multiplier_cost(LIBRARY["cheap"], "pdp", figures="reported").energy_pj == pytest.approx(0.48)
    assert exact_reference({name: multiplier_cost(m) for name, m in LIBRARY.items()}).name == "exact"
    with pytest.raises(ConfigError, match="no exact multiplier"):
        exact_reference({"cheap": multiplier_cost(LIBRARY["cheap"])})


def test_published_energies_by_power_delay_product(evoapproxlib: Path) -> None:
    from mulsmith.characterize.header import read_header

    published = {"1JFF": 0.559, "QKX": 0.0052, "185Q": 0.2905, "12N4": 0.155, "DM1": 0.296}
    for name, energy_pj in published.items():
        header = read_header((evoapproxlib / f"8x8_unsigned/mul8u_{name}.v").read_text())
        assert header["power_mw"] * header["delay_ns"] == pytest.approx(energy_pj, rel=0.01)


def test_savings_carry_a_band_over_three_tables(account: NetworkEnergy) -> None:
    assert account.savings is not None
    assert len(account.savings.by_table) >= 2
    low, high = account.savings.band
    assert 0 < low < account.savings.system_percent <= high < account.savings.multiplier_percent
    share = 0.56 / 0.24 * account.by_component["multiplier"]
    baseline = account.total_pj - account.by_component["multiplier"] + share
    assert account.savings.system_percent == pytest.approx(100 * (1 - account.total_pj / baseline))


def test_json_form(account: NetworkEnergy) -> None:
    document = json.loads(json.dumps(account.to_json()))
    for key in ("network", "accelerator", "table", "convention", "total_pj", "latency_cycles"):
        assert key in document
    assert {"multiplier_percent", "system_percent", "system_percent_band"} <= document["savings"].keys()
    layer = document["layers"][0]
    assert {
        "name", "macs", "energy_pj", "cycles", "utilisation", "multiplier", "by_component", "counts"
    } <= layer.keys()  # fmt: skip
    assert sum(layer["energy_pj"] for layer in document["layers"]) == pytest.approx(document["total_pj"])


def test_text_names_table_band_and_conventions(account: NetworkEnergy) -> None:
    text = format_account(account)
    assert "lenet5 on eyeriss-like at 200 MHz, table cacti45, multiplications by pdp" in text
    assert "band over tables" in text
    assert "multiplications only" in text
    assert "cheap: 0.24 pJ by pdp, 0.2 pJ by shared_clock" in text
    for layer in account.layers:
        assert layer.name in text


def test_pictures(account: NetworkEnergy, tmp_path: Path) -> None:
    paths = write_pictures(account, tmp_path / "pictures", Accelerator.load("edge-npu"))
    assert [path.name for path in paths] == ["layers.svg", "components.svg", "mapping.svg", "roofline.svg"]
    for path in paths:
        assert path.read_text().lstrip().startswith("<?xml")
    with pytest.raises(ConfigError, match="no layer named nothing"):
        loop_nest(account, "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write pictures"):
        write_pictures(account, tmp_path / "file" / "below")


def test_baseline_has_the_same_form() -> None:
    library = FakeLibrary(LIBRARY)
    assert default_baseline(library, "cheap") == "exact"
    assert default_baseline(FakeLibrary({"cheap": LIBRARY["cheap"]}), "cheap") is None


def run_energy(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    from mulsmith.characterize.library import Library

    monkeypatch.setattr(Library, "open", lambda _: FakeLibrary(LIBRARY))
    return run(["energy", *arguments, "--accelerator", "eyeriss-like", "--library", "somewhere"])


def test_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "assignment.json"
    path.write_text('{"conv1": "exact", "*": "cheap"}')
    assert run_energy(monkeypatch, "lenet5", "--assign", str(path), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [layer["multiplier"] for layer in document["layers"]] == ["exact"] + ["cheap"] * 4
    assert document["savings"]["baseline"] == "exact"
    assert any("2 kinds of multiplier" in note for note in document["notes"])
    pictures = str(tmp_path / "pictures")
    assert run_energy(monkeypatch, "lenet5", "--assign", "cheap", "--mappings", "--pictures", pictures) == 0
    text = capsys.readouterr()
    assert "for M in" in text.out
    assert "layers.svg written" in text.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing", "--assign", "cheap"), 2, "there is no network named nothing"),
        (("lenet5", "--assign", "missing.json"), 2, "cannot read"),
        (("lenet5", "--assign", "cheap", "--table", "nothing"), 2, "no energy table named nothing"),
        (("lenet5", "--assign", "cheap", "--convention", "other"), 2, "Invalid value for '--convention'"),
    ],
)
def test_command_errors(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    assert run_energy(monkeypatch, *arguments) == code
    assert message in capsys.readouterr().err


def test_workloads_from_anything() -> None:
    workload = load_network("lenet5")
    assert as_workload(workload, None) is workload
    with pytest.raises(ConfigError, match="needs the shape of its input"):
        as_workload(object(), None)  # type: ignore[arg-type]


def test_figures_that_are_missing() -> None:
    library: Mapping[str, Multiplier] = {
        "bare": Multiplier("bare", "0" * 64, LIBRARY["exact"].lut, LIBRARY["exact"].errors, None, {}, "t", {})
    }
    with pytest.raises(ConfigError, match="bare has no synthesis figures"):
        estimate("lenet5", assignment="bare", library=library)
    with pytest.raises(ConfigError, match="reports no power_mw, delay_ns, area_um2"):
        estimate("lenet5", assignment="bare", library=library, figures="reported")
