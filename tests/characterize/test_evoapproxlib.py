"""All of EvoApproxLib's 239 files: every header figure reproduced, samples judged by Icarus."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize.header import read_printed
from mulsmith.characterize.library import Library
from mulsmith.characterize.lut import operand_values
from mulsmith.characterize.pipeline import characterize

FIGURES = ("mae", "mae_percent", "wce", "wce_percent", "wcre_percent", "ep_percent", "mre_percent", "mse")

# Slips of the headers: figure -> file -> (as printed, true value). The MAE of 1KRC is cut off, not rounded;
# the MAE % of 1KVA and 1KVB are computed from a cut-off MAE (1.2 / 2**16 and 4.2 / 2**16).
SLIPS = {
    ("mae", "mul8s_1KRC"): ("36", 36.53515625),
    ("mae", "mul8s_1KRC_pdk45"): ("36", 36.53515625),
    ("mae_percent", "mul8s_1KVA"): ("0.0018", 0.0019073486328125),
    ("mae_percent", "mul8s_1KVA_pdk45"): ("0.0018", 0.0019073486328125),
    ("mae_percent", "mul8s_1KVB"): ("0.0064", 0.0064849853515625),
    ("mae_percent", "mul8s_1KVB_pdk45"): ("0.0064", 0.0064849853515625),
}


@pytest.fixture(scope="module")
def library(evoapproxlib: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("evoapproxlib")
    outcome = characterize([evoapproxlib], folder)
    assert outcome.failures == []
    assert outcome.computed == 239
    return Library.open(folder)


def test_every_file_has_a_record_and_every_function_one_table(library: Library) -> None:
    assert len(library) == 239
    assert len(library.functions()) == len(list(library.folder.rglob("*.npz")))
    assert ["mul8s_1KR3", "mul8s_1KR3_pdk45"] in library.functions()


def test_header_figures_are_reproduced_to_the_printed_digit(library: Library, evoapproxlib: Path) -> None:
    slips = {}
    for document in library.documents():
        printed = read_printed((evoapproxlib / document["source"]).read_text())
        assert printed.keys() == {*FIGURES, "power_mw", "area_um2", "delay_ns"}
        assert document["reported"] == {name: figure.value for name, figure in printed.items()}
        for name in FIGURES:
            value = document["errors"][name]
            if not printed[name].agrees(value):
                slips[name, document["name"]] = (printed[name].text, value)
    assert slips == SLIPS


def test_signedness_follows_the_header_figures(library: Library) -> None:
    for document in library.documents():
        assert document["signed"] == document["source"].startswith("8x8_signed/")
    reasons = {document["provenance"]["signed_because"] for document in library.documents()}
    assert "reproduces the error figures of the file's header" in reasons


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="needs iverilog")
@pytest.mark.parametrize("name", ["mul8s_1KRC", "mul8u_DM1", "mul8x3u_0KE"])
def test_tables_equal_a_simulation_by_icarus(
    library: Library, evoapproxlib: Path, name: str, tmp_path: Path
) -> None:
    record = library[name]
    a_bits, b_bits = record.lut.a_bits, record.lut.b_bits
    top = (a_bits - 1, b_bits - 1, a_bits + b_bits - 1)
    (tmp_path / "bench.v").write_text(
        f"module bench; reg [{top[0]}:0] a; reg [{top[1]}:0] b; wire [{top[2]}:0] o; integer i, j;\n"
        f"{name} dut(a, b, o);\n"
        f"initial for (i = 0; i < {1 << a_bits}; i = i + 1) for (j = 0; j < {1 << b_bits}; j = j + 1)\n"
        'begin a = i; b = j; #1 $display("%0d", o); end\nendmodule\n'
    )
    source = evoapproxlib / record.source
    subprocess.run(["iverilog", "-o", tmp_path / "t", tmp_path / "bench.v", source], check=True)
    out = subprocess.run(["vvp", "-n", tmp_path / "t"], check=True, capture_output=True, text=True).stdout
    codes = np.array(re.findall(r"\d+", out), dtype=np.int64)
    mask = (1 << (a_bits + b_bits)) - 1
    assert np.array_equal(codes.reshape(record.lut.table.shape), record.lut.table & mask)


def test_operand_order_is_that_of_the_ports(tmp_path: Path) -> None:
    (tmp_path / "first_minus.v").write_text(
        "// mulsmith: signed = false\n"
        "module asymmetric(input [7:0] P, input [7:0] Q, output [15:0] R);\n"
        "  assign R = {P, 8'b0} | {8'b0, ~Q};\nendmodule\n"
    )
    characterize([tmp_path], tmp_path / "lib")
    table = Library.open(tmp_path / "lib")["first_minus"].lut.table
    a, b = operand_values(8, False), operand_values(8, False)
    assert np.array_equal(table, np.add.outer(256 * a, 255 - b))
