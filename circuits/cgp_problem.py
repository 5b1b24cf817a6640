"""What evolution searches for: bounds on the errors, cell costs, and their bit-sliced form for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.circuits.cgp_corrected import EXACT_MEAN_SQUARE, columns_of, corrected_arrays
from mulsmith.circuits.cgp_genome import FUNCTIONS, Compound
from mulsmith.circuits.cgp_library import CProblem
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.netlist import Netlist, Op
from mulsmith.errors import ConfigError

MIN_INPUT_BITS = 9
MAX_INPUT_BITS = 20
MAX_OUTPUT_BITS = 24
WEIGHT_SCALE = 1 << 20
SQUARED_BITS = 16
"""Operand bits up to which squared errors have weights of 20 bits."""

WEIGHT_TOLERANCE = 1e-3
"""Relative deviation of the ``ROUNDED`` bounds, whose weights have 20 bits."""
AREA_STEPS_PER_UM2 = 10_000
COST_SCALE = 1 << 40

WEIGHTED = ("weighted_mae", "weighted_rms")
OF_OPERANDS = (*WEIGHTED, "corrected_rms")
"""Bounds that need the operands of a network."""
ROUNDED = ("mre_percent", *OF_OPERANDS)
LIMITS = ("mae", "wce", "ep_percent", "mean_error", *ROUNDED)
EXACT = ("exact_zero", "exact_one")

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Largest errors that an evolved multiplier may make; None bounds nothing.

    Attributes:
        mae: mean absolute error.
        wce: worst-case absolute error.
        ep_percent: share of operand pairs with a wrong result, %.
        mean_error: absolute value of the mean signed error.
        mre_percent: mean relative error over the pairs with a product other than 0, %.
        weighted_mae: mean absolute error over the operands of a network (WMED; Z. Vasicek et al., DATE 2019).
        weighted_rms: root of the mean squared error over them.
        corrected_rms: the same of the error that weight map and bias correction leave: in every layer each
            weight goes through the code whose results are closest to its products up to a constant, and that
            constant is taken out.
        exact_zero: whether the result has to be exact where an operand is 0.
        exact_one: whether the result has to be exact where an operand is 1.
    """

    mae: float | None = None
    wce: int | None = None
    ep_percent: float | None = None
    mean_error: float | None = None
    mre_percent: float | None = None
    weighted_mae: float | None = None
    weighted_rms: float | None = None
    corrected_rms: float | None = None
    exact_zero: bool = False
    exact_one: bool = False

    def __post_init__(self) -> None:
        for name, value in self.limits().items():
            if not 0 <= value < float("inf"):
                raise ConfigError(f"the bound {name} = {value} is negative or not finite")

    def limits(self) -> dict[str, float]:
        """Return the bounds that are numbers by their names, without those that bound nothing."""
        return {name: value for name in LIMITS if (value := getattr(self, name)) is not None}

    def to_json(self) -> dict[str, float | bool]:
        """Return all that is bounded."""
        return {**self.limits(), **{name: True for name in EXACT if getattr(self, name)}}


@dataclass(frozen=True, slots=True)
class CellCost:
    """What a gate costs in a cell library.

    Attributes:
        area_um2: area where only the first result is used, only the second, both.
        result_energy_fj: energy of the cell itself per toggle of its first and second result.
        pin_load_fj: energy of charging each input pin's capacitance, per toggle of the gate that drives it.
            Who drives the circuit's inputs pays for them, as in ``characterize.power``.
        pin_energy_fj: energy inside the cell per toggle of each input pin.
    """

    area_um2: tuple[float, float, float]
    result_energy_fj: tuple[float, float]
    pin_load_fj: tuple[float, float, float]
    pin_energy_fj: tuple[float, float, float] = (0.0, 0.0, 0.0)


Costs = Mapping[Op | Compound, CellCost]


