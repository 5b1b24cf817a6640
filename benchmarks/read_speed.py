"""CPU time from a Verilog file to its error statistics, per file, beside pyverilog's bare parser.

Usage: python benchmarks/read_speed.py FOLDER [REPEATS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.frontend.modules import build, choose_top, collect
from mulsmith.circuits.frontend.source import clean, read_source
from mulsmith.circuits.frontend.syntax import parse_modules


def main() -> None:
    """Print milliseconds per file of every step: the best of several rounds over the folder."""
    from ply.yacc import NullLogger, yacc
    from pyverilog.vparser.lexer import VerilogLexer
    from pyverilog.vparser.parser import VerilogParser

    class Bare(VerilogParser):
        def __init__(self) -> None:
            self.lexer = VerilogLexer(error_func=self._lexer_error_func)
            self.lexer.build()
            self.tokens = self.lexer.tokens
            self.parser = yacc(
                module=self, method="LALR", debug=False, write_tables=False, errorlog=NullLogger()
            )

    bare = Bare()
    files = sorted(Path(sys.argv[1]).rglob("*.v"))
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    texts = [clean(read_source(file)) for file in files]
    parsed = [parse_modules(text) for text in texts]
    netlists = [build(collect(p), choose_top(p, None, f.stem)) for p, f in zip(parsed, files, strict=True)]
    tables = [simulate_lut(netlist.with_signed(False)) for netlist in netlists]
    steps: dict[str, Callable[[int], object]] = {
        "pyverilog alone": lambda i: bare.parse(texts[i]),
        "read and clean": lambda i: clean(read_source(files[i])),
        "parse": lambda i: parse_modules(texts[i]),
        "elaborate": lambda i: build(collect(parsed[i]), choose_top(parsed[i], None, files[i].stem)),
        "simulate": lambda i: simulate_lut(netlists[i].with_signed(False)),
        "statistics": lambda i: error_stats(tables[i]),
    }
    best = {
        name: min(_milliseconds(step, len(files)) for _ in range(repeats)) for name, step in steps.items()
    }
    for name, milliseconds in best.items():
        print(f"{name:16} {milliseconds:7.2f} ms")
    baseline = best.pop("pyverilog alone")
    total = sum(best.values())
    print(f"file to statistics {total:.2f} ms of CPU per file ({len(files)} files), ", end="")
    print(f"{total / baseline:.2f} x pyverilog's bare parser")


def _milliseconds(step: Callable[[int], object], count: int) -> float:
    start = time.process_time()
    for i in range(count):
        step(i)
    return 1000 * (time.process_time() - start) / count


if __name__ == "__main__":
    main()
