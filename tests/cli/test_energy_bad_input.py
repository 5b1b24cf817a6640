"""``mulsmith energy`` with bad input: one error with file, line, cause and remedy, and exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.energy.small import TINY

from mulsmith.cli import run

LAYERS = "name: n\nsource: s\nlayers:\n  - {name: a, kind: linear, features: [6, 4]}\n"
TABLE = "name: t\nsource: s\nentries:\n" + "".join(
    f"  - {{match: {match}, action: {action}, pj: 1, source: s}}\n"
    for match in ("dram", "sram", "regfile")
    for action in ("read", "write")
)
REST = "  - {match: noc, action: hop, pj: 0, source: s}\n  - {match: adder, action: add, pj: 1, source: s}\n"


class Files:
    """An accelerator, a network and a table as files, and the command on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.accelerator, self.network, self.table = (
            folder / f"{name}.yaml" for name in ("accelerator", "network", "table")
        )
        self.accelerator.write_text(TINY)
        self.network.write_text(LAYERS)
        self.table.write_text(TABLE + REST)
        self.capsys = capsys

    def run(self, *options: str) -> tuple[int, str, str]:
        """Return (exit code, stdout, stderr)."""
        command = ["energy", str(self.network), "--accelerator", str(self.accelerator)]
        command += ["--assign", "mul8x8u_dadda", "--table", str(self.table), "--band", str(self.table)]
        code = run([*command, *options])
        return code, *self.capsys.readouterr()

    def fault(self, *options: str) -> str:
        """Return the error of a command that must fail, on one line."""
        code, out, err = self.run(*options)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        return " ".join(err.split())


@pytest.fixture
def files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Files:
    return Files(tmp_path, capsys)


def test_the_files_themselves_are_good(files: Files) -> None:
    code, out, _ = files.run("--json")
    assert code == 0
    assert json.loads(out)["layers"][0]["macs"] == 24


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("size: 3", "size: 0", 9, "greater than or equal to 1"),
        ("size: 3", "size: -3", 9, "greater than or equal to 1"),
        ("size: 3", "size: 3, bandwidth: 0", 9, "greater than 0"),
        ("bytes: 14", "bytes: 14, read_bandwidth: 0", 8, "greater than 0"),
        ("bytes: 14", "bytes: -14", 8, "greater than or equal to 1"),
        ("width_bits: 16", "width_bits: 0", 12, "greater than or equal to 1"),
        ("clock_mhz: 100", "clock_mhz: -1", 4, "greater than 0"),
        ("storage: buffer,", "storage: buffer, inside: nowhere,", 8, "inside nowhere, which is no level"),
        ("storage: buffer,", "storage: buffer, inside: psum_spad,", 8, "cycle among buffer"),
        ("bytes: 14, width_bits: 8", "bytes: 1, width_bits: 16", 8, "too small for one word of inputs"),
        ("hierarchy:", "pe_kinds: {arrangement: piles}\nhierarchy:", 6, "'tiles' or 'side_by_side'"),
    ],
)
def test_inconsistent_accelerators(files: Files, old: str, new: str, line: int, message: str) -> None:
    assert old in TINY
    files.accelerator.write_text(TINY.replace(old, new, 1))
    fault = files.fault()
    assert message in fault
    assert f"accelerator.yaml:{line}" in fault.replace(" ", "")


def test_a_layer_that_cannot_be_mapped(files: Files) -> None:
    files.accelerator.write_text(TINY.replace("bytes: 14", "bytes: 1"))
    fault = files.fault()
    assert "layer a cannot be mapped on tiny: buffer has 1 rows of 8 bits" in fault
    assert "give the storage more bytes" in fault


def test_a_table_without_an_entry(files: Files) -> None:
    files.table.write_text(TABLE)
    fault = files.fault()
    assert "table t has no entry for hop of pes" in fault
    assert "add the entry" in fault


def test_nodes_that_are_mixed_without_saying_so(files: Files) -> None:
    files.table.write_text((TABLE + REST).replace("action: read,", "action: read, technology_nm: 65,"))
    fault = files.fault()
    assert "mixes 45 nm, 65 nm" in fault
    assert "mixed_nodes" in fault


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("{name: a, kind: linear, features: [0, 4]}", "greater than or equal to 1"),
        ("{name: a, kind: linear, features: [6, -4]}", "greater than or equal to 1"),
        ("{name: a, kind: linear, features: [16777217, 4]}", "less than or equal to 16777216"),
        (
            "{name: a, kind: matmul, heads: 1048576, rows: 1048576, inner: 1048576, columns: 2}",
            "more than",
        ),
        ("{name: a, kind: conv, input: [4, 4], channels: [1, 1], kernel: [5, 5]}", "larger than the padded"),
    ],
)
def test_layers_of_impossible_sizes(files: Files, layer: str, message: str) -> None:
    files.network.write_text(f"name: n\nsource: s\nlayers:\n  - {layer}\n")
    assert message in files.fault()


def test_huge_layers_stop_at_the_time_limit_and_say_so(files: Files) -> None:
    huge = "{name: a, kind: conv, input: [4093, 4093], channels: [997, 997], kernel: [3, 3]}"
    files.network.write_text(f"name: n\nsource: s\nlayers:\n  - {huge}\n")
    code, out, _ = files.run("--accelerator", "eyeriss-like", "--time-limit", "0.01")
    assert code == 0
    assert "the mapping is the best found so far, not proven best, for a" in out
    for limit in ("0", "-1", "soon"):
        assert "--time-limit" in files.fault("--time-limit", limit)


def test_batches_that_are_none(files: Files) -> None:
    for batch in ("0", "-1", "65537"):
        assert "--batch" in files.fault("--batch", batch)
