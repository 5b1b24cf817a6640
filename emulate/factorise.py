"""Exact integer factorisation of a table into int8 planes: a layer becomes a few int8 matrix products.

table[a, b] = a_term[a] + b_term[b] + sum_p scales[p] * a_digits[p, a] * b_digits[p, b], for every entry. The
two terms are free: over a layer they are a sum per pixel and a sum per channel. The lattice that the rows (or
the columns) of the centred table span gets a basis of short vectors by LLL; these and their coefficients are
cut into int8 digits, and the variant with the fewest planes wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.errors import EmulationError, ToolError

Integers = npt.NDArray[np.int64]
PRIME = (1 << 31) - 1
DIGIT = 256


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """An exact factorisation of a table into P planes; sums are taken modulo 2**32.

    Attributes:
        a_digits: int8 [P, 2**a_bits].
        b_digits: int8 [P, 2**b_bits].
        scales: int32 [P].
        a_term: int32 [2**a_bits].
        b_term: int32 [2**b_bits].
    """

    a_digits: npt.NDArray[np.int8]
    b_digits: npt.NDArray[np.int8]
    scales: npt.NDArray[np.int32]
    a_term: npt.NDArray[np.int32]
    b_term: npt.NDArray[np.int32]

    @property
    def planes(self) -> int:
        """Number P of int8 products per look-up."""
        return len(self.scales)

    def product(self) -> npt.NDArray[np.int32]:
        """Return the table that the factors stand for, int32 [2**a_bits, 2**b_bits]."""
        scaled = self.scales[:, None].astype(np.int64) * self.b_digits.astype(np.int64)
        total = self.a_digits.astype(np.int64).T @ scaled
        total += self.a_term.astype(np.int64)[:, None] + self.b_term.astype(np.int64)[None, :]
        return _wrap(total)

    def transposed(self) -> Factors:
        """Return the factors of the table with its operands exchanged."""
        return Factors(self.b_digits, self.a_digits, self.scales, self.b_term, self.a_term)


def factorise(lut: Lut) -> Factors:
    """Return the factorisation with the fewest planes among the variants tried, verified on every entry.

    Raises:
        ToolError: python-flint is not installed.
        EmulationError: no variant reproduces the table, which would be an error of this function.
    """
    table = lut.table.astype(np.int64)
    a, b = operand_values(lut.a_bits, lut.signed), operand_values(lut.b_bits, lut.signed)
    best: Factors | None = None
    for linear in ([], [(a, b)]):
        rest = table - sum((np.multiply.outer(u, v) for u, v in linear), start=np.zeros_like(table))
        for columns, rows in _decompositions(_centre(rest)):
            pairs = [*linear, *zip(columns, rows, strict=True)]
            if best is None or _plane_count(pairs) < best.planes:
                candidate = _assemble(table, pairs)
                if np.array_equal(candidate.product(), lut.table):
                    best = candidate
    if best is None:
        raise EmulationError("no exact factorisation was found", remedy="use backend 'native' or 'reference'")
    return best


def fewest_planes(lut: Lut) -> int:
    """Return a lower bound on the planes of ``factorise``: the rank of the centred table or error."""
    table = lut.table.astype(np.int64)
    exact = np.multiply.outer(operand_values(lut.a_bits, lut.signed), operand_values(lut.b_bits, lut.signed))
    return min(len(_pivots(_centre(table))), len(_pivots(_centre(table - exact))) + 1)


def _centre(matrix: Integers) -> Integers:
    """Remove a row's and a column's term, so that the first row and column are zero."""
    centred: Integers = matrix - matrix[:1] - matrix[:, :1] + matrix[0, 0]
    return centred


def _pivots(matrix: npt.NDArray[np.object_] | Integers) -> list[int]:
    """Return the columns of a largest independent set, by elimination modulo a prime."""
    work = (matrix % PRIME).astype(np.int64)
    pivots: list[int] = []
    row = 0
    for column in range(work.shape[1]):
        candidates = np.nonzero(work[row:, column])[0]
        if len(candidates) == 0:
            continue
        found = row + int(candidates[0])
        work[[row, found]] = work[[found, row]]
        work[row] = work[row] * pow(int(work[row, column]), -1, PRIME) % PRIME
        below = work[row + 1 :]
        below -= below[:, column, None] * work[row] % PRIME
        below %= PRIME
        pivots.append(column)
        row += 1
        if row == len(work):
            break
    return pivots


def _decompositions(matrix: Integers) -> Iterator[tuple[list[Integers], list[Integers]]]:
    """Yield exact decompositions of a matrix as columns u_i and rows v_i: matrix = sum_i u_i v_i."""
    if not matrix.any():
        yield [], []
        return
    for flipped in (False, True):
        target = (matrix.T if flipped else matrix).astype(object)
        basis = _short_basis(target)
        for rows in (basis, _saturated(basis)):
            coefficients = _solve(target, rows)
            if coefficients is None:
                continue
            columns = [_as_int64(column) for column in coefficients.T]
            vectors = [_as_int64(row) for row in rows]
            if all(part is not None for part in (*columns, *vectors)):
                u, v = [c for c in columns if c is not None], [r for r in vectors if r is not None]
                yield (v, u) if flipped else (u, v)


def _as_int64(vector: npt.NDArray[np.object_]) -> Integers | None:
    """Return a vector as int64, None where it does not fit."""
    return vector.astype(np.int64) if max(abs(int(x)) for x in vector) < 1 << 40 else None


def _short_basis(matrix: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return an LLL-reduced basis of the lattice that the rows span."""
    flint = _flint()
    reduced = _to_array(flint.fmpz_mat(matrix.tolist()).lll())
    return reduced[[bool(row.any()) for row in reduced]]