class Problem:
    """The engine's form of bounds and costs for one multiplier interface; it keeps the arrays alive.

    Args:
        netlist: gives widths and signedness.
        bounds: what an offspring has to keep.
        costs: of every ``Op``.
        operands: what the multiplier meets, for the bounds that need them.
        toggle: probability with which each input bit toggles from one cycle to the next, for the power;
            None draws successive inputs from the operands.
        pairs: pairs of successive inputs that the power estimate simulates, a multiple of 1024.
        random: draws them.

    Raises:
        ConfigError: an interface or operands that do not fit, or a bound or the power that needs operands.
    """

    def __init__(
        self,
        netlist: Netlist,
        bounds: Bounds,
        costs: Costs,
        *,
        operands: OperandMix | None,
        toggle: float | None,
        pairs: int,
        random: np.random.Generator,
    ) -> None:
        a_bits, b_bits, out_bits = netlist.a_bits, netlist.b_bits, netlist.out_bits
        bits = a_bits + b_bits
        if netlist.signed is None:
            raise ConfigError(f"module '{netlist.name}' does not say whether it is signed")
        if not MIN_INPUT_BITS <= bits <= MAX_INPUT_BITS or out_bits != bits:
            raise ConfigError(
                f"evolution takes multipliers of {MIN_INPUT_BITS}..{MAX_INPUT_BITS} operand bits with "
                f"as many product bits, but '{netlist.name}' has {a_bits} x {b_bits} -> {out_bits}"
            )
        if (toggle is not None and not 0 <= toggle <= 1) or pairs < 1024 or pairs % 1024:
            raise ConfigError(
                f"toggle = {toggle}, pairs = {pairs}: a probability and a multiple of 1024 are needed"
            )
        if operands is not None:
            operands.check(a_bits, b_bits)
        self.pairs = pairs
        self.operand_pairs = 1 << bits
        a, b = _spread_operands(a_bits, b_bits)
        if bounds.corrected_rms is not None:
            a, b = columns_of(a_bits, b_bits)
        elif operands is not None and any(getattr(bounds, name) is not None for name in WEIGHTED):
            # Frequent pairs first: they tell earliest that the weighted error is too large.
            frequent = np.argsort(-operands.joint()[a, b], kind="stable")
            a, b = a[frequent], b[frequent]
        values = [_signed(x, n) if netlist.signed else x for x, n in ((a, a_bits), (b, b_bits))]
        exact = values[0] * values[1]
        inputs = np.concatenate([_planes(a, a_bits), _planes(b, b_bits)])
        before, after = _successive_inputs(netlist, operands, toggle, pairs, random)
        missing = [name for name in OF_OPERANDS if getattr(bounds, name) is not None and operands is None]
        if missing:
            raise ConfigError(f"the bound {missing[0]} needs the operands that weigh the errors")
        demanded = [value for value, must in ((0, bounds.exact_zero), (1, bounds.exact_one)) if must]
        weights, weight_bounds, squared = _weights(bounds, operands, a, b, exact)
        self._arrays = {
            "inputs": inputs,
            "exact": _planes(exact, out_bits),
            "must": _pack((np.isin(a, demanded) | np.isin(b, demanded))[None]) if demanded else None,
            "weights": weights,
            "weight_bounds": weight_bounds,
            "squared": squared,
            "before": before,
            "after": after,
            **_cost_arrays(costs),
        }
        if operands is not None and bounds.corrected_rms is not None:
            self._arrays |= corrected_arrays(operands, a_bits, b_bits, netlist.signed)
        pointers = {
            name: None if array is None else array.ctypes.data for name, array in self._arrays.items()
        }
        size = self.operand_pairs
        self.c = CProblem(
            input_bits=bits,
            output_bits=out_bits,
            is_signed=int(netlist.signed),
            words=size // 64,
            weight_count=len(weight_bounds),
            max_abs_sum=_bound(bounds.mae, size),
            max_abs=-1 if bounds.wce is None else bounds.wce,
            max_wrong=_bound(bounds.ep_percent, size / 100),
            max_bias_sum=_bound(bounds.mean_error, size),
            pair_words=pairs // 64,
            area_weight=1,
            power_weight=0,
            **pointers,
        )
        if operands is not None and bounds.corrected_rms is not None:
            self.c.layers = len(operands.shares)
            self.c.column_words = (1 << a_bits) // 64
            self.c.max_corrected = bounds.corrected_rms**2 + EXACT_MEAN_SQUARE

    def weigh(self, area: int, power: int, area_share: float) -> None:
        """Let the cost be ``area_share`` of area and the rest of power, both relative to these totals."""
        self.c.area_weight = round(area_share * COST_SCALE / max(area, 1))
        self.c.power_weight = round((1 - area_share) * COST_SCALE / max(power, 1))


