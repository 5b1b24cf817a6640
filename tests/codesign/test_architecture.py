"""A network that an architecture search finds goes through the whole co-design."""

import json
from pathlib import Path

import pytest

from mulsmith.cli import run
from mulsmith.codesign import Step, load_result, run_codesign
from mulsmith.codesign.architecture import cheapest_network
from mulsmith.codesign.config import Config
from mulsmith.errors import ConfigError
from mulsmith.toml_file import read_toml

BASE = """
[training]
epochs = 2
[circuits]
names = ["mul8x8u_dadda", "mul8x8u_trunc7_cc"]
[search]
method = "uniform"
[constraints]
max_loss_pp = 100
"""
FIDELITIES = """
[{name}.search]
epochs = 1
table_epochs = 0
images = 128
[{name}.final]
epochs = 1
table_epochs = 1
images = 128
"""
METHODS = {
    "evoapproxnas": "population = 2\noffspring = 2\ngenerations = 1\nfinals = 1"
    + FIDELITIES.format(name="evoapproxnas"),
    "phoenix": "trials = 4\nbatch = 2\nfinals = 1\nensemble_every = 0\nfinal_ensemble = false"
    + FIDELITIES.format(name="phoenix"),
    "approxdarts": "finals = 1\nchoices = 'fixed'\nfinal = {epochs = 0, table_epochs = 1, images = 96}\n"
    "network = {channels = 2, cells = 2, cutout = 2}\ntraining = {batch = 32}\n"
    "cells = {channels = 2, cells = 2, epochs = 1, images = 64, batch = 16}",
}


def _config(method: str, folder: Path, more: str = "") -> Path:
    path = folder / f"{method}.toml"
    path.write_text(f"[network]\nmethod = '{method}'\n{more}{BASE}[{method}]\n{METHODS[method]}\n")
    return path


@pytest.mark.parametrize("method", METHODS)
def test_a_found_network_is_trained_assigned_and_reported(method: str, tmp_path: Path) -> None:
    config, folder = _config(method, tmp_path), tmp_path / "run"

    def interrupt(step: Step) -> None:
        if step.stage == "operands":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        run_codesign(read_toml(Config, config), folder, on_progress=interrupt)
    assert stopped.value.__notes__ == [
        f"stopped in stage 'operands'; what is finished is kept in {folder}, the same command goes on"
    ]
    assert run(["codesign", str(config), "--run", str(folder)]) == 0
    result = load_result(folder)
    searched = json.loads((folder / "architecture" / "result.json").read_text())
    taken = cheapest_network(searched["front"], 1.0)
    assert result["architecture"]["network"] == taken["id"]
    assert result["network"] == f"{method}-{taken['id'][:8]}"
    assert set(result["chosen"]["assignment"].values()) <= {"mul8x8u_dadda", "mul8x8u_trunc7_cc"}
    # What the search counted on the network's own multipliers, counted again from the result's layers.
    prices = {c["name"]: c["energy_pj"]["pdp"] for c in result["circuits"]}
    exact = result["baseline"]["multiplier"]
    every = sum(layer["multiplications"] for layer in result["layers"])
    assert result["baseline"]["energy_pj"] == pytest.approx(every * prices[exact])
    assert min(prices.values()) * every <= taken["metrics"]["energy_all_pj"] * (1 + 1e-9)
    assert taken["metrics"]["energy_all_pj"] <= max(prices.values()) * every * (1 + 1e-9)
    page = (folder / "report.html").read_text()
    assert f"found by {method}" in page
    assert taken["id"] in page


def test_a_repeated_run_finds_the_same_network(tmp_path: Path) -> None:
    config = _config("evoapproxnas", tmp_path)
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(["codesign", str(config), "--run", str(first)]) == 0
    assert run(["codesign", "--from", str(first), "--run", str(second)]) == 0
    assert run(["export", str(second), "--to", "csv", str(tmp_path / "tables")]) == 0


def _member(name: str, accuracy: float, energy: float) -> dict[str, object]:
    return {"id": name, "metrics": {"accuracy": accuracy, "energy_all_pj": energy}}


@pytest.mark.parametrize(("loss", "taken"), [(0.0, "large"), (1.0, "middle"), (50.0, "small")])
def test_the_cheapest_network_within_the_loss_is_taken(loss: float, taken: str) -> None:
    front = [_member("small", 0.60, 1.0), _member("middle", 0.89, 5.0), _member("large", 0.90, 9.0)]
    assert cheapest_network(front, loss)["id"] == taken
    with pytest.raises(ConfigError, match="found no network"):
        cheapest_network([], loss)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[network]\nmethod = 'phenix'\n",
            r"no architecture search is named 'phenix' \(did you mean 'phoenix'",
        ),
        ("[network]\nmethod = 'phoenix'\nname = 'lenet5'\n", "network: method and name are both given"),
        ("[network]\nmethod = 'phoenix'\nweights = 'w.pt'\n", "network: method and weights are both given"),
        ("[network]\npreset = 'digits-minutes'\n", "network: a preset is given, but no method"),
        (
            "[network]\nmethod = 'phoenix'\npreset = 'digits-minute'\n",
            r"'phoenix' has no preset 'digits-minute' \(did you mean 'digits-minutes'",
        ),
        (
            "[network]\nmethod = 'phoenix'\npreset = 'digits-minutes'\n[phoenix]\ntrials = 4\n",
            r"network.preset and the section \[phoenix\] are both given",
        ),
    ],
)
def test_a_wrong_architecture_search_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        run_codesign(read_toml(Config, path), tmp_path / "run")
