"""An accelerator as the mapper sees it: groups of storages that share a tile, and array axes between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mulsmith.energy.accelerator import Accelerator, Array, Storage
from mulsmith.energy.workload import DIMS, TENSORS, Dim, Tensor


@dataclass(frozen=True, slots=True)
class Group:
    """Storages that keep different tensors of one tile.

    Attributes:
        storages: the storages, outermost first; empty for the multipliers.
        arrays: the array axes that the loops above the group spread over.
    """

    storages: tuple[Storage, ...]
    arrays: tuple[Array, ...]

    @property
    def dims(self) -> frozenset[Dim]:
        """Dimensions that may be tiled inside the group."""
        if not self.storages:
            return frozenset()
        allowed: set[Dim] = set()
        for storage in self.storages:
            allowed |= set(DIMS if storage.loops is None else storage.loops)
        return frozenset(allowed)

    @property
    def alone(self) -> tuple[Tensor, ...]:
        """Tensors that share the group with others, but their storage with none."""
        if len(self.storages) < 2:
            return ()
        return tuple(storage.keep[0] for storage in self.storages if len(storage.keep) == 1)

    @property
    def stay(self) -> tuple[Tensor, ...]:
        """Tensors that may stay below while loops of the group run that do not concern them."""
        return self.storages[-1].stay


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Groups from DRAM (first) to the multipliers (last), and where each tensor is kept.

    Attributes:
        accelerator: the accelerator.
        bypass: (storage, tensor) left out by choice.
        groups: the groups.
        chains: tensor -> [(index of the group, storage)], outermost first.
    """

    accelerator: Accelerator
    bypass: frozenset[tuple[str, Tensor]]
    groups: tuple[Group, ...]
    chains: dict[Tensor, tuple[tuple[int, Storage], ...]]

    def kept(self, storage: Storage) -> tuple[Tensor, ...]:
        """Return the tensors that a storage keeps here."""
        return tuple(tensor for tensor in storage.keep if (storage.name, tensor) not in self.bypass)

    def crossed(self, outer: int, inner: int) -> Array | None:
        """Return the innermost array axis between two groups, if there is one."""
        arrays = [array for group in self.groups[outer + 1 : inner + 1] for array in group.arrays]
        return arrays[-1] if arrays else None


def build_hierarchy(accelerator: Accelerator, bypass: frozenset[tuple[str, Tensor]]) -> Hierarchy:
    """Group the levels of an accelerator from the inside out; storages left without a tensor vanish."""
    groups = [Group((), ())]
    pending: list[Storage] = []
    taken: set[Tensor] = set()

    def close() -> None:
        if pending:
            groups.append(Group(tuple(reversed(pending)), ()))
        pending.clear()
        taken.clear()

    for level in reversed(accelerator.hierarchy):
        if isinstance(level, Array):
            close()
            groups[-1] = Group(groups[-1].storages, (level, *groups[-1].arrays))
            continue
        kept = {tensor for tensor in level.keep if (level.name, tensor) not in bypass}
        if taken & kept or level is accelerator.hierarchy[0]:
            close()
        if kept:
            pending.append(level)
            taken |= kept
    close()
    return _with_chains(accelerator, bypass, tuple(reversed(groups)))


def _with_chains(
    accelerator: Accelerator, bypass: frozenset[tuple[str, Tensor]], groups: Sequence[Group]
) -> Hierarchy:
    chains: dict[Tensor, tuple[tuple[int, Storage], ...]] = {}
    for tensor in TENSORS:
        chains[tensor] = tuple(
            (number, storage)
            for number, group in enumerate(groups)
            for storage in group.storages
            if tensor in storage.keep and (storage.name, tensor) not in bypass
        )
    return Hierarchy(accelerator, bypass, tuple(groups), chains)


def separated(hierarchy: Hierarchy) -> Iterator[Hierarchy]:
    """Yield the hierarchy with a group for each storage, over every order of those that stood together."""
    orders = [tuple(itertools.permutations(group.storages)) for group in hierarchy.groups]
    for chosen in itertools.product(*orders):
        groups: list[Group] = []
        levels = list(hierarchy.accelerator.hierarchy)
        for group, storages in zip(hierarchy.groups, chosen, strict=True):
            places = [levels.index(storage) for storage in group.storages]
            for place, storage in zip(places, storages, strict=True):
                levels[place] = storage
            groups += [
                Group((storage,), () if number else group.arrays) for number, storage in enumerate(storages)
            ] or [group]
        accelerator = hierarchy.accelerator.model_copy(update={"hierarchy": tuple(levels)})
        yield _with_chains(accelerator, hierarchy.bypass, groups)


@lru_cache(maxsize=64)
def hierarchies(accelerator: Accelerator) -> tuple[Hierarchy, ...]:
    """Return the hierarchy for every choice of optional bypasses, the one without bypass first."""
    optional = [(storage.name, tensor) for storage in accelerator.storages for tensor in storage.may_bypass]
    chosen: list[frozenset[tuple[str, Tensor]]] = []
    for bits in range(1 << len(optional)):
        chosen.append(frozenset(entry for number, entry in enumerate(optional) if bits >> number & 1))
    return tuple(build_hierarchy(accelerator, bypass) for bypass in chosen)
