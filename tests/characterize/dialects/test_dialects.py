"""Table formats: exact index orders with an asymmetric circuit, round trips, and what is refused."""

import io
import pickle
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.characterize.dialects import DIALECTS, find_dialect, read_table
from mulsmith.characterize.dialects.shape import Shape
from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError, LutError

ONLY_8X8 = {"tf-approximate", "approxtorch"}


def _asymmetric(a_bits: int, b_bits: int, signed: bool, seed: int = 0) -> Lut:
    """A table that differs from its transpose, from its mirror images and from the exact product."""
    out_bits = a_bits + b_bits
    low = -(1 << (out_bits - 1)) if signed else 0
    size = (1 << a_bits, 1 << b_bits)
    table = np.random.default_rng(seed).integers(low, low + (1 << out_bits), size, dtype=np.int64)
    return Lut(table.astype(np.int32), a_bits, b_bits, signed)


@pytest.mark.parametrize("signed", [False, True])
def test_tf_approximate_has_the_second_operand_as_row(signed: bool) -> None:
    lut = _asymmetric(8, 8, signed)
    data = DIALECTS["tf-approximate"].write(lut, "m")
    assert len(data) == 131_072
    a, b = 200, 3
    word = int.from_bytes(data[2 * (256 * b + a) : 2 * (256 * b + a) + 2], "little", signed=signed)
    assert word == lut.table[a, b]


def test_torch_approx_is_indexed_by_twos_complement_codes() -> None:
    lut = _asymmetric(8, 8, True)
    table = np.load(io.BytesIO(DIALECTS["torch-approx"].write(lut, "m")))
    assert table.dtype == np.int32
    assert table[-5 & 0xFF, 7] == lut.table[251, 7]


