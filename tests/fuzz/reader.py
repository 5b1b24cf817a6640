"""Fuzz target for the readers: mutated circuits, from which only a MulsmithError may come.

Run for as long as you like with ``python -m tests.fuzz.reader --seconds 600 --seed 1``; a finding is written
to the folder that ``--findings`` names.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mulsmith.circuits.aiger import parse_aiger, write_aiger
from mulsmith.circuits.blif import parse_blif, write_blif
from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.frontend.behavioural import WORDS
from mulsmith.circuits.verilog import parse_verilog, read_verilog
from mulsmith.errors import MulsmithError

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "bad"
SECONDS_PER_INPUT = 60

STRUCTURAL = """
module fa(input a, b, c, output s, co); assign {co, s} = a + b + c; endmodule
module neg #(parameter W = 2)(input signed [W-1:0] x, output [W-1:0] y); assign y = -x; endmodule
module m(a, b, z);
  input [3:0] a; input signed [2:0] b; output [7:0] z;
  wire [1:0] s = a[1:0], r = ~s; wire [1:0] t; wire co; localparam [3:0] K = 4'hb;
  fa u0(.a(a[0]), .b(b[0]), .c(1'b1), .s(t[0]), .co(co));
  neg #(.W(2)) u1({a[3], co}, s2);
  wire [1:0] s2;
  nand g(t[1], a[2], b[1], s2[0]);
  HAX1 h(.A(a[0]), .B(co), .YS(z[0]), .YC());
  assign z[7:1] = (a * b >> 1) + {2{t}} ^ (s == 2'd1 ? K : ~b[2:1]) - $signed(s2[1 -: 1]);
endmodule
"""
BEHAVIOURAL = """
module m(input [3:0] a, b, output reg [7:0] z);
  integer i; reg [3:0] t [0:1];
  function [3:0] f; input [3:0] x; f = x ^ 3; endfunction
  always @* begin
    z = 0;
    for (i = 0; i < 4; i = i + 1) if (b[i]) z = z + (a << i);
    case (a) 4'd3: z = f(b); default: ; endcase
  end
endmodule
"""
_TOKENS = """
    module endmodule assign wire input output reg signed [ ] ( ) { } {{ }} ; , : +: -: ? ~ ^~ ~^ ** /
    % <<< >>> == !== ' 4'bx 0'b1 1'b1 32'hffffffff 99999999999 4294967296'b1 1.5 " \\x ` `include //
    /* */ # @ $ $signed $random é a b z m fa always initial function generate for if case inout tri
    parameter defparam genvar specify logic integer or and supply0 -1 [9999:0] (*) posedge begin end
"""
FRAGMENTS = (*_TOKENS.split(), "\x00", "\n", " ", "", "always @(posedge a)")
_PIECES = re.compile(r"\w+|\s+|.", re.DOTALL)


def seeds(extra: Sequence[Path] = ()) -> list[str]:
    """Return the texts to start from: hand-written and embedded ones, and those of ``extra`` files."""
    paths = [*embedded_files()[::20], *extra]
    return [STRUCTURAL, BEHAVIOURAL, *(path.read_text(encoding="utf-8") for path in paths)]


def golden() -> list[str]:
    """Return the texts of the golden bad files."""
    return [path.read_text(encoding="utf-8") for path in sorted(GOLDEN.glob("*.v"))]


def mutate(text: str, rng: random.Random) -> str:
    """Return the text with a few pieces removed, doubled, exchanged or replaced."""
    pieces = _PIECES.findall(text)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if not pieces:
            break
        at, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        match rng.randrange(6):
            case 0:
                del pieces[at]
            case 1:
                pieces.insert(at, rng.choice(FRAGMENTS))
            case 2:
                pieces[at] = rng.choice(FRAGMENTS)
            case 3:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 4:
                pieces[at:at] = pieces[other : other + rng.randrange(1, 20)]
            case _:
                del pieces[at : at + rng.randrange(1, 20)]
    return "".join(pieces)


def attempt(text: str, *, second_front_end: bool = True) -> str:
    """Read one text and return what came of it: ``read``, or the class of the MulsmithError.

    Args:
        text: the text.
        second_front_end: whether text that may go to Yosys is tried too.
    """
    if not second_front_end and WORDS.search(text):
        return "left out"
    try:
        parse_verilog(text, path="fuzz.v")
    except MulsmithError as error:
        str(error)
        return type(error).__name__
    return "read"


def attempt_formats(data: bytes) -> None:
    """Read bytes as every format; only a MulsmithError may come."""
    text = data.decode("latin-1")
    for parse in (lambda: parse_aiger(data), lambda: parse_blif(text), lambda: _as_file(data)):
        try:
            parse()
        except MulsmithError:
            continue


def format_seeds() -> list[bytes]:
    """Return small BLIF and AIGER files."""
    netlist = parse_verilog(
        "module m(input [2:0] a, input [1:0] b, output [4:0] z); assign z = a * b; endmodule"
    )
    return [write_blif(netlist).encode(), write_aiger(netlist), write_aiger(netlist, binary=False)]


def damage(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes with some changed, removed or doubled."""
    result = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(result)) if result else 0
        match rng.randrange(4):
            case 0:
                result[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del result[at : at + rng.randint(1, 10)]
            case 2:
                result[at:at] = result[: rng.randint(1, 10)]
            case _:
                result[at:at] = rng.choice(
                    [b"-1", b"0", b"9999999999", b"\n", b" ", b".names", b"#", b"\\\n"]
                )
    return bytes(result)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz for a while; return 1 if anything but a MulsmithError came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("files", nargs="*", type=Path, help="more Verilog files to start from")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    good, bad, formats = seeds(options.files), golden(), format_seeds()
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        text = mutate(rng.choice(good if rng.random() < 0.8 else bad), rng)
        started = time.monotonic()
        signal.alarm(SECONDS_PER_INPUT)
        try:
            outcomes[attempt(text)] += 1
            attempt_formats(damage(rng.choice(formats), rng))
        except Exception:
            options.findings.mkdir(parents=True, exist_ok=True)
            name = options.findings / f"finding-{options.seed}-{sum(outcomes.values())}.v"
            name.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{name}:\n{traceback.format_exc()}\n")
            outcomes["FOUND"] += 1
        signal.alarm(0)
        slowest = max(slowest, time.monotonic() - started)
    sys.stdout.write(f"{dict(outcomes)}, slowest {slowest:.2f} s\n")
    return 1 if outcomes["FOUND"] else 0


def _as_file(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".v") as file:
        file.write(data)
        file.flush()
        read_verilog(Path(file.name))


if __name__ == "__main__":
    sys.exit(main())
