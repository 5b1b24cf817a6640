"""Exhaustive simulation of a netlist, 64 operand pairs per machine word."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import MAX_BITS, Lut
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, Netlist, Op
from mulsmith.errors import NetlistError

Words = npt.NDArray[np.uint64]

_ALL_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_WITHIN_WORD = (
    0xAAAA_AAAA_AAAA_AAAA, 0xCCCC_CCCC_CCCC_CCCC, 0xF0F0_F0F0_F0F0_F0F0,
    0xFF00_FF00_FF00_FF00, 0xFFFF_0000_FFFF_0000, 0xFFFF_FFFF_0000_0000,
)  # fmt: skip


def counting_words(n_bits: int) -> list[Words]:
    """Return the bit-parallel values of an ``n_bits`` counter: word list entry i is bit i of every count.

    Count number v sits in bit v % 64 of word v // 64; fewer than 64 counts repeat within the one word.
    """
    n_words = max(1, (1 << n_bits) // 64)
    index = np.arange(n_words, dtype=np.uint64)
    words = []
    for bit in range(n_bits):
        if bit < len(_WITHIN_WORD):
            words.append(np.full(n_words, _WITHIN_WORD[bit], dtype=np.uint64))
        else:
            high = (index >> np.uint64(bit - len(_WITHIN_WORD))) & np.uint64(1)
            words.append(np.where(high != 0, _ALL_ONES, np.uint64(0)))
    return words


def simulate(netlist: Netlist, stimulus: list[Words]) -> dict[int, Words]:
    """Return the value of every net for bit-parallel input values.

    Args:
        netlist: the circuit.
        stimulus: one uint64 array per input bit, ports in order, least significant bit first.

    Returns:
        net number -> uint64 array of the stimulus's length.
    """
    zeros = np.zeros_like(stimulus[0])
    value: dict[int, Words] = {CONST0: zeros, CONST1: ~zeros}
    value.update(enumerate(stimulus, start=FIRST_INPUT))
    for op, inputs, outputs in netlist.gates:
        a = value[inputs[0]]
        if op is Op.NOT:
            value[outputs[0]] = ~a
            continue
        b = value[inputs[1]]
        if op is Op.AND:
            value[outputs[0]] = a & b
        elif op is Op.XOR:
            value[outputs[0]] = a ^ b
        elif op is Op.OR:
            value[outputs[0]] = a | b
        elif op is Op.NAND:
            value[outputs[0]] = ~(a & b)
        elif op is Op.NOR:
            value[outputs[0]] = ~(a | b)
        elif op is Op.XNOR:
            value[outputs[0]] = ~(a ^ b)
        elif op is Op.HA:
            value[outputs[0]] = a ^ b
            value[outputs[1]] = a & b
        elif op is Op.FA:
            c = value[inputs[2]]
            half = a ^ b
            value[outputs[0]] = half ^ c
            value[outputs[1]] = (a & b) | (half & c)
        else:
            value[outputs[0]] = (b & ~a) | (value[inputs[2]] & a)
    return value


def simulate_lut(netlist: Netlist) -> Lut:
    """Return the table of a multiplier netlist whose signedness is stated.

    Raises:
        NetlistError: no multiplier (two inputs, one output), signedness unknown, or operands too wide.
    """
    a_bits, b_bits, out_bits = netlist.a_bits, netlist.b_bits, netlist.out_bits
    if netlist.signed is None:
        raise NetlistError(f"module '{netlist.name}' does not say whether it is signed")
    check_widths(netlist)
    counter = counting_words(a_bits + b_bits)
    value = simulate(netlist, counter[b_bits:] + counter[:b_bits])
    size = 1 << (a_bits + b_bits)
    planes = np.stack([value[net] for net in netlist.output_nets])
    bits = np.unpackbits(planes.astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little")[:, :size]
    packed = np.packbits(bits, axis=0, bitorder="little")
    result = np.zeros(size, dtype=np.int32)
    for position, byte in enumerate(packed):
        result |= byte.astype(np.int32) << np.int32(8 * position)
    if netlist.signed:
        top = np.int32(32 - out_bits)
        result = (result << top) >> top
    return Lut(result.reshape(1 << a_bits, 1 << b_bits), a_bits, b_bits, netlist.signed)


def check_widths(netlist: Netlist) -> None:
    """Raise ``NetlistError`` where a multiplier is too wide to be simulated exhaustively."""
    for port in netlist.inputs:
        if port.width > MAX_BITS:
            raise NetlistError(
                f"operand '{port.name}' has {port.width} bits, but a look-up table takes at most {MAX_BITS}"
            )
    if netlist.out_bits > 31:
        raise NetlistError(f"the result has {netlist.out_bits} bits, but a look-up table takes at most 31")
