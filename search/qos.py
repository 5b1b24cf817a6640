"""QoS-Nets (Trommer et al. 2024): one network, few multipliers, several operating points at run time.

Weights are shared by all operating points; every point has multipliers and batch norms of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.emulate import Quantisation, Table, approx_layers, convert
from mulsmith.emulate.data import Split
from mulsmith.emulate.lesson import CLASSIFICATION, Lesson
from mulsmith.emulate.training import Recipe, load_state, save_state, train
from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.subset import Method, choose_subset

Norm = nn.BatchNorm1d | nn.BatchNorm2d


@dataclass(frozen=True, slots=True)
class QoSPlan:
    """Which multiplier runs where at every operating point.

    Attributes:
        subset: the multipliers on the chip.
        points: one assignment, layer -> multiplier, per operating point.
    """

    subset: tuple[str, ...]
    points: tuple[Mapping[str, str], ...]


def plan_points(
    sigma: Mapping[str, float],
    errors: Mapping[str, Mapping[str, float]],
    energy_pj: Mapping[str, Mapping[str, float]],
    scales: Sequence[float],
    size: int,
    method: Method = "auto",
    seed: int = 0,
) -> QoSPlan:
    """Choose few multipliers for every layer at every operating point.

    Args:
        sigma: layer -> noise relative to its output that it stands.
        errors: layer -> multiplier -> predicted standard deviation of the error, relative to the output.
        energy_pj: layer -> multiplier -> energy of the layer.
        scales: factor on sigma at every operating point.
        size: how many different multipliers.
        method: as for ``choose_subset``.
        seed: as for ``choose_subset``.

    Raises:
        ConfigError: a layer that no multiplier, or no subset, can serve at some point.
    """
    layers = list(sigma)
    names = list(energy_pj[layers[0]])
    rows = [(scale, layer) for scale in scales for layer in layers]
    ratio = np.array(
        [[errors[layer][n] / max(scale * sigma[layer], 1e-12) for n in names] for scale, layer in rows]
    )
    chosen = choose_subset(
        ratio,
        np.array([[energy_pj[layer][name] for name in names] for _, layer in rows]),
        size,
        method=method,
        seed=seed,
        row_names=[f"layer '{layer}' at scale {scale:g}" for scale, layer in rows],
    )
    picks = [names[index] for index in chosen.choice]
    points = tuple(
        dict(zip(layers, picks[k * len(layers) : (k + 1) * len(layers)], strict=True))
        for k in range(len(scales))
    )
    return QoSPlan(tuple(names[index] for index in chosen.members), points)


class PointNorms(nn.Module):
    """A batch norm per operating point, all registered, one of them active."""

    def __init__(self, norm: Norm, points: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(_twin(norm) for _ in range(points))
        self.active = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the active norm's output."""
        y: torch.Tensor = self.norms[self.active](x)
        return y


