"""Mappings: which loop runs at which level, in memory, as text and as YAML."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from pydantic import Field

from mulsmith.energy.accelerator import Accelerator, Array, Storage
from mulsmith.energy.documents import Strict, parse_document, read_document
from mulsmith.energy.workload import DIMS, RELEVANT, Dim, Layer, Tensor
from mulsmith.errors import ConfigError

Axis = Literal["X", "Y"]
_TITLE = re.compile(r"^(?P<level>[A-Za-z_][\w-]*)\s*(\[(?P<kept>.*)\])?\s*$")
_KEPT = re.compile(r"(weights|inputs|outputs)\b", re.IGNORECASE)
_LOOP = re.compile(
    r"^for (?P<dim>\w+) in \[0:(?P<count>\d+)(,\d+)?\)(?: by (?P<tile>\d+))?(?: \(Spatial-(?P<axis>[XY])\))?$"
)
_RULE = re.compile(r"^-+$|^<< Compute >>$|^$")


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop of a mapping.

    Attributes:
        dim: the dimension it runs over.
        tile: extent of that dimension in one iteration; the last one may be smaller (uneven tiling).
        axis: None for a loop in time, X or Y for a loop over PEs.
    """

    dim: Dim
    tile: int
    axis: Axis | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """The loops of every level, outermost level first.

    Attributes:
        loops: (level name, its loops from the outside in), for every level of the accelerator in order.
        bypass: (storage name, tensor) that this mapping leads past a storage that could keep it.
    """

    loops: tuple[tuple[str, tuple[Loop, ...]], ...]
    bypass: frozenset[tuple[str, Tensor]] = frozenset()

    def keeps(self, storage: Storage) -> tuple[Tensor, ...]:
        """Return the tensors that a storage keeps under this mapping."""
        return tuple(tensor for tensor in storage.keep if (storage.name, tensor) not in self.bypass)

    def nest(self) -> Iterator[tuple[int, Loop]]:
        """Yield (index of the level, loop) from the outside in."""
        for index, (_, loops) in enumerate(self.loops):
            for loop in loops:
                yield index, loop

    @property
    def stationary(self) -> Literal["a", "b"] | None:
        """The operand that stays in a PE from one multiplication to the next; None where both change.

        It is the one that the innermost loop in time does not concern: ``b`` (weights) under a loop over
        images or output positions, ``a`` (inputs) under a loop over output channels.
        """
        dims = [loop.dim for _, loop in self.nest() if loop.axis is None]
        if not dims:
            return None
        if dims[-1] not in RELEVANT["weights"]:
            return "b"
        return None if dims[-1] in RELEVANT["inputs"] else "a"

    def levels(self, accelerator: Accelerator) -> list[Storage | Array]:
        """Return the levels of the accelerator in the order of this mapping.

        Storages without an array between them may stand in any order if they keep different tensors: each
        has a tile of its own then.

        Raises:
            ConfigError: the mapping has other levels, or another order.
        """
        names = [name for name, _ in self.loops]
        by_name = {level.name: level for level in accelerator.hierarchy}
        if sorted(names) != sorted(by_name):
            raise ConfigError(
                f"the mapping has levels {', '.join(names)}, but {accelerator.name} has {', '.join(by_name)}"
            )
        order = list(by_name)
        for outer, inner in itertools.combinations(names, 2):
            first, second = by_name[outer], by_name[inner]
            if order.index(outer) < order.index(inner):
                continue
            between = accelerator.hierarchy[order.index(inner) : order.index(outer) + 1]
            if any(isinstance(level, Array) for level in between) or (
                set(self.keeps(first)) & set(self.keeps(second))  # type: ignore[arg-type]  # no array is between
            ):
                raise ConfigError(f"{outer} cannot stand outside {inner} in {accelerator.name}")
        return [by_name[name] for name in names]

    def check(self, accelerator: Accelerator, layer: Layer) -> None:
        """Raise ConfigError unless the mapping covers the layer on this accelerator."""
        levels = self.levels(accelerator)
        optional = {(level.name, tensor) for level in accelerator.storages for tensor in level.may_bypass}
        for name, tensor in sorted(self.bypass - optional):
            raise ConfigError(f"{name} of {accelerator.name} must keep {tensor}, but the mapping bypasses it")
        extents = layer.extents
        for (name, loops), level in zip(self.loops, levels, strict=True):
            used = 1
            for loop in loops:
                if loop.tile < 1:
                    raise ConfigError(f"{name}: a tile of {loop.dim} has {loop.tile} iterations")
                if (loop.axis is None) == isinstance(level, Array):
                    kind = "an array and takes spatial loops" if loop.axis is None else "no array"
                    raise ConfigError(f"{name} is {kind}, but the mapping has a loop over {loop.dim} there")
                used *= -(-extents[loop.dim] // loop.tile)
                extents[loop.dim] = min(loop.tile, extents[loop.dim])
            if isinstance(level, Array) and used > level.size:
                raise ConfigError(f"{name} has {level.size} instances, but the mapping uses {used}")
        for dim, left in extents.items():
            if left != 1:
                raise ConfigError(f"the mapping leaves {left} iterations of {dim} of {layer.name} uncovered")

    def to_text(self, accelerator: Accelerator, layer: Layer) -> str:
        """Return the loop nest as text, which ``parse_mapping`` reads again."""
        extents = layer.extents
        lines: list[str] = []
        depth = 0
        inner = self._inner_products()
        for (name, loops), level in zip(self.loops, self.levels(accelerator), strict=True):
            kept = "" if isinstance(level, Array) else " ".join(self.keeps(level))
            lines += [f"{name} [ {kept} ]", "-" * (len(name) + len(kept) + 5)]
            for loop in loops:
                count = -(-extents[loop.dim] // loop.tile)
                by = "" if loop.tile == next(inner) else f" by {loop.tile}"
                axis = "" if loop.axis is None else f" (Spatial-{loop.axis})"
                lines.append(f"| {'  ' * depth}for {loop.dim} in [0:{count}){by}{axis}")
                extents[loop.dim] = min(loop.tile, extents[loop.dim])
                depth += 1
            lines.append("")
        lines.append(f"| {'  ' * depth}<< Compute >>")
        return "\n".join(lines) + "\n"

    def _inner_products(self) -> Iterator[int]:
        """Yield, for every loop, the tile that the counts of the loops inside it multiply to."""
        loops = [loop for _, loop in self.nest()]
        products: list[int] = []
        for number, loop in enumerate(loops):
            inside = [other for other in loops[number + 1 :] if other.dim == loop.dim]
            product, extent = 1, loop.tile
            for other in inside:
                product *= -(-extent // other.tile)
                extent = min(extent, other.tile)
            products.append(product)
        yield from products

    def to_document(self) -> dict[str, object]:
        """Return the YAML form, which ``read_mapping`` reads again."""
        return {
            "levels": [
                {
                    "level": name,
                    "loops": [
                        {"dim": loop.dim, "tile": loop.tile, **({"axis": loop.axis} if loop.axis else {})}
                        for loop in loops
                    ],
                }
                for name, loops in self.loops
            ],
            "bypass": [{"storage": name, "tensor": tensor} for name, tensor in sorted(self.bypass)],
        }


class _LoopDocument(Strict):
    dim: Dim
    tile: int = Field(ge=1)
    axis: Axis | None = None


class _LevelDocument(Strict):
    level: str
    loops: tuple[_LoopDocument, ...] = ()


class _BypassDocument(Strict):
    storage: str
    tensor: Tensor


class _MappingDocument(Strict):
    levels: tuple[_LevelDocument, ...]
    bypass: tuple[_BypassDocument, ...] = ()


def read_mapping(path: Path, accelerator: Accelerator) -> Mapping:
    """Read a mapping from a ``.yaml`` file, or as a loop nest from any other.

    Raises:
        ConfigError: the file cannot be read, or names unknown levels or dimensions.
    """
    if path.suffix in (".yaml", ".yml"):
        return _from_document(read_document(_MappingDocument, path), accelerator, str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read: {error}", path=path) from error
    return parse_mapping(text, accelerator, path=str(path))


def parse_mapping_yaml(text: str, accelerator: Accelerator, *, path: str = "<text>") -> Mapping:
    """Return the mapping in a YAML text."""
    return _from_document(parse_document(_MappingDocument, text, path=path), accelerator, path)


def parse_mapping(text: str, accelerator: Accelerator, *, path: str = "<text>") -> Mapping:
    """Return the mapping in a loop nest written as text, Timeloop's ``map.txt`` among them.

    A loop ``for M in [0:8)`` has 8 iterations, each of as many M as the loops inside multiply to;
    ``for P in [0:3) by 4`` says the tile itself, for tiles that do not divide evenly. Timeloop names its
    arrays ``inter_NAME_spatial``. Levels that are not mentioned have no loops; the loops of storages that
    stand together under one rule belong to the last of them. A storage whose brackets name some of the
    tensors that it may keep is bypassed by the others.
    """
    names = [level.name for level in accelerator.hierarchy]
    optional = {storage.name: storage.may_bypass for storage in accelerator.storages}
    found: list[tuple[str, Dim, int, int | None, Axis | None]] = []
    bypass: set[tuple[str, Tensor]] = set()
    titles: list[str] = []
    level: str | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().removeprefix("|").strip()
        if _RULE.match(line):
            continue
        if (loop := _LOOP.match(line)) is not None:
            if level is None:
                raise ConfigError("a loop stands before the first level", path=path, line=number)
            if loop["dim"] not in DIMS:
                raise ConfigError(f"there is no dimension {loop['dim']}", path=path, line=number)
            if int(loop["count"]) < 1 or (loop["tile"] and int(loop["tile"]) < 1):
                raise ConfigError("a loop without iterations", path=path, line=number)
            tile = int(loop["tile"]) if loop["tile"] else None
            axis = cast("Axis | None", loop["axis"])
            found.append((level, cast(Dim, loop["dim"]), int(loop["count"]), tile, axis))
        elif (title := _TITLE.match(line)) is not None:
            level = title["level"].removeprefix("inter_").removesuffix("_spatial")
            level = title["level"] if title["level"] in names else level
            if level not in names:
                raise ConfigError(
                    f"{accelerator.name} has no level {title['level']}",
                    path=path,
                    line=number,
                    remedy=f"its levels are {', '.join(names)}",
                )
            titles.append(level)
            kept = {word.lower() for word in _KEPT.findall(title["kept"] or "")}
            bypass |= {(level, tensor) for tensor in optional.get(level, ()) if kept and tensor not in kept}
        else:
            raise ConfigError(f"not a line of a loop nest: {line[:80]!r}", path=path, line=number)
    return _with_tiles(found, _in_order(names, titles), frozenset(bypass))


def _in_order(names: list[str], stated: Sequence[str]) -> list[str]:
    """Return level names with those that are stated in the order in which they are stated first."""
    order = iter(dict.fromkeys(stated))
    return [next(order) if name in stated else name for name in names]


def _with_tiles(
    found: Sequence[tuple[str, Dim, int, int | None, Axis | None]],
    names: list[str],
    bypass: frozenset[tuple[str, Tensor]],
) -> Mapping:
    """Give every loop its tile: what the loops inside it multiply to, unless stated."""
    inner = dict.fromkeys(get_args(Dim), 1)
    loops: dict[str, list[Loop]] = {name: [] for name in names}
    for level, dim, count, stated, axis in reversed(found):
        tile = inner[dim] if stated is None else stated
        loops[level].insert(0, Loop(dim, tile, axis))
        inner[dim] = tile * count
    return Mapping(tuple((name, tuple(loops[name])) for name in names), bypass)


def _from_document(document: _MappingDocument, accelerator: Accelerator, path: str) -> Mapping:
    names = [level.name for level in accelerator.hierarchy]
    names = _in_order(names, [entry.level for entry in document.levels if entry.level in names])
    loops: dict[str, tuple[Loop, ...]] = dict.fromkeys(names, ())
    for entry in document.levels:
        if entry.level not in loops:
            raise ConfigError(
                f"{accelerator.name} has no level {entry.level}",
                path=path,
                remedy=f"its levels are {', '.join(names)}",
            )
        loops[entry.level] = tuple(Loop(loop.dim, loop.tile, loop.axis) for loop in entry.loops)
    bypass = frozenset((entry.storage, entry.tensor) for entry in document.bypass)
    return Mapping(tuple((name, loops[name]) for name in names), bypass)