def _saturated(basis: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return a reduced basis of all integer vectors in the rational span of the basis.

    The Hermite form H of the transposed basis gives basis = H^T B with B part of a unimodular matrix.
    """
    flint = _flint()
    rank = len(basis)
    hermite = _to_array(flint.fmpz_mat(basis.T.tolist()).hnf())[:rank, :rank]
    primitive = flint.fmpz_mat(hermite.T.tolist()).solve(flint.fmpz_mat(basis.tolist()))
    return _to_array(flint.fmpz_mat(_integers(primitive).tolist()).lll())


def _solve(target: npt.NDArray[np.object_], rows: npt.NDArray[np.object_]) -> npt.NDArray[np.object_] | None:
    """Return the integer coefficients U with target = U rows, None where there are none."""
    flint = _flint()
    pivots = _pivots(rows)
    if len(pivots) < len(rows):
        return None
    square = flint.fmpz_mat(rows[:, pivots].T.tolist())
    solution = square.solve(flint.fmpz_mat(target[:, pivots].T.tolist())).transpose()
    if any(entry.q != 1 for entry in solution.entries()):
        return None
    return _integers(solution)


def _flint() -> Any:
    try:
        import flint
    except ImportError as error:
        raise ToolError(
            "the factorisation of a new table needs python-flint", remedy="pip install 'mulsmith[factor]'"
        ) from error
    return flint


def _to_array(matrix: Any) -> npt.NDArray[np.object_]:
    """Return a flint matrix of integers as an array."""
    return np.array([[int(entry) for entry in row] for row in matrix.tolist()], dtype=np.object_)


def _integers(matrix: Any) -> npt.NDArray[np.object_]:
    """Return a flint matrix of rationals that are all integers as an array."""
    return np.array([[int(entry.p) for entry in row] for row in matrix.tolist()], dtype=np.object_)


def _digits(vector: Integers) -> tuple[int, int, list[npt.NDArray[np.int8]]]:
    """Return (unit, offset, digits) with vector = offset + unit * sum_i 256**i * digits[i]."""
    low = int(vector.min())
    unit = int(np.gcd.reduce(vector - low))
    if unit == 0:
        return 0, low, []
    rest = (vector - low) // unit
    digits: list[npt.NDArray[np.int8]] = []
    offset, weight = low, unit
    while rest.any():
        digits.append((rest % DIGIT - DIGIT // 2).astype(np.int8))
        offset += weight * (DIGIT // 2)
        rest //= DIGIT
        weight *= DIGIT
    return unit, offset, digits


def _plane_count(pairs: list[tuple[Integers, Integers]]) -> int:
    return sum(len(_digits(u)[2]) * len(_digits(v)[2]) for u, v in pairs)


def _assemble(table: Integers, pairs: list[tuple[Integers, Integers]]) -> Factors:
    """Cut u_i and v_i into digits; what offsets and centring leave goes into the two terms."""
    a_digits, b_digits, scales = [], [], []
    for u, v in pairs:
        (u_unit, _, u_digits), (v_unit, _, v_digits) = _digits(u), _digits(v)
        for i, u_digit in enumerate(u_digits):
            for j, v_digit in enumerate(v_digits):
                a_digits.append(u_digit)
                b_digits.append(v_digit)
                scales.append(u_unit * v_unit * DIGIT ** (i + j))
    a_plane = np.array(a_digits, dtype=np.int8).reshape(len(scales), table.shape[0])
    b_plane = np.array(b_digits, dtype=np.int8).reshape(len(scales), table.shape[1])
    scale = _wrap(np.array([s % (1 << 32) for s in scales], dtype=np.int64))
    rest = _wrap(table) - _wrap((scale.astype(np.int64)[:, None] * a_plane.astype(np.int64)).T @ b_plane)
    a_term = rest[:, 0]
    b_term = rest[0] - rest[0, 0]
    return Factors(a_plane, b_plane, scale, a_term, b_term)


def _wrap(values: Integers) -> npt.NDArray[np.int32]:
    """Return integers modulo 2**32 as int32."""
    return (values & 0xFFFFFFFF).astype(np.uint32).view(np.int32)