class QoSModel(nn.Module):
    """A converted network that switches its operating point at run time.

    Args:
        network: a network converted with the assignment of the first point; it is taken over and changed.
        plan: the operating points.
        tables: multiplier -> table, of one form (widths, signedness) for each layer.

    Raises:
        ConfigError: a point that leaves out or adds layers, an unknown multiplier, or forms that differ.
    """

    def __init__(self, network: nn.Module, plan: QoSPlan, tables: Mapping[str, Lut]) -> None:
        super().__init__()
        self.plan = plan
        self.network = network
        layers = approx_layers(network)
        self._tables: dict[str, Table] = {}
        for name in plan.subset:
            if name not in tables:
                raise ConfigError(f"no table is named '{name}'")
            self._tables[name] = Table.of(next(iter(layers.values())).how.table(tables[name]))
        for number, point in enumerate(plan.points):
            if set(point) != set(layers) or not set(point.values()) <= set(plan.subset):
                raise ConfigError(f"operating point {number} does not fit the layers {', '.join(layers)}")
            for layer, name in point.items():
                lut, own = self._tables[name].lut, layers[layer]
                if (lut.a_bits, lut.b_bits, lut.signed) != (own.a_bits, own.b_bits, own.signed):
                    raise ConfigError(f"multiplier '{name}' has another operand form than layer '{layer}'")
        for name, norm in list(network.named_modules()):
            if isinstance(norm, Norm):
                parent, _, child = name.rpartition(".")
                setattr(network.get_submodule(parent), child, PointNorms(norm, len(plan.points)))
        self.set_point(0)

    @property
    def extra_parameters(self) -> int:
        """Parameters beyond those of one network: gamma and beta of all points but one."""
        norms = [module for module in self.network.modules() if isinstance(module, PointNorms)]
        return sum(p.numel() for module in norms for norm in module.norms[1:] for p in norm.parameters())

    def set_point(self, index: int) -> None:
        """Switch to an operating point; nothing is loaded or copied.

        Raises:
            ConfigError: there is no such point.
        """
        if not 0 <= index < len(self.plan.points):
            raise ConfigError(f"operating point {index} is outside 0..{len(self.plan.points) - 1}")
        for layer, module in approx_layers(self.network).items():
            module.multiplier = self.plan.points[index][layer]
            module.table = self._tables[module.multiplier]
        for norm in self.network.modules():
            if isinstance(norm, PointNorms):
                norm.active = index
        self.point = index

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the network's output at the present operating point."""
        y: torch.Tensor = self.network(x)
        return y

    def save(self, path: Path) -> None:
        """Write plan, tables and all parameters to one file of plain tensors."""
        kept = self.point
        self.set_point(0)
        how = next(iter(approx_layers(self.network).values())).how
        tables = {
            name: {
                "table": torch.from_numpy(table.lut.table.copy()),
                "bits": [table.lut.a_bits, table.lut.b_bits],
                "signed": table.lut.signed,
            }
            for name, table in self._tables.items()
        }
        save_state(
            path,
            {
                "subset": list(self.plan.subset),
                "points": [dict(point) for point in self.plan.points],
                "tables": tables,
                "quantisation": {slot: getattr(how, slot) for slot in how.__slots__},
                "state": self.state_dict(),
            },
        )
        self.set_point(kept)

    @classmethod
    def load(cls, path: Path, network: nn.Module) -> QoSModel:
        """Read a file of ``save`` into a float network of the same architecture; nothing in it is executed.

        Raises:
            StoreError: missing, damaged, or saved from another network.
        """
        saved = load_state(path)
        try:
            tables = {name: _lut(**entry) for name, entry in saved["tables"].items()}
            plan = QoSPlan(tuple(saved["subset"]), tuple(saved["points"]))
            first = {layer: tables[name] for layer, name in plan.points[0].items()}
            how = Quantisation(**saved["quantisation"])
            model = cls(convert(network, first, quantisation=how), plan, tables)
            model.load_state_dict(saved["state"])
        except (KeyError, TypeError, ValueError, RuntimeError, AttributeError, ConfigError) as error:
            raise StoreError(
                f"no QoS model of this network: {str(error).splitlines()[0]}", path=path
            ) from error
        return model.eval()


def fine_tune(
    model: QoSModel,
    data: Split,
    recipe: Recipe,
    checkpoint: Path | None = None,
    lesson: Lesson = CLASSIFICATION,
) -> None:
    """Train shared weights and every point's norms, in place: each step averages over the points.

    Args:
        model: the model; left in eval mode at its first point.
        data: the training split.
        recipe: how to train.
        checkpoint: as for ``emulate.training.train``.
        lesson: likewise.
    """
    points = range(len(model.plan.points))
    switches = [partial(model.set_point, point) for point in points]
    train(model, data, recipe, checkpoint, switches=switches, lesson=lesson)


def build_qos(network: nn.Module, plan: QoSPlan, library: Mapping[str, Multiplier]) -> QoSModel:
    """Return the model of a plan from a converted, calibrated network on multipliers of the same form."""
    from mulsmith.emulate import reassign

    return QoSModel(
        reassign(network, plan.points[0], library),
        plan,
        {name: library[name].lut for name in plan.subset},
    )


def _twin(norm: Norm) -> Norm:
    twin = type(norm)(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
    twin.load_state_dict(norm.state_dict())
    return twin.train(norm.training)


def _lut(table: torch.Tensor, bits: Sequence[int], signed: bool) -> Lut:
    a_bits, b_bits = bits
    return Lut(table.numpy(), a_bits, b_bits, signed)