def test_approxtorch_rows_and_columns_are_offset_by_128() -> None:
    lut = _asymmetric(8, 8, True)
    table = np.loadtxt(io.BytesIO(DIALECTS["approxtorch"].write(lut, "m")), dtype=int)
    for a, b in ((-128, 127), (-5, 7), (0, -1), (127, -128)):
        assert table[a + 128, b + 128] == lut.table[a & 0xFF, b & 0xFF]


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_the_c_header_compiles_and_answers(tmp_path: Path) -> None:
    lut = _asymmetric(5, 3, True)
    (tmp_path / "m.h").write_bytes(DIALECTS["c-header"].write(lut, "m"))
    (tmp_path / "main.cpp").write_text(
        '#include "m.h"\n#include <cstdio>\n'
        'int main() { for (auto& row : m) for (auto v : row) std::printf("%d ", v); }\n'
    )
    subprocess.run(["g++", "-o", tmp_path / "main", tmp_path / "main.cpp"], check=True)
    out = subprocess.run([tmp_path / "main"], check=True, capture_output=True, text=True).stdout
    assert np.array_equal(np.array(out.split(), dtype=int).reshape(32, 8), lut.table)


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="needs iverilog")
def test_icarus_loads_the_memory_image(tmp_path: Path) -> None:
    lut = _asymmetric(4, 3, True)
    (tmp_path / "m.mem").write_bytes(DIALECTS["readmemh"].write(lut, "m"))
    (tmp_path / "t.v").write_text(
        "module t; reg signed [6:0] m [0:127]; reg [3:0] a; reg [2:0] b; integer i;\n"
        'initial begin $readmemh("m.mem", m); for (i = 0; i < 128; i = i + 1) begin\n'
        '  a = i >> 3; b = i; $display("%0d", m[{a, b}]); end end\nendmodule\n'
    )
    subprocess.run(["iverilog", "-o", "t", "t.v"], check=True, cwd=tmp_path)
    out = subprocess.run(["vvp", "-n", "t"], check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert np.array_equal(np.array(out.split(), dtype=int).reshape(16, 8), lut.table)


@settings(deadline=None, max_examples=30)
@given(
    name=st.sampled_from(sorted(DIALECTS)),
    a_bits=st.integers(1, 9),
    b_bits=st.integers(1, 6),
    signed=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_what_is_written_is_read_back(name: str, a_bits: int, b_bits: int, signed: bool, seed: int) -> None:
    if name in ONLY_8X8:
        a_bits = b_bits = 8
        signed = signed or name == "approxtorch"
    lut = _asymmetric(a_bits, b_bits, signed, seed)
    dialect = DIALECTS[name]
    assert dialect.read(dialect.write(lut, "m"), Shape(a_bits, b_bits, signed)) == lut


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(sorted(DIALECTS)), data=st.binary(max_size=400))
def test_noise_is_refused_as_such(name: str, data: bytes) -> None:
    with pytest.raises(LutError):
        DIALECTS[name].read(data, Shape(8, 8, True))


def _npy(array: np.ndarray, pickled: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=pickled)
    return buffer.getvalue()


_NUMBERS = "\n".join(" ".join(["1"] * 256) for _ in range(256))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("tf-approximate", b"\0" * 131_071, "the file has 131071 bytes, but tf-approximate needs 131072"),
        (
            "torch-approx",
            _npy(np.zeros((256, 256), np.int16)),
            "the array has dtype int16, but int32 is",
        ),
        ("torch-approx", _npy(np.zeros((256, 16), np.int32)), "the table is 256 x 16, but 256 x 256 entries"),
        ("torch-approx", _npy(np.array([{}]), True), "no plain .npy array (Object arrays cannot be loaded"),
        ("torch-approx", pickle.dumps([1, 2]), "the file is no plain .npy array"),
        ("torch-approx", _npy(np.zeros((256, 256), np.int32)) + b"x", "goes on behind its array"),
        (
            "torch-approx",
            _npy(np.full((256, 256), 40_000, np.int32)),
            "40000 does not fit into 16 signed",
        ),
        ("approxtorch", b"1 2 3\n", "this line holds 3 products, but 256 are needed"),
        ("approxtorch", _NUMBERS[:-512].encode(), "the file has 255 lines of products, but 256 are needed"),
        ("approxtorch", b"1 x\n", "this line holds something else than integers"),
        ("approxtorch", b"\xff\xfe", "the file is no ASCII text (byte 0)"),
        ("c-header", b"int m[2][2] = {{1, 2}, {3, 4}};", "the array is 2 x 2, but 256 x 256 products"),
        ("c-header", b"int m[256][256] = {{1}};", "the array holds 1 of 65536 products"),
        ("c-header", b"int m;", "the header holds 0 two-dimensional arrays, but one is needed"),
        ("readmemh", b"12 xz", "'xz' is no hexadecimal number"),
        ("readmemh", b"12 34", "65534 of 65536 words are missing"),
        ("readmemh", b"@10000 00", "a word for address 65536, but there are 65536 words"),
        ("readmemh", b"12345", "the word 12345 does not fit into 16 bits"),
    ],
)
def test_wrong_files_are_refused_with_their_cause(
    name: str, data: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "table"
    path.write_bytes(data)
    with pytest.raises(LutError, match=re.escape(message)) as caught:
        read_table(path, find_dialect(name), Shape(8, 8, True))
    assert caught.value.path == str(path)


def test_formats_of_one_width_refuse_others() -> None:
    with pytest.raises(LutError, match="takes 8x8 bits only, not 8x4"):
        DIALECTS["tf-approximate"].write(Lut.exact(8, 4, False), "m")
    with pytest.raises(LutError, match="signed tables only"):
        DIALECTS["approxtorch"].write(Lut.exact(8, 8, False), "m")


def test_memory_images_of_other_tools_are_understood() -> None:
    lut = DIALECTS["readmemh"].read(b"// image\n@2 3 /* two\nlines */ 0_1\n@0\n0 2\n", Shape(1, 1, False))
    assert lut.table.tolist() == [[0, 2], [3, 1]]


def test_unknown_formats_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose from tf-approximate"):
        find_dialect("excel")
    with pytest.raises(LutError, match="No such file"):
        read_table(tmp_path / "no", find_dialect("readmemh"), Shape(8, 8, True))
