"""The search phase of DARTS: resumption after a kill, refusals, and the drawing of what it finds."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.data import TensorSplit
from mulsmith.emulate.quantise import Quantisation
from mulsmith.emulate.training import DivergedError
from mulsmith.errors import ConfigError, DataError, StoreError
from mulsmith.search.nas.darts.drawing import genotype_svg
from mulsmith.search.nas.darts.genotype import Genotype
from mulsmith.search.nas.darts.parallel import Arithmetic
from mulsmith.search.nas.darts.search import CellRecipe, search_cells
from mulsmith.search.nas.darts.shape import Shape
from mulsmith.search.nas.darts.supernet import SearchNetwork

NAMES = ["exact", "rough & ready"]


def _halves(count: int = 24) -> tuple[TensorSplit, TensorSplit]:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 17, (2 * count, 1, 8, 8), generator=generator, dtype=torch.uint8)
    labels = torch.arange(2 * count) % 3
    first, second = (TensorSplit(images[s::2], labels[s::2], (0.5,), (0.3,), 16.0) for s in range(2))
    return first, second


def _network() -> SearchNetwork:
    torch.manual_seed(0)
    how = Quantisation(observer="moving-average", sign_magnitude=True)
    return SearchNetwork(Shape(2, 1, (1, 8, 8), 3), Arithmetic(Lut.exact(8, 8, False), how), [0.0, 0.3])


@pytest.mark.parametrize("order", [1, 2])
def test_interrupted_search_ends_as_the_uninterrupted_one(order: int, tmp_path: Path) -> None:
    recipe = CellRecipe(epochs=2, batch=24, order=order)
    whole, resumed = _network(), _network()
    expected = search_cells(whole, *_halves(), recipe, NAMES)
    checkpoint = tmp_path / "search.pt"

    def interrupt(number: int, loss: float) -> None:
        if number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search_cells(_network(), *_halves(), recipe, NAMES, checkpoint, interrupt)
    seen: list[int] = []
    found = search_cells(
        resumed, *_halves(), recipe, NAMES, checkpoint, lambda number, _: seen.append(number)
    )
    assert seen == [2]
    assert found == expected
    for value, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(value, other)
    for value, other in zip(whole.buffers(), resumed.buffers(), strict=True):
        assert torch.equal(value, other)
    longer = CellRecipe(epochs=3, batch=24, order=order)
    with pytest.raises(StoreError, match="another recipe"):
        search_cells(_network(), *_halves(), longer, NAMES, checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    with pytest.raises(StoreError, match="no readable weight file"):
        search_cells(_network(), *_halves(), recipe, NAMES, checkpoint)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="order 1 or 2"):
        CellRecipe(order=3)
    with pytest.raises(DataError, match="too few to search on"):
        search_cells(_network(), *_halves(1), CellRecipe(epochs=1), NAMES)
    broken = _network()
    torch.nn.init.constant_(broken.classifier.weight, float("nan"))
    with pytest.raises(DivergedError, match="the loss became nan"):
        search_cells(broken, *_halves(), CellRecipe(epochs=1), NAMES)


def test_drawing_names_every_edge() -> None:
    node = [[0, "sep_conv_3x3", NAMES[1]], [1, "skip_connect", "exact"]]
    genotype = Genotype.from_json({"normal": [node] * 4, "reduction": [node] * 4})
    texts = [e.text for e in ElementTree.fromstring(genotype_svg(genotype)).iter() if e.tag.endswith("text")]
    assert texts.count("sep_conv_3x3, rough & ready") == 8
    assert texts.count("skip_connect") == 8
