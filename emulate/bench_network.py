"""Times whole networks on tables against the same networks in float32, interleaved in one run, as ratios.

Both run on the same channels-last images and number of threads, and keep their batch norms. Inference
is a forward pass, of the frozen integer network; a training step is forward, backward and optimiser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from mulsmith.emulate.bench import best_times, kernels_of
from mulsmith.emulate.convert import convert, freeze
from mulsmith.emulate.tables import Table
from mulsmith.emulate.zoo import build, image_shape

CLASSES = 10
LEARNING_RATE = 1e-6


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One figure.

    Attributes:
        network: name in the zoo.
        work: ``inference`` or ``training step``.
        batch: images per call.
        circuit: name of the multiplier.
        backend: name of the backend; ``native:gather`` for a limited set of kernels.
        ratio_to_native: its time over that of the float32 network in the same run.
        images_per_s: on the table.
        native_images_per_s: what float32 reached.
    """

    network: str
    work: str
    batch: int
    circuit: str
    backend: str
    ratio_to_native: float
    images_per_s: float
    native_images_per_s: float


def run_networks(
    tables: dict[str, Table],
    names: Sequence[str],
    backends: Sequence[str],
    training: bool,
    batch: int,
    repeats: int,
    device: torch.device,
) -> Iterator[NetworkRow]:
    """Yield the figures of every network, circuit and backend.

    Args:
        tables: name -> multiplier.
        names: networks of the zoo.
        backends: from ``bench.contestants``.
        training: time training steps, not inference.
        batch: images per call.
        repeats: how often everything is timed.
        device: where.

    Raises:
        ConfigError: unknown network.
    """
    for name in names:
        shape = image_shape(name)
        model = build(name, CLASSES, shape[0]).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        images = torch.randn(batch, *shape, device=device).to(memory_format=torch.channels_last)
        prepare = _training_step if training else _inference
        work = {("", "float32"): prepare(model.train(training), images, "float32")}
        for circuit, table in tables.items():
            for backend in backends:
                network = convert(model, table.lut, [images], backend=backend.partition(":")[0])
                if not training:
                    freeze(network)
                work[circuit, backend] = prepare(network, images, backend)
        best = best_times(work, repeats, device)
        native = best.pop(("", "float32"))
        for (circuit, backend), seconds in best.items():
            yield NetworkRow(
                name, "training step" if training else "inference", batch, circuit, backend,
                seconds / native, batch / seconds, batch / native,
            )  # fmt: skip


def _inference(network: nn.Module, images: torch.Tensor, backend: str) -> Callable[[], object]:
    def call() -> object:
        with torch.no_grad(), kernels_of(backend):
            return network(images)

    return call


def _training_step(network: nn.Module, images: torch.Tensor, backend: str) -> Callable[[], object]:
    optimiser = torch.optim.SGD(network.parameters(), LEARNING_RATE, momentum=0.9)
    labels = torch.arange(len(images), device=images.device) % CLASSES

    def call() -> object:
        with kernels_of(backend):
            optimiser.zero_grad(set_to_none=True)
            functional.cross_entropy(network(images), labels).backward()
        return optimiser.step()

    return call
