"""Names of single bits, ``A[3]``, as formats without words write them, and back to ports."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mulsmith.circuits.netlist import Port, check_identifier
from mulsmith.errors import NetlistError

MAX_PORT_BITS = 4096

_BIT = re.compile(r"(.+)\[(\d{1,9})\]")


def bit_names(ports: Sequence[Port]) -> list[str]:
    """Return the name of every bit, least significant bit first; a port of one bit has no index."""
    return [
        f"{port.name}[{bit}]" if port.width > 1 else port.name for port in ports for bit in range(port.width)
    ]


def ports_of_bits(names: Sequence[str]) -> tuple[tuple[Port, ...], list[int]]:
    """Return the ports that bits form, and for each of their bits its position in ``names``.

    Ports stand in the order of their first bit; their bits are ordered by index.

    Raises:
        NetlistError: a name twice, a missing index, or a name that is no plain identifier.
    """
    groups: dict[str, dict[int, int]] = {}
    for position, name in enumerate(names):
        match = _BIT.fullmatch(name)
        base, index = (match.group(1), int(match.group(2))) if match else (name, 0)
        bits = groups.setdefault(check_identifier(base), {})
        if index in bits or (bits and match is None):
            raise NetlistError(f"port bit '{name}' is listed twice")
        bits[index] = position
    ports = []
    order: list[int] = []
    for base, bits in groups.items():
        if len(bits) > MAX_PORT_BITS:
            raise NetlistError(f"port '{base}' has more than {MAX_PORT_BITS} bits")
        if sorted(bits) != list(range(len(bits))):
            raise NetlistError(f"port '{base}' lacks some of its bits 0 to {max(bits)}")
        ports.append(Port(base, len(bits)))
        order += [bits[index] for index in range(len(bits))]
    return tuple(ports), order
