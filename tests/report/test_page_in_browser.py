"""The report in headless Chromium: it draws, fetches nothing, stays small, and shows the run's figures."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mulsmith.codesign import load_result
from mulsmith.codesign.config import Config, Constraints, Sources
from mulsmith.codesign.pipeline import run_codesign
from mulsmith.codesign.sections import Training
from mulsmith.report import write_report

CIRCUITS = ("mul8x8u_dadda", "mul8x8u_trunc7_cc", "mul8x4u_drum3")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    config = Config(
        training=Training(epochs=2), circuits=Sources(names=CIRCUITS), constraints=Constraints(max_loss_pp=20)
    )
    return write_report(run_codesign(config, folder), folder)


def test_every_figure_of_the_tables_is_in_the_result(page: Path) -> None:
    text, result = page.read_text(encoding="utf-8"), load_result(page.parent)
    assert len(text) < 3_000_000
    chosen = result["chosen"]
    for layer in result["layers"]:
        row = re.search(rf"<tr><td>{layer['name']}</td>.*?</tr>", text)
        assert row is not None
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row[0])
        assert cells[1:5] == [
            f"{layer['multiplications']:,}",
            chosen["assignment"][layer["name"]],
            f"{layer['error']['predicted']:.4f}",
            f"{layer['error']['measured']:.4f}",
        ]
        assert cells[7] == f"{100 * layer['energy_pj'] / layer['exact_energy_pj']:.1f} %"
    cards = re.findall(r"<div class='card'><b>(.*?)</b>", text)
    savings = chosen["savings"]
    assert cards == [
        f"{100 * chosen['test_accuracy']:.2f} %",
        f"{savings['pdp']['multiplier_percent']:.1f} %",
        f"{savings['system_percent']:.1f} %",
        str(len(set(chosen["assignment"].values()))),
    ]
    assert json.dumps(result["provenance"]["torch"]) in text.replace("&quot;", '"')


def _rows(text: str, title: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    section = text.split(f"<h2>{title}</h2>")[1].split("</table>")[0]
    rows = re.findall(r"<tr>(<td.*?)</tr>", section)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]


def test_the_tables_of_circuits_accelerator_and_classes_are_the_results(page: Path) -> None:
    text, result = page.read_text(encoding="utf-8"), load_result(page.parent)
    circuits = {circuit["name"]: circuit for circuit in result["circuits"]}
    used = set(result["chosen"]["assignment"].values())
    rows = _rows(text, "Circuits")
    assert {row[0].removesuffix(" (chosen)") for row in rows} == used
    for row in rows:
        circuit = circuits[row[0].removesuffix(" (chosen)")]
        energies = circuit["energy_pj"]
        assert [float(cell) for cell in row[4:9]] == pytest.approx(
            [
                energies["pdp"], energies["shared_clock"], circuit["area_um2"], circuit["delay_ns"],
                circuit["cells"],
            ],
            rel=0.01,
        )  # fmt: skip
    savings = result["accelerator"]["chosen"]["savings"]
    by_table = {result["accelerator"]["chosen"]["table"]: savings["system_percent"]}
    by_table |= savings["system_percent_by_table"]
    assert _rows(text, "Accelerator") == [[name, f"{value:.2f} %"] for name, value in by_table.items()]
    before, after = result["baseline"]["confusion"], result["chosen"]["confusion"]
    for label, images, exact, chosen, _ in _rows(text, "Classes"):
        index = int(label)
        assert int(images) == sum(before[index])
        assert exact == f"{100 * before[index][index] / sum(before[index]):.2f} %"
        assert chosen == f"{100 * after[index][index] / sum(after[index]):.2f} %"
    names = ("float_accuracy", "accuracy")
    expected = [result["baseline"][name] for name in names] + [result["chosen"]["accuracy"]]
    assert [row[1] for row in _rows(text, "Accuracy")] == [f"{100 * value:.2f} %" for value in expected]


@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_shows_the_page_without_a_network(page: Path, width: int, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("chromium is not installed")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    picture = tmp_path / "page.png"
    seen = subprocess.run(
        [
            browser, *options, "--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--window-size={width},2000", f"--screenshot={picture}", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "CONSOLE" not in seen.stderr
    assert picture.stat().st_size > 20_000
    dumped = subprocess.run(
        [browser, *options, "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert dumped.count("<circle") >= len(load_result(page.parent)["points"])
    assert dumped.count("<rect") >= 8
    assert "http" not in re.sub(r'"http://www.w3.org[^"]*"', "", dumped)