def _spread_operands(a_bits: int, b_bits: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the operand codes of every pair, the highest bits changing fastest.

    So each block of consecutive pairs is a fair sample, and a bad offspring exceeds a bound early.
    """
    count = np.arange(1 << (a_bits + b_bits), dtype=np.int64)
    operands = [np.zeros_like(count), np.zeros_like(count)]
    left = [a_bits, b_bits]
    for position in range(a_bits + b_bits):
        operand = 0 if left[0] >= left[1] else 1
        left[operand] -= 1
        operands[operand] |= (count >> position & 1) << left[operand]
    return operands[0], operands[1]


def _signed(codes: npt.NDArray[np.int64], bits: int) -> npt.NDArray[np.int64]:
    return codes - ((codes >> (bits - 1)) << bits)


def _pack(rows: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> Words:
    packed = np.packbits(np.ascontiguousarray(rows), axis=1, bitorder="little")
    return np.ascontiguousarray(packed.view("<u8").astype(np.uint64))


def _planes(values: npt.NDArray[np.int64], bits: int) -> Words:
    return _pack(np.stack([values >> bit & 1 for bit in range(bits)]).astype(np.uint8))


def _bound(value: float | None, scale: float) -> int:
    return -1 if value is None else int(value * scale * (1 + 1e-12))


def _successive_inputs(
    netlist: Netlist,
    operands: OperandMix | None,
    toggle: float | None,
    pairs: int,
    random: np.random.Generator,
) -> tuple[Words, Words]:
    """Return pairs of successive inputs, bit-sliced, [bits, words]."""
    bits = netlist.a_bits + netlist.b_bits
    if toggle is not None:
        before = random.integers(0, 2, (bits, pairs), dtype=np.uint8)
        return _pack(before), _pack(before ^ (random.random((bits, pairs)) < toggle))
    if operands is None:
        raise ConfigError("the power needs a toggle probability or operands")
    before_codes, after_codes = operands.draw(pairs, random)
    first, second = (
        np.concatenate([_planes(a, netlist.a_bits), _planes(b, netlist.b_bits)])
        for a, b in (before_codes, after_codes)
    )
    return first, second


def _weights(
    bounds: Bounds,
    operands: OperandMix | None,
    a: npt.NDArray[np.int64],
    b: npt.NDArray[np.int64],
    exact: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.uint32], Words, npt.NDArray[np.uint8]]:
    """Return weights of all pairs, largest weighted sums, and which of these are of squared errors."""
    sets: list[npt.NDArray[np.uint32]] = []
    limits: list[int] = []
    squared: list[bool] = []
    if bounds.mre_percent is not None:
        nonzero = exact != 0
        weight = np.where(nonzero, 1.0 / np.maximum(np.abs(exact), 1), 0.0)
        sets.append(np.rint(weight * WEIGHT_SCALE).astype(np.uint32))
        limits.append(int(bounds.mre_percent / 100 * np.count_nonzero(nonzero) * WEIGHT_SCALE))
        squared.append(False)
    for name in WEIGHTED:
        bound = getattr(bounds, name)
        if bound is None or operands is None:
            continue
        weight = operands.joint()[a, b]
        scale = WEIGHT_SCALE / weight.max()
        squares = name == "weighted_rms"
        if squares:
            # Squares of wide products need room; rounding up makes no rare large error free.
            scale /= 4 ** max(0, exact.size.bit_length() - 1 - SQUARED_BITS)
        sets.append((np.ceil if squares else np.rint)(weight * scale).astype(np.uint32))
        limits.append(int((bound**2 if squares else bound) * scale))
        squared.append(squares)
    weights = np.array(sets, dtype=np.uint32).reshape(len(sets), exact.size)
    return weights, np.array(limits, dtype=np.uint64), np.array(squared, dtype=np.uint8)


def _cost_arrays(costs: Costs) -> dict[str, npt.NDArray[np.int64]]:
    area = np.zeros((len(FUNCTIONS), 4))
    energy = np.zeros((len(FUNCTIONS), 2))
    load = np.zeros((len(FUNCTIONS), 3))
    pin = np.zeros((len(FUNCTIONS), 3))
    for number, function in enumerate(FUNCTIONS):
        if function not in costs:
            raise ConfigError(f"the costs name no {function.value} gate")
        cost = costs[function]
        area[number, 1:] = cost.area_um2
        energy[number] = cost.result_energy_fj
        load[number] = cost.pin_load_fj
        pin[number] = cost.pin_energy_fj
    return {
        "area": np.rint(area * AREA_STEPS_PER_UM2).astype(np.int64),
        "result_energy": np.rint(energy * 1000).astype(np.int64),
        "pin_load": np.rint(load * 1000).astype(np.int64),
        "pin_energy": np.rint(pin * 1000).astype(np.int64),
    }
