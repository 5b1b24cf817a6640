"""Time from a Verilog file to its stored record, against pyverilog's parser alone on the same files.

Run with a folder of Verilog files, or without one for the embedded circuits:
``python benchmarks/characterize_files.py [FOLDER]``. Prints milliseconds of processor time per file, best of
three rounds in one process, and the ratio of both.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mulsmith.characterize import worker
from mulsmith.characterize.sources import find_sources
from mulsmith.circuits.frontend.source import clean, read_source
from mulsmith.circuits.frontend.syntax import parse_modules

ROUNDS = 3


def best_ms(round_: Callable[[], None], files: int) -> float:
    """Return the least processor time per file over the rounds, in ms; a first round warms up."""
    round_()
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        round_()
        times.append(time.process_time() - start)
    return 1000 * min(times) / files


def main() -> None:
    """Measure and print."""
    sources, _ = find_sources([Path(argument) for argument in sys.argv[1:]])
    texts = [clean(read_source(source.path)) for source in sources]
    with tempfile.TemporaryDirectory() as folder:

        def records() -> None:
            for source in sources:
                reply = worker.answer(
                    {
                        "task": "read",
                        "path": str(source.path),
                        "sha256": source.sha256,
                        "signed": None,
                        "library": folder,
                        "rewrite": True,
                    }
                )
                if "ok" not in reply:
                    sys.exit(f"{source.path}: {reply}")

        def parsing() -> None:
            for text in texts:
                parse_modules(text)

        whole, parse = best_ms(records, len(sources)), best_ms(parsing, len(sources))
    print(f"{len(sources)} files")
    print(f"file to stored record   {whole:7.2f} ms each")
    print(f"pyverilog's parser only {parse:7.2f} ms each")
    print(f"ratio                   {whole / parse:7.2f}")


if __name__ == "__main__":
    main()
