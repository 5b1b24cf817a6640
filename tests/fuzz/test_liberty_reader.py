"""Mutated Liberty files: only a MulsmithError comes out of the reader, of timing and of power."""

import contextlib
import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.characterize.activity import Toggle
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.characterize.power import estimate_power
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.netlist import Port
from mulsmith.errors import MulsmithError

SEED = Liberty.embedded().text.decode()
# The library's head and its first two cells hold every construct.
TOKENS = re.findall(r'\s+|"[^"]*"|\w+|.', SEED[: SEED.index("  cell (NOR2X1)")] + "}\n")
STRANGE = [
    '"',
    *"(){};:,",
    '""',
    "()",
    "-1",
    "nan",
    "1e999",
    "\\\n",
    "/*",
    "*/",
    "\x00",
    '"!"',
    '"A ( B"',
    "scalar",
]
STRANGE += ["bus", "ff", "pin", "timing", "library", "cell", "when", '"1, 2"', "\n", ": x", "inout", "é"]

CIRCUIT = MappedNetlist(
    "fuzzed",
    (Port("A", 1), Port("B", 1)),
    (Port("O", 1),),
    (MappedCell("INVX1", {"A": 2, "Y": 4}), MappedCell("NAND2X1", {"A": 4, "B": 3, "Y": 5})),
    (5,),
)


def mutated(seed: int) -> str:
    rng = random.Random(seed)
    tokens = list(TOKENS)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        place = rng.randrange(len(tokens))
        change = rng.randrange(4)
        if change == 0:
            tokens[place] = ""
        elif change == 1:
            tokens[place] = rng.choice(STRANGE)
        elif change == 2:
            tokens[place] = rng.choice(TOKENS)
        else:
            tokens[place : place + rng.randrange(60)] = []
    return "".join(tokens)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_mutated_liberty(seed: int) -> None:
    with contextlib.suppress(MulsmithError):
        library = Liberty.parse(mutated(seed).encode())
        estimate_power(CIRCUIT, library, analyze(CIRCUIT, library), Toggle())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(MulsmithError):
        Liberty.parse(data)
