"""Wrong specifications, tables, networks, mappings: each gives one clear error with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.assignment import read_assignment
from mulsmith.energy.counting import evaluate
from mulsmith.energy.documents import parse_document
from mulsmith.energy.mapping import Loop, Mapping, parse_mapping, parse_mapping_yaml, read_mapping
from mulsmith.energy.networks import NetworkDocument, load_network
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import Layer, Workload
from mulsmith.errors import ConfigError

from .small import TINY, tiny

LAYER = Layer("conv", M=4, C=2, P=3)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("size: 3", "size: 0", 9, "greater than or equal to 1"),
        ("size: 3", "size: -3", 9, "greater than or equal to 1"),
        ("size: 3", "size: three", 9, "valid integer"),
        ("bytes: 14", "bytes: 0", 8, "greater than or equal to 1"),
        ("bytes: 14, width_bits: 8", "bytes: 1, width_bits: 16", 8, "too small for one word of inputs"),
        ("bytes: 14, ", "", 8, "buffer is a sram and needs its size in bytes"),
        ("bytes: 14", "bytes: 14, colour: red", 8, "Extra inputs are not permitted"),
        ("width_bits: 16", "width_bits: 8", 12, "a word of outputs is wider than the port of psum_spad"),
        ("keep: [weights]", "keep: [wheat]", 11, "Input should be 'weights', 'inputs' or 'outputs'"),
        ("keep: [weights]", "keep: []", 11, "must keep one tensor or more"),
        ("keep: [weights]", "keep: [weights], may_bypass: [inputs]", 11, "keeps not all of what may bypass"),
        ("clock_mhz: 100", "clock_mhz: 0", 4, "greater than 0"),
        ("inputs: 8, outputs: 8}\nh", "inputs: 8}\nh", 5, "bits must name weights, inputs, outputs"),
        ("storage: weight_spad", "storage: buffer", 11, "two levels are named buffer"),
        ("storage: dram, kind: dram", "storage: dram, kind: dram, bytes: 8", 7, "without size limit"),
        ("storage: buffer,", "storage: buffer, inside: nowhere,", 8, "inside nowhere, which is no level"),
        ("storage: buffer,", "storage: buffer, inside: psum_spad,", 8, "cycle among buffer"),
        ("storage: psum_spad,", "storage: psum_spad, inside: pes,", 12, "directly inside pes: no chain"),
        ("name: tiny", "name: tiny\nname: again", 3, "the key name appears twice"),
        ("source: test", "source: [unclosed", None, "not valid YAML"),
        ("dims: [M, P, C]", "dims: [X]", 9, "Input should be 'N'"),
    ],
)
def test_accelerators(old: str, new: str, line: int | None, message: str) -> None:
    assert old in TINY
    with pytest.raises(ConfigError, match=message) as caught:
        parse_document(Accelerator, TINY.replace(old, new, 1), path="tiny.yaml")
    assert caught.value.path == "tiny.yaml"
    assert caught.value.exit_code == 2
    if line is not None:
        assert caught.value.line == line


def test_levels_may_be_written_in_any_order_with_inside() -> None:
    lines = TINY.replace("storage: buffer,", "storage: buffer, inside: dram,").splitlines()
    lines = [line.replace("array: pes,", "array: pes, inside: buffer,") for line in lines]
    lines = [line.replace("storage: input_spad,", "storage: input_spad, inside: pes,") for line in lines]
    dram, buffer = lines[7], lines[8]
    lines[7], lines[8] = buffer, dram
    moved = parse_document(Accelerator, "\n".join(lines))
    assert [level.name for level in moved.hierarchy] == [level.name for level in tiny().hierarchy]


def test_unknown_names_say_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"no accelerator named nothing .*eyeriss-like"):
        Accelerator.load("nothing")
    with pytest.raises(ConfigError, match=r"no network named nothing .*resnet20"):
        load_network("nothing")
    with pytest.raises(ConfigError, match=r"no energy table named nothing .*cacti45"):
        EnergyTable.load("nothing")
    with pytest.raises(ConfigError, match="cannot read"):
        Accelerator.load("missing.yaml")


def test_files_that_are_not_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    for content, message in (
        (b"", "empty"),
        (b"\xff\xfe\x00", "cannot read"),
        (b"a: &x [1]\nb: *x\n", "aliases"),
        (b"- 1\n", "valid dictionary"),
        (b"!!python/object/apply:os.system ['true']\n", "valid dictionary|not valid YAML"),
        (b"[" * 5000, "not valid YAML|nested too deeply"),
    ):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=message):
            Accelerator.load(path)


def table(entries: str, head: str = "") -> EnergyTable:
    return parse_document(EnergyTable, f"name: t\nsource: s\n{head}entries:\n{entries}")


FULL = "".join(
    f"  - {{match: {match}, action: {action}, pj: 1, source: s}}\n"
    for match in ("dram", "sram", "regfile")
    for action in ("read", "write")
)
REST = "  - {match: noc, action: hop, pj: 0, source: s}\n  - {match: adder, action: add, pj: 1, source: s}\n"


def test_tables() -> None:
    accelerator = tiny()
    assert make_prices(accelerator, table(FULL + REST)).add_pj == 1
    with pytest.raises(ConfigError, match=r"no entry for hop of pes or noc\.weights or noc"):
        make_prices(accelerator, table(FULL))
    with pytest.raises(ConfigError, match="covers read of buffer from 100 to 200 bytes, not 14"):
        sized = FULL.replace("{match: sram, action: read", "{bytes: 100, match: sram, action: read")
        more = "  - {match: sram, action: read, pj: 1, bytes: 200, source: s}\n"
        make_prices(accelerator, table(sized + more + REST))
    with pytest.raises(ConfigError, match="two entries for read of dram"):
        table(FULL + FULL)
    with pytest.raises(ConfigError, match="greater than or equal to 0"):
        table("  - {match: dram, action: read, pj: -1, source: s}\n")
    with pytest.raises(ConfigError, match="multiples of a multiply-accumulate"):
        make_prices(accelerator, table(FULL + REST, "unit: mac\n"))


def test_nodes_are_not_mixed_silently() -> None:
    accelerator = tiny()
    mixed = FULL.replace("sram, action: read,", "sram, action: read, technology_nm: 45,")
    mixed = mixed.replace("regfile, action: read,", "regfile, action: read, technology_nm: 65,")
    with pytest.raises(ConfigError, match="mixes 45 nm, 65 nm"):
        make_prices(accelerator, table(mixed + REST))
    assert make_prices(accelerator, table(mixed + REST, "mixed_nodes: because\n")).table == "t"
    with pytest.raises(ConfigError, match="mixes 45 nm, 65 nm"):
        make_prices(accelerator, EnergyTable.load("eyeriss65"), multiplier_nm=45)


@pytest.mark.parametrize(
    ("layer", "line", "message"),
    [
        ("{name: a, kind: linear, features: [0, 3]}", 4, "greater than or equal to 1"),
        (
            "{name: a, kind: conv, input: [2, 2], channels: [1, 1], kernel: [5, 5]}",
            4,
            "larger than the padded",
        ),
        (
            "{name: a, input: [9, 9], channels: [3, 4], kernel: [1, 1], kind: conv, groups: 2}",
            4,
            "do not divide",
        ),
        ("{name: a, kind: pool}", 4, "expected tags"),
    ],
)
def test_networks(layer: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_document(NetworkDocument, f"name: n\nsource: s\nlayers:\n  - {layer}\n")
    assert caught.value.line == line


def test_layers() -> None:
    with pytest.raises(ConfigError, match="P = 0 is outside"):
        Layer("a", P=0)
    with pytest.raises(ConfigError, match="more than"):
        Layer("a", M=1 << 24, C=1 << 24, P=1 << 24)
    with pytest.raises(ConfigError, match="two layers named a"):
        Workload("n", (Layer("a"), Layer("a")))
    with pytest.raises(ConfigError, match="no layer"):
        Workload("n", ())


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("dram [ ]\n| for Z in [0:4)\n", 2, "no dimension Z"),
        ("nowhere [ ]\n", 1, "no level nowhere"),
        ("| for M in [0:4)\n", 1, "before the first level"),
        ("dram [ ]\n| while M\n", 2, "not a line of a loop nest"),
        ("dram [ ]\n| for M in [0:0)\n", 2, "without iterations"),
    ],
)
def test_loop_nests(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_mapping(text, tiny(), path="map.txt")
    assert (caught.value.path, caught.value.line) == ("map.txt", line)


def test_mapping_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no level nowhere"):
        parse_mapping_yaml("levels:\n- {level: nowhere}\n", tiny())
    with pytest.raises(ConfigError, match="cannot read"):
        read_mapping(tmp_path / "missing.txt", tiny())


@pytest.mark.parametrize(
    ("loops", "message"),
    [
        ({}, "leaves 4 iterations of M"),
        ({"dram": "MCP", "pes": "M"}, "takes spatial loops"),
        ({"psum_spad": "MCP"}, "needs"),
    ],
)
def test_mappings_that_do_not_fit(loops: dict[str, str], message: str) -> None:
    accelerator = tiny()
    levels = tuple(
        (level.name, tuple(Loop(dim, 1) for dim in loops.get(level.name, "")))  # type: ignore[arg-type]
        for level in accelerator.hierarchy
    )
    with pytest.raises(ConfigError, match=message):
        evaluate(accelerator, LAYER, Mapping(levels))


def test_too_many_instances_and_forbidden_bypass() -> None:
    accelerator = tiny()
    text = "pes [ ]\n| for M in [0:4) (Spatial-X)\npsum_spad [ ]\n| for C in [0:2)\n| for P in [0:3)\n"
    with pytest.raises(ConfigError, match="pes has 3 instances, but the mapping uses 4"):
        evaluate(accelerator, LAYER, parse_mapping(text, accelerator))
    mapping = Mapping(
        tuple((level.name, ()) for level in accelerator.hierarchy), frozenset({("buffer", "inputs")})
    )
    with pytest.raises(ConfigError, match="must keep inputs"):
        mapping.check(accelerator, LAYER)


def test_assignment_files(tmp_path: Path) -> None:
    workload = Workload("n", (Layer("a"), Layer("b")))
    path = tmp_path / "assignment.json"
    path.write_text('{"a": "x", "*": "y"}')
    assert read_assignment(path, workload) == {"a": "x", "b": "y"}
    path.write_text('{"a": "x"}')
    with pytest.raises(ConfigError, match="leaves out b"):
        read_assignment(path, workload)
    path.write_text('{"c": "x", "*": "y"}')
    with pytest.raises(ConfigError, match="no layer named c"):
        read_assignment(path, workload)
    path.write_text('{"a": 3}')
    with pytest.raises(ConfigError, match="valid string"):
        read_assignment(path, workload)


def test_levels_that_cannot_change_places() -> None:
    accelerator, layer = tiny(), Layer("one", M=2)
    names = [level.name for level in accelerator.hierarchy]
    assert evaluate(accelerator, layer, _nest(names)).macs == 2
    for first, second in (("psum_spad", "input_spad"), ("psum_spad", "weight_spad")):
        moved = _swapped(names, first, second)
        assert evaluate(accelerator, layer, _nest(moved)).macs == 2
    for first, second in (("pes", "input_spad"), ("buffer", "psum_spad"), ("dram", "buffer")):
        with pytest.raises(ConfigError, match="cannot stand outside"):
            evaluate(accelerator, layer, _nest(_swapped(names, first, second)))
    with pytest.raises(ConfigError, match="the mapping has levels"):
        evaluate(accelerator, layer, _nest(names[1:]))


def _swapped(names: list[str], first: str, second: str) -> list[str]:
    return [{first: second, second: first}.get(name, name) for name in names]


def _nest(names: list[str]) -> Mapping:
    return Mapping(tuple((name, (Loop("M", 1),) if name == "psum_spad" else ()) for name in names))
