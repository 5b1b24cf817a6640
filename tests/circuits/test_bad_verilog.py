"""Bad input: every golden file and every awkward file says exactly what is wrong with it, and where."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from mulsmith.circuits.frontend.source import MAX_BYTES
from mulsmith.circuits.netlist import Port
from mulsmith.circuits.verilog import parse_verilog, read_verilog
from mulsmith.errors import NetlistError

BAD = Path(__file__).resolve().parent.parent / "golden" / "bad"
MESSAGES = tomllib.loads((BAD / "messages.toml").read_text(encoding="utf-8"))
GOOD = "module m(input [1:0] a, input [1:0] b, output [3:0] z); assign z = a * b; endmodule\n"


def message(path: Path) -> str:
    with pytest.raises(NetlistError) as caught:
        read_verilog(path)
    return str(caught.value)


def test_every_golden_file_has_a_message() -> None:
    assert sorted(MESSAGES) == sorted(path.stem for path in BAD.glob("*.v"))
    assert len(MESSAGES) >= 60


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_golden_file(name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(BAD)
    before = sorted(path.name for path in Path().iterdir())
    assert message(Path(f"{name}.v")) == MESSAGES[name]
    assert sorted(path.name for path in Path().iterdir()) == before
    assert capfd.readouterr() == ("", "")


AWKWARD = {
    "binary": (b"\x7fELF\x02\x01\0\0\0", "is a binary file, not Verilog text"),
    "latin-1 header": (
        b"// Multiplizierer f\xfcr 8 Bit\n" + GOOD.encode(),
        "is not UTF-8 text (byte 0xfc) (save the file as UTF-8)",
    ),
    "utf-16": (GOOD.encode("utf-16"), "is a binary file, not Verilog text"),
    "zero bytes": (b"", "is empty"),
    "byte order mark only": (b"\xef\xbb\xbf", "is empty"),
    "control character": (
        GOOD.encode().replace(b"assign", b"\x1bassign"),
        "character '\\x1b' outside a comment",
    ),
    "too large": (b"//" + b"x" * MAX_BYTES, "is larger than 2048 KiB"),
    "module name with a semicolon": (b"module a;b(x); endmodule", "module 'b' is not defined in this file"),
    "module name with a newline": (b"module a\nb(x); endmodule", "syntax error near 'b'"),
    "deep parentheses": (
        GOOD.replace("a * b", "(" * 5000 + "a" + ")" * 5000).replace("(", "~(").encode(),
        "syntax error near '~'",
    ),
    "deep nesting": (
        GOOD.replace("a * b", "~(" * 5000 + "a" + ")" * 5000).encode(),
        "expression nested more than 100 levels",
    ),
    "many gates": (
        b"module m(input [31:0] a, input [31:0] b, output [31:0] z);\n"
        + b"".join(b"wire [2047:0] w%d = {64{a}} * {64{b}};\n" % i for i in range(3))
        + b"assign z = w0 ^ w1 ^ w2;\nendmodule\n",
        "the circuit has more than 200000 gates",
    ),
    "many instances": (
        b"".join(
            b"module t%d(input x, output y); wire p, q;\n"
            b"t%d u(x, p), v(x, q); assign y = p ^ q; endmodule\n" % (i, i + 1)
            for i in range(40)
        )
        + b"module t40(input x, output y); assign y = ~x; endmodule\n",
        "the circuit has more than 20000 instances",
    ),
}


@pytest.mark.parametrize("case", AWKWARD)
def test_awkward_content(case: str, tmp_path: Path) -> None:
    content, cause = AWKWARD[case]
    path = tmp_path / "bad.v"
    path.write_bytes(content)
    place, _, rest = message(path).partition(": ")
    assert place.split(":")[0] == str(path)
    assert rest == cause


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert message(tmp_path) == f"{tmp_path}: is a folder, not a Verilog file"
    assert message(tmp_path / "none.v") == f"{tmp_path / 'none.v'}: no such file"
    assert message(Path("a\0b.v")).endswith("cannot be read: embedded null byte")
    assert message(tmp_path / ("x" * 300)).endswith("cannot be read: File name too long")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "m.v"
    path.write_text(GOOD)
    path.chmod(0)
    assert message(path) == f"{path}: cannot be read: Permission denied"


@pytest.mark.parametrize(
    "name",
    [
        "two words.v",
        "a;b.v",
        'quote".v',
        "tick'.v",
        "new\nline.v",
        "-rf.v",
        "$(id).v",
        "m",
        "größe.v",
        "a#b.v",
    ],
)
def test_awkward_file_names_work(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(GOOD)
    assert read_verilog(path).inputs == (Port("a", 2), Port("b", 2))
    behavioural = GOOD.replace("output", "output reg").replace("assign", "always @*")
    path.write_text(behavioural)
    assert read_verilog(path).outputs == (Port("z", 4),)


def test_a_wrong_top_is_refused() -> None:
    with pytest.raises(NetlistError) as caught:
        parse_verilog(GOOD, path="m.v", top="mul;exec")
    assert str(caught.value) == "m.v: there is no module 'mul;exec' (the modules are m)"


def test_a_wrong_top_of_behavioural_text_is_refused() -> None:
    text = GOOD.replace("assign", "wire logic;;; assign")
    with pytest.raises(NetlistError, match="syntax error"):
        parse_verilog(text, top="mul;exec")
