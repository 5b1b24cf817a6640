"""jmeint: whether two triangles in space intersect, by separating axes."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel


def intersect(inputs: Floats) -> Floats:
    """Return (1, 0) for pairs that intersect and (0, 1) for others, [calls, 2].

    Two convex bodies are disjoint exactly if their projections on some axis are. For triangles the normals,
    the products of one edge of each, and the in-plane normals of the edges are enough; the last decide
    coplanar pairs.

    Args:
        inputs: nine coordinates of each triangle, [calls, 18].
    """
    first, second = inputs.reshape(-1, 2, 3, 3).transpose(1, 0, 2, 3)
    first_edges, second_edges = np.roll(first, -1, 1) - first, np.roll(second, -1, 1) - second
    first_normal = np.cross(first_edges[:, 0], first_edges[:, 1])
    second_normal = np.cross(second_edges[:, 0], second_edges[:, 1])
    axes = [first_normal, second_normal]
    axes += [np.cross(first_edges[:, i], second_edges[:, j]) for i in range(3) for j in range(3)]
    axes += [np.cross(first_normal, first_edges[:, i]) for i in range(3)]
    axes += [np.cross(second_normal, second_edges[:, i]) for i in range(3)]
    apart = np.zeros(len(inputs), dtype=np.bool_)
    for axis in axes:
        left, right = (np.einsum("nvc,nc->nv", points, axis) for points in (first, second))
        apart |= (left.max(axis=1) < right.min(axis=1)) | (right.max(axis=1) < left.min(axis=1))
    return np.column_stack([~apart, apart]).astype(np.float64)


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return pairs of triangles with corners uniform in the unit cube."""
    return rng.uniform(0.0, 1.0, (count, 18))


JMEINT = Kernel(
    "jmeint", 18, 2, intersect, sample, "miss", (0.5,), (18, 32, 8, 2), "whether two triangles intersect"
)
