"""Yosys jobs: results, limits, messages, and what is left behind when something is killed."""

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mulsmith.circuits import yosys
from mulsmith.circuits.yosys import Limits, run_abc, run_yosys
from mulsmith.errors import ToolError

MULTIPLIER = b"module m(input [3:0] a, b, output [7:0] o); assign o = a * b; endmodule\n"
HUGE = b"module m(input [2000:0] a, b, output [2000:0] o); assign o = a * b; endmodule\n"
COMMANDS = ["read_verilog m.v", "hierarchy -top m", "proc", "flatten", "opt", "techmap", "opt", "abc -g AND"]
WRITE = "write_json m.json"


def job(number: int) -> bytes:
    """A job whose result depends on ``number``."""
    text = b"module m(input [3:0] a, b, output [7:0] o); assign o = a * b + %d; endmodule\n" % number
    return run_yosys([*COMMANDS, WRITE], {"m.v": text}, ["m.json"])["m.json"]


def test_returns_the_written_file() -> None:
    result = run_yosys([*COMMANDS, WRITE], {"m.v": MULTIPLIER}, ["m.json"])
    ports = json.loads(result["m.json"])["modules"]["m"]["ports"]
    assert [(name, len(port["bits"])) for name, port in ports.items()] == [("a", 4), ("b", 4), ("o", 8)]


def test_bit_identical_in_any_order_thread_and_process() -> None:
    expected = [job(n) for n in range(6)]
    assert [job(n) for n in reversed(range(6))] == expected[::-1]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(job, range(6))) == expected
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as workers:
            assert workers.map(job, range(6)) == expected


@pytest.mark.parametrize(
    ("commands", "content", "message"),
    [
        (["read_verilog none.v"], MULTIPLIER, "Yosys failed: File `none.v' not found or is a directory"),
        (["no_such_pass"], MULTIPLIER,
         "Yosys failed: No such command: no_such_pass (type 'help' for a command overview)"),
        (["read_verilog m.v"], b"module m(\n input a; endmodule",
         "m.v:2: Yosys failed: syntax error, unexpected ';', expecting ')' or ',' or '='"),
        (["read_verilog m.v"], MULTIPLIER, "Yosys wrote no 'm.json'"),
    ],
)  # fmt: skip
def test_failures_carry_the_message_of_yosys(commands: list[str], content: bytes, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        run_yosys(commands, {"m.v": content}, ["m.json"])
    assert str(caught.value) == message


def test_abc_maps_to_its_gates() -> None:
    files = {
        "and.blif": b".model m\n.inputs a b\n.outputs o\n.names a b o\n11 1\n.end\n",
        "cells.genlib": b"GATE inv 1 Y=!A; PIN * UNKNOWN 1 999 1 0 1 0\n"
        b"GATE nand 1 Y=!(A*B); PIN * UNKNOWN 1 999 1 0 1 0\n",
    }
    commands = ["read_genlib cells.genlib", "read_blif and.blif", "strash", "map -a", "write_blif out.blif"]
    lines = run_abc(commands, files, ["out.blif"])["out.blif"].decode().splitlines()
    gates = sorted(line.split()[1] for line in lines if line.startswith(".gate"))
    assert gates == ["inv", "nand"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no_such_command", "ABC wrote no 'out.blif': ** cmd error: unknown command 'no_such_command'"),
        ("strash", "ABC wrote no 'out.blif'"),
        ("!touch pwned", "'!touch pwned' is no command that may be given to ABC"),
        ("source x;quit", "'source x;quit' is no command that may be given to ABC"),
    ],
)
def test_abc_failures_are_said(command: str, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        run_abc([command], {}, ["out.blif"])
    assert str(caught.value).startswith(message)


def test_abc_time_limit() -> None:
    with pytest.raises(ToolError, match=r"^ABC was ended by its time limit of 0\.5 s$"):
        run_abc(["gen -N 64 -m big.blif", "read_blif big.blif", "strash", *["dch"] * 50], {}, [], Limits(0.5))


def test_a_failed_job_does_not_disturb_the_next_one() -> None:
    before = job(1)
    with pytest.raises(ToolError):
        run_yosys(["no_such_pass"], {}, [])
    assert job(1) == before


def test_time_limit() -> None:
    with pytest.raises(ToolError, match=r"^Yosys was ended by its time limit of 0\.5 s$"):
        run_yosys(COMMANDS, {"m.v": HUGE}, [], Limits(seconds=0.5))


def test_memory_limit() -> None:
    with pytest.raises(ToolError, match=r"^Yosys was ended by its memory limit of 400 MB$"):
        run_yosys(COMMANDS, {"m.v": HUGE}, [], Limits(memory_mb=400))


@pytest.mark.parametrize(
    "command",
    [
        "exec -- touch pwned", "script x.ys", "tcl x", "shell", "plugin -i x", "! touch pwned", "", " ",
        "read_verilog m.v; shell", "read_verilog m.v\nshell",
        'read_verilog "m.v"', "read_verilog /etc/passwd",
        "read_verilog ../m.v", "read_verilog `ls`", "write_json >x", "rename \\a b", "abc  -g AND",
    ],
)  # fmt: skip
def test_refuses_unsafe_commands(command: str) -> None:
    with pytest.raises(ToolError, match="is no command that may be given to Yosys"):
        run_yosys([command], {}, [])


@pytest.mark.parametrize(
    "name", ["../x", "/x", "", ".", "a b", "a;b", "a\n", "-x", ".hidden", "yosys.log", "x" * 101]
)
def test_refuses_unsafe_file_names(name: str) -> None:
    with pytest.raises(ToolError, match="is no file name that may be given to Yosys"):
        run_yosys([], {name: b""}, [])
    with pytest.raises(ToolError, match="is no file name that may be given to Yosys"):
        run_yosys([], {}, [name])


def test_missing_pyosys_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyosys.py").write_text("raise ImportError('no pyosys here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(yosys, "_HOLDER", yosys._Holder())
    with pytest.raises(ToolError, match=r"pyosys cannot be imported: no pyosys here \(install it"):
        run_yosys([], {}, [])


def test_a_killed_server_is_replaced() -> None:
    expected = job(2)
    server = yosys._HOLDER.get()
    server._process.kill()
    server._process.wait()
    assert job(2) == expected
    assert not Path(server.folder).exists()


ENDLESS = """
import sys
from mulsmith.circuits.yosys import _HOLDER, run_yosys
server = _HOLDER.get()
print(server._process.pid, server.folder, flush=True)
run_yosys({commands!r}, {{"m.v": {text!r}}}, [])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_the_asking_process_is_killed(ending: signal.Signals) -> None:
    code = ENDLESS.format(commands=COMMANDS, text=HUGE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=environment, text=True) as asking:  # fmt: skip
        assert asking.stdout is not None
        server, folder = asking.stdout.readline().split()
        family = wait_for(lambda: descendants(int(server)) if len(descendants(int(server))) >= 2 else set())
        assert len(family) >= 2
        asking.send_signal(ending)
    left = family | {int(server)}
    assert wait_for(lambda: not {pid for pid in left if running(pid)})
    assert not Path(folder).exists()


def test_ending_a_thread_does_not_end_the_server() -> None:
    results: list[bytes] = []
    thread = threading.Thread(target=lambda: results.append(job(3)))
    thread.start()
    thread.join()
    assert results == [job(3)]


def wait_for(condition):  # type: ignore[no-untyped-def]
    """Return what ``condition`` returns as soon as that is true, or at last after 20 s."""
    deadline = time.monotonic() + 20
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> set[int]:
    """All processes below ``pid``."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found |= {child} | descendants(child)
    return found
