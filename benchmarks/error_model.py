"""Predicted against emulated deviation of layer errors: three networks x EvoApproxLib's 8 x 8 circuits.

    python benchmarks/error_model.py --circuits evoapproxlib/8x8_unsigned --cifar FOLDER --weights FOLDER

Trains the networks (or takes their weights from --weights, where they are kept), puts every inexact circuit
in every layer and prints the relative error of the predicted standard deviation for the three models.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.verilog import read_verilog
from mulsmith.emulate.data import DataSet, load_data
from mulsmith.emulate.operand_sample import record_codes, sample_operands
from mulsmith.emulate.training import Recipe, accuracy, load_state, save_state, train
from mulsmith.emulate.zoo import build
from mulsmith.search.error_model import predict_error
from mulsmith.search.operands import FIELDS, histograms, measure_error

NETWORKS = {
    "digits-cnn": ("digits", None, Recipe(epochs=30, learning_rate=3e-3, optimiser="adam")),
    "lenet": ("cifar10", 20000, Recipe(epochs=4, learning_rate=2e-3, optimiser="adam")),
    "cifar-resnet8": ("cifar10", 20000, Recipe(epochs=4, learning_rate=3e-3, optimiser="adam", augment=True)),
}
MODELS = ("permutation", "local", "global")
IMAGES = 64


def trained(name: str, data: DataSet, images: int | None, recipe: Recipe, folder: Path) -> nn.Module:
    """Return the trained network, from the folder where it lies there already."""
    torch.manual_seed(0)
    network = build(name, data.classes, data.shape[0])
    path = folder / f"{name}.pt"
    if path.exists():
        network.load_state_dict(load_state(path))
    else:
        split = data.train.subset(images) if images else data.train  # type: ignore[attr-defined]
        train(network, split, recipe)
        save_state(path, network.state_dict())
    return network.eval()


def relative_errors(network: nn.Module, data: DataSet, circuits: dict[str, Lut]) -> np.ndarray:
    """Return |predicted - emulated| / emulated, [layers x circuits, models]."""
    calibration, _ = next(iter(data.train.batches(256)))
    images, _ = next(iter(data.validation.batches(IMAGES)))
    converted = emulate.convert(network, Lut.exact(8, 8, False), calibration=[calibration])
    generator = torch.Generator().manual_seed(0)
    rows = []
    for codes in record_codes(converted, images).values():
        operands = histograms(sample_operands(codes, FIELDS, generator))
        for lut in circuits.values():
            measured = measure_error(codes, lut).std
            predicted = [predict_error(lut, operands, model).std for model in MODELS]
            rows.append([abs(value - measured) / measured for value in predicted])
    return np.array(rows)


def main() -> None:
    """Print one line per network and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--circuits", type=Path, required=True)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    options = parser.parse_args()
    options.weights.mkdir(parents=True, exist_ok=True)
    tables = {
        path.stem: simulate_lut(replace(read_verilog(path), signed=False))
        for path in sorted(options.circuits.glob("*.v"))
    }
    exact = Lut.exact(8, 8, False)
    circuits = {name: lut for name, lut in tables.items() if lut != exact}
    print(f"{len(circuits)} inexact circuits, {IMAGES} validation images, {FIELDS} fields per layer")
    print("network (test accuracy)        pairs  " + "  ".join(f"{m + ' median / p90':>28}" for m in MODELS))
    everything = []
    for name, (source, images, recipe) in NETWORKS.items():
        data = load_data(source, options.cifar if source != "digits" else None)
        network = trained(name, data, images, recipe, options.weights)
        rows = relative_errors(network, data, circuits)
        everything.append(rows)
        test = data.test.subset(1000)
        line(f"{name} on {source} ({100 * accuracy(network, test):.1f} %)", rows)
    line("all", np.concatenate(everything))


def line(label: str, rows: np.ndarray) -> None:
    """Print median and 90th percentile of every model, %."""
    figures = (f"{100 * np.median(c):.1f} % / {100 * np.quantile(c, 0.9):.1f} %" for c in rows.T)
    print(f"{label:30} {len(rows):5}  " + "  ".join(f"{text:>28}" for text in figures), flush=True)


if __name__ == "__main__":
    main()
